"""Putting a post on Threads; see ``publishers.containers``."""

from publishers.containers import ThreadsPublisher

__all__ = ["ThreadsPublisher"]
