"""What the pretend Bluesky remembers beside its posts: names, contents, sessions.

Sources as in ``sandbox.bluesky_api``.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.store import Account, Media, Post, Store

POSTS = "app.bsky.feed.post"
ACCESS_LIFE = timedelta(hours=2)  # T: the server's own setting
REFRESH_LIFE = timedelta(days=60)  # T


def did_of(account: Account) -> str:
    """The lasting name of an account: 24 letters of base 32."""
    digest = hashlib.sha256(f"{account.handle.casefold()}".encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"


def cid_of(content: bytes) -> str:
    """A name made of the content; real ones hash the CBOR of it."""
    digest = hashlib.sha256(content).digest()
    return f"bafyrei{base64.b32encode(digest).decode().lower().rstrip('=')}"


def written(at: datetime) -> str:
    """UTC, milliseconds, ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class BlueskyRecords:
    """Record keys and records by post, uploaded files by their names, sessions."""

    keys: dict[int, str] = field(default_factory=dict)  # by post
    posts: dict[tuple[int, str], int] = field(default_factory=dict)  # author, key
    values: dict[int, dict[str, Any]] = field(default_factory=dict)  # by post
    # media by owner and cid: the same file of two accounts is two blobs
    blobs: dict[tuple[int, str], int] = field(default_factory=dict)
    tokens: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        for memory in (self.keys, self.posts, self.values, self.blobs, self.tokens):
            memory.clear()

    # records

    def name(self, post: Post, key: str, value: dict[str, Any]) -> None:
        """Keep under which key a post stands, and what was written."""
        self.keys[post.id] = key
        self.posts[post.author_id, key] = post.id
        self.values[post.id] = value

    def uri(self, post: Post, author: Account) -> str:
        """``at://did/collection/key``; a citizen's key is the number of the post."""
        return f"at://{did_of(author)}/{POSTS}/{self.keys.get(post.id, post.id)}"

    def find(self, uri: str, store: Store) -> Post | None:
        """The post of an address, while it stands."""
        did, _, rest = uri.removeprefix("at://").partition("/")
        collection, _, key = rest.partition("/")
        if collection != POSTS:
            return None
        for account in list(store.accounts.values()):
            if account.network == "bluesky" and did_of(account) == did:
                number = self.posts.get((account.id, key))
                if number is None and key.isdigit():
                    number = int(key)
                post = store.posts.get(number or 0)
                return post if post and post.author_id == account.id else None
        return None

    def value(self, post: Post, store: Store) -> dict[str, Any]:
        """A post as a record."""
        if post.id in self.values:
            return self.values[post.id]
        value: dict[str, Any] = {
            "$type": POSTS,
            "text": post.text,
            "createdAt": written(post.created_at),
            "langs": [post.draft.language],
        }
        parent = store.posts.get(post.draft.reply_to or 0)
        if parent is not None:
            root = store.posts.get(parent.conversation_id, parent)
            value["reply"] = {
                "root": self.strong(root, store),
                "parent": self.strong(parent, store),
            }
        return value

    def strong(self, post: Post, store: Store) -> dict[str, str]:
        """Address and content name of a post."""
        author = store.accounts[post.author_id]
        return {"uri": self.uri(post, author), "cid": self.cid(post, store)}

    def cid(self, post: Post, store: Store) -> str:
        return cid_of(json.dumps(self.value(post, store), sort_keys=True).encode())

    # files

    def blob(self, media: Media) -> dict[str, Any]:
        """An uploaded file as records refer to it."""
        cid = cid_of(media.content)
        self.blobs[media.owner_id, cid] = media.id
        return {
            "$type": "blob",
            "ref": {"$link": cid},
            "mimeType": media.media_type,
            "size": len(media.content),
        }

    # sessions

    def begin(self, account: Account, now: datetime) -> dict[str, str]:
        """Fresh tokens; they say by themselves when they end."""
        made = {}
        for name, life in (("accessJwt", ACCESS_LIFE), ("refreshJwt", REFRESH_LIFE)):
            ends = now + life
            told = {"exp": int(ends.timestamp()), "jti": secrets.token_hex(16)}
            middle = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
            made[name] = f"e30.{middle.rstrip('=')}.{secrets.token_urlsafe(24)}"
            self.tokens[made[name]] = (account.id, name, ends)
        return made

    def end_access(self) -> None:
        """Every access token is over from now on; refresh tokens are not."""
        for token, (number, name, _) in list(self.tokens.items()):
            if name == "accessJwt":
                self.tokens[token] = (number, name, datetime.min.replace(tzinfo=UTC))

    def account_of(
        self, token: str, kind: str, store: Store
    ) -> tuple[Account | None, bool]:
        """Whose token it is, and whether it is over."""
        number, name, ends = self.tokens.get(token, (0, "", store.now()))
        account = store.accounts.get(number)
        if account is None or name != kind or not account.secrets:
            return None, False
        return account, ends <= store.now()


def told_of(world_posts: Mapping[int, Post], me: Account) -> list[Post]:
    """Posts that an account is notified of, newest first."""
    found = [
        post
        for post in world_posts.values()
        if post.network == "bluesky"
        and post.author_id != me.id
        and (me.id in post.mentions or post.reply_author_id == me.id)
    ]
    return sorted(found, key=lambda post: post.id, reverse=True)
