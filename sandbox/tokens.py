"""Fresh tokens for an office's account, in the names that the real networks use."""

import secrets


def fresh_tokens(network: str, handle: str) -> dict[str, str]:
    """What an account on ``network`` signs in with."""
    made = {
        "mastodon": {"access_token": secrets.token_urlsafe(32)},
        "telegram": {"bot_token": _bot_token(), "channel": f"@{handle}"},
        "instagram": {"instagram_token": f"IGAA{secrets.token_hex(60)}"},
        "threads": {"threads_token": f"THAA{secrets.token_hex(60)}"},
        "facebook": {"page_token": f"EAA{secrets.token_hex(60)}"},
        "bluesky": {"identifier": handle, "app_password": _app_password()},
    }
    return made.get(network) or _of_x()


def _bot_token() -> str:
    number = 1_000_000_000 + secrets.randbelow(10**9)
    return f"{number}:{secrets.token_urlsafe(26)[:35]}"


def _app_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _of_x() -> dict[str, str]:
    return {
        "consumer_key": secrets.token_hex(12),
        "consumer_secret": secrets.token_hex(25),
        "access_token": f"{secrets.randbelow(10**18)}-{secrets.token_hex(20)}",
        "access_token_secret": secrets.token_hex(22),
    }
