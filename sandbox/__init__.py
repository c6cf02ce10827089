"""A small pretend social network and news site for trying out, training and tests.

Everything in it is invented. It speaks the real wire protocols on loopback: X API v2,
the Mastodon API, RSS and Atom. Start one with ``sandbox.site.Site`` or
``python -m sandbox``.
"""
