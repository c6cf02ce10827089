"""In: pages of what was said in public, with a cursor; one module a kind of source."""
