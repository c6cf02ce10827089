"""What a process keeps until it ends is no work for its garbage collector."""

import gc


def keep_for_good() -> None:
    """Take all that is loaded now out of the collector's rounds.

    A full round over the code, the tables and a language model holds every thread for
    more than 0.1 s, and so the page that somebody waits for; ``python -m bench.pages``
    shows it. Called once, when the last large thing is loaded.
    """
    gc.collect()
    gc.freeze()
