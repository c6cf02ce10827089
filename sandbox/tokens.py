"""Fresh tokens for an office's account, in the names that the real networks use."""

import secrets


def fresh_tokens(network: str, handle: str) -> dict[str, str]:
    """What an account on ``network`` signs in with."""
    match network:
        case "mastodon":
            return {"access_token": secrets.token_urlsafe(32)}
        case "telegram":
            number = 1_000_000_000 + secrets.randbelow(10**9)
            token = f"{number}:{secrets.token_urlsafe(26)[:35]}"
            return {"bot_token": token, "channel": f"@{handle}"}
        case "instagram":
            return {"instagram_token": f"IGAA{secrets.token_hex(60)}"}
        case "threads":
            return {"threads_token": f"THAA{secrets.token_hex(60)}"}
        case "facebook":
            return {"page_token": f"EAA{secrets.token_hex(60)}"}
    return {
        "consumer_key": secrets.token_hex(12),
        "consumer_secret": secrets.token_hex(25),
        "access_token": f"{secrets.randbelow(10**18)}-{secrets.token_hex(20)}",
        "access_token_secret": secrets.token_hex(22),
    }
