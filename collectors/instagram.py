"""Hearing on Instagram: comments below own posts, and answers to them."""

from collectors.below import BelowOwnPosts


class InstagramCollector(BelowOwnPosts):
    """Hears what is said below own posts; what the account says itself is not kept."""
