"""A small pretend social network and news site: for the demo, training and tests."""
