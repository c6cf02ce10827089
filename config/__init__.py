"""The outside world, read once: settings, logging, and facts as data."""
