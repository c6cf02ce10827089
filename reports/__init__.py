"""Documents made from numbers: one page for the chief, on screen, PDF and text."""
