"""``python -m sandbox --port N``: a sandbox in a process of its own."""

import argparse
import sys

from sandbox.site import Site


def main() -> None:
    """Serve until interrupted; the first line printed is the address."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A pretend social network and news site; everything is invented.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine")
    parser.add_argument("--dashboard-url", default="", help="shown as a link")
    given = parser.parse_args()
    site = Site.bind(given.host, given.port, dashboard_url=given.dashboard_url)
    sys.stdout.write(f"{site.url}\n")
    sys.stdout.flush()
    site.serve()


if __name__ == "__main__":
    main()
