"""A small pretend social network and news site for trying out, training and tests.

Everything in it is invented. It speaks the real wire protocols on loopback: X API v2,
the Mastodon API, Telegram's Bot API, Facebook, Instagram and Threads of Meta, RSS and
Atom. Start one in a thread with ``Site.start()`` of ``sandbox.site``, in a process of
its own with ``python -m sandbox`` or with ``Remote.start()`` of ``sandbox.remote``.
"""
