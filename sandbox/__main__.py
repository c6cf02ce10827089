"""``python -m sandbox --port N``: a sandbox in a process of its own."""

import argparse
import contextlib
import json
import sys
import threading

from sandbox.site import Site


def main() -> None:
    """Serve until interrupted.

    The first line printed is the address; with ``--story`` the second is JSON with the
    station's tokens by network.
    """
    given = _arguments()
    try:
        site = Site.bind(given.host, given.port, dashboard_url=given.dashboard_url)
    except OSError as error:
        sys.exit(f"cannot serve on {given.host}:{given.port}: {error.strerror}")
    sys.stdout.write(f"{site.url}\n")
    ended = threading.Event()
    if given.story:
        from sandbox import scenario

        tokens = scenario.seed(site)
        shown = {network: dict(each.secrets) for network, each in tokens.items()}
        sys.stdout.write(json.dumps(shown) + "\n")
        threading.Thread(
            target=scenario.play,
            args=(site, given.speed, ended),
            kwargs={"until_stopped": True},
            daemon=True,
        ).start()
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        site.serve()
    ended.set()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A pretend social network and news site; everything is invented.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine")
    parser.add_argument("--dashboard-url", default="", help="shown as a link")
    parser.add_argument(
        "--story", action="store_true", help="play the world of Polres Kota Sukamaju"
    )
    parser.add_argument(
        "--speed", type=float, default=0.1, help="story minutes in a second"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
