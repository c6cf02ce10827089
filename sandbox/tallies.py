"""What a crowd does with posts, counted without anybody in it."""

import threading
from collections import Counter
from collections.abc import Mapping


class Tallies:
    """How many more saw, liked, reposted or quoted each post."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_post: dict[int, Counter[str]] = {}

    def add(self, post_id: int, numbers: Mapping[str, int]) -> None:
        """Count ``views``, ``likes``, ``reposts`` or ``quotes`` of a post."""
        with self._lock:
            self._by_post.setdefault(post_id, Counter()).update(numbers)

    def of(self, post_id: int) -> Counter[str]:
        """What was counted; 0 for what was not."""
        with self._lock:
            return Counter(self._by_post.get(post_id))
