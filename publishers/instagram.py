"""Putting a post on Instagram; see ``publishers.containers``."""

from publishers.containers import InstagramPublisher

__all__ = ["InstagramPublisher"]
