"""One module per page: read, decide nothing, render."""
