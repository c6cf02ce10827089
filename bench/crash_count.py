"""What ``bench.crash`` counts: what was approved, against what stands outside."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stood:
    """One post, letter or event that stands outside."""

    network: str
    text: str
    to: str = ""  # whom a letter went to
    pictures: int = 0
    remote_id: str = ""  # where the network names its posts
    answers: str = ""  # the ``remote_id`` that it hangs below


@dataclass
class Said:
    """One announcement on one account: every text of it that was ever approved."""

    announcement: int
    account: int
    network: str
    versions: list[tuple[str, ...]]  # the posts of each, the newest last
    pictured: bool = False
    recipients: tuple[str, ...] = ("",)  # of letters; one nameless public elsewhere

    @property
    def posts(self) -> tuple[str, ...]:
        """What must stand: what was approved last."""
        return self.versions[-1]


@dataclass
class Count:
    """What went wrong, and what did not."""

    posts: int = 0  # that must stand
    doubled: int = 0
    lost: int = 0
    stale: int = 0  # stands though something else was approved in its place
    bare: int = 0  # stands without its picture
    loose: int = 0  # a later part of a thread that does not hang below the one before
    stuck: int = 0
    asked: int = 0
    threads: int = 0
    pictures: int = 0
    changed: int = 0
    found_by: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)  # what, in words

    @property
    def clean(self) -> bool:
        wrong = self.doubled + self.lost + self.stale + self.bare + self.loose
        return not (wrong or self.stuck)

    def add(self, kind: str, said: Said, text: str) -> None:
        """One more of ``doubled``, ``lost``, ``stale``, ``bare`` or ``loose``."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.wrong.append(f"{kind}: {said.network} {said.announcement} {text[:60]}")


class Public:
    """What stands, by network, text and recipient."""

    def __init__(self, stood: Iterable[Stood]) -> None:
        self._found: dict[tuple[str, str, str], list[Stood]] = defaultdict(list)
        for each in stood:
            self._found[each.network, each.text, each.to].append(each)

    def find(self, network: str, text: str, to: str = "") -> Sequence[Stood]:
        return self._found.get((network, text, to), ())


def count(said: Iterable[Said], public: Public) -> Count:
    """Hold everything that was approved against what stands."""
    total = Count()
    for each in said:
        total.threads += len(each.posts) > 1
        total.pictures += each.pictured
        total.changed += len(each.versions) > 1
        for to in each.recipients:
            _count_one(each, to, public, total)
    return total


def _count_one(said: Said, to: str, public: Public, total: Count) -> None:
    before = ""
    for number, text in enumerate(said.posts):
        total.posts += 1
        found = public.find(said.network, text, to)
        if not found:
            total.add("lost", said, text)
            continue
        if len(found) > 1:
            total.add("doubled", said, text)
        if number == 0 and said.pictured and found[0].pictures != 1:
            total.add("bare", said, text)
        if number > 0 and found[0].answers != before:
            total.add("loose", said, text)
        before = found[0].remote_id
    for text in {text for each in said.versions[:-1] for text in each}:
        if public.find(said.network, text, to):
            total.add("stale", said, text)
