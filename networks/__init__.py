"""How each network speaks: capabilities as data, and one client per account."""
