"""Out: an announcement's variant becomes calls to a network, and a receipt."""
