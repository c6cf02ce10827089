"""Numbers below a post on Bluesky (C: app.bsky.feed.defs#postView)."""

from sandbox.store import Post
from sandbox.world import World


def counts_of(world: World, post: Post) -> dict[str, int]:
    """How many answered, reposted, liked and quoted it."""
    tally = world.store.tallies.of(post.id)
    return {
        "replyCount": len(world.store.answers(post.id)),
        "repostCount": tally["reposts"],
        "likeCount": world.store.likes(post.id),
        "quoteCount": tally["quotes"],
    }
