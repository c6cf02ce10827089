"""In: pages of what was said in public, with a cursor; one module per kind of source."""
