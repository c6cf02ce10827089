"""Hearing on Threads: answers below the account's newest posts."""

from collectors.below import BelowOwnPosts


class ThreadsCollector(BelowOwnPosts):
    """Hears what is said below own posts; what the account says itself is not kept."""
