"""What redaction finds and leaves on the labelled set, and its speed.

    python -m bench.redact [--peer PYTHON] [--misses]

``--peer`` names an interpreter that has Obsei 1.1.1; its ``redact_text`` then reads the
same sentences in the same run. The frames of the set are dealt into two halves by
turns: recognisers are tuned on ``dev`` alone, ``held`` is read for its figures.

- recall: private words of which no letter or digit is left, of all private words;
- precision: places that were marked and hold private words, of all places marked; in
  the rows of our kinds, the mark must also name the kind;
- kept: money, hours and dates that stand as they were.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.private import EMAIL, LONG_NUMBER, PHONE, PLATE
from models.redaction import Private, redact

SET = Path(__file__).resolve().parent / "redaction" / "sentences.tsv"
KINDS = {
    "nik": Private.NIK,
    "kk": Private.FAMILY_CARD,
    "npwp": Private.TAX,
    "hp": Private.PHONE,
    "plat": Private.PLATE,
    "rek": Private.BANK,
    "alamat": Private.ADDRESS,
    "lp": Private.REPORT,
    "surel": Private.EMAIL,
}
KEPT = ("uang", "jam", "tgl")
_LABEL = re.compile(r"\{(\w+)\|([^}]*)\}")
_SHAPES = (EMAIL, LONG_NUMBER, PHONE, PLATE)
_RAW = re.compile("|".join(one.pattern for one in _SHAPES))
_PEER = """
import json, sys, time
from obsei.privacy.redact import redact_text
texts = json.load(sys.stdin)
[redact_text(one) for one in texts]
began = time.perf_counter()
read = [redact_text(one)[0] for one in texts]
json.dump([read, time.perf_counter() - began], sys.stdout)
"""
_PEER_MARK = re.compile(r"<[A-Z_]+>")
Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled line; places are (start, end, kind)."""

    text: str
    labels: tuple[Place, ...]
    held: bool

    def of(self, kinds: Iterable[str]) -> list[Place]:
        return [place for place in self.labels if place[2] in kinds]


def sentences() -> list[Sentence]:
    """Read the set."""
    frames: dict[str, int] = {}
    read = []
    for line in SET.read_text(encoding="utf-8").splitlines():
        marked = line.split("\t", 1)[1].replace("\\n", "\n")
        number = frames.setdefault(_LABEL.sub("{}", marked), len(frames))
        text, labels, at = "", [], 0
        for found in _LABEL.finditer(marked):
            text += marked[at : found.start()]
            labels.append((len(text), len(text) + len(found[2]), found[1]))
            text += found[2]
            at = found.end()
        read.append(Sentence(text + marked[at:], tuple(labels), number % 2 == 1))
    return read


def ours(text: str) -> list[Place]:
    """What our redaction marks."""
    return [(one.start, one.end, one.kind.value) for one in redact(text).spans]


def places_of(text: str, marked: str) -> list[Place]:
    """Where another's marks stand, told from its text."""
    parts = _PEER_MARK.split(marked)
    found = re.fullmatch(
        "(.+?)".join(re.escape(part) for part in parts), text, re.DOTALL
    )
    assert found, (text, marked)
    return [(*found.span(n), "") for n in range(1, len(parts))]


def hidden(text: str, label: Place, marks: Sequence[Place]) -> bool:
    """Whether no letter or digit of a label is left."""
    return all(
        any(start <= at < end for start, end, _ in marks)
        for at in range(label[0], label[1])
        if text[at].isalnum()
    )


def touching(label: Place, marks: Iterable[Place]) -> list[Place]:
    return [one for one in marks if one[0] < label[1] and label[0] < one[1]]


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "-"


def table(read: Sequence[Sentence], marks: Sequence[list[Place]], own: bool) -> None:
    """Print recall and precision by kind, and what was kept."""
    count: Counter[tuple[str, str]] = Counter()
    for one, made in zip(read, marks, strict=True):
        private = one.of(KINDS)
        for label in private:
            count["all", label[2]] += 1
            count["hidden", label[2]] += hidden(one.text, label, made)
        for mark in made:
            gold = {KINDS[label[2]].value for label in touching(mark, private)}
            count["marked", mark[2]] += 1
            count["right", mark[2]] += mark[2] in gold if own else bool(gold)
            count["any", ""] += bool(gold)
        for label in one.of(KEPT):
            count["all", label[2]] += 1
            count["kept", label[2]] += not touching(label, made)
    for name, kind in KINDS.items():
        found = share(count["hidden", name], count["all", name])
        line = f"  {kind.value:14} recall {found:18}"
        if own:
            value = kind.value
            line += f" precision {share(count['right', value], count['marked', value])}"
        print(line)
    whole = [sum(n for (what, k), n in count.items() if what == w and k in KINDS)
             for w in ("hidden", "all")]  # fmt: skip
    marked = sum(len(made) for made in marks)
    print(f"  {'together':14} recall {share(whole[0], whole[1]):18}", end=" ")
    print(f"precision {share(count['any', ''], marked)}")
    for name in KEPT:
        print(f"  {name:14} kept {share(count['kept', name], count['all', name])}")


def misses(read: Sequence[Sentence]) -> None:
    """Print what is wrong in the half that may be looked at."""
    for one in read:
        made = ours(one.text)
        private = one.of(KINDS)
        wrong = [label for label in private if not hidden(one.text, label, made)]
        for mark in made:
            gold = {KINDS[label[2]].value for label in touching(mark, private)}
            if mark[2] not in gold:
                wrong.append(mark)
        if wrong and not one.held:
            print([(one.text[a:b], kind) for a, b, kind in wrong], "|", one.text)


def seconds(act: Callable[[str], object], texts: Sequence[str]) -> float:
    """Seconds for one reading of all texts, the best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for text in texts:
            act(text)
        best = min(best, time.perf_counter() - began)
    return best


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peer", default="")
    options.add_argument("--misses", action="store_true")
    given = options.parse_args()
    read = sentences()
    texts = [one.text for one in read]
    if given.misses:
        misses(read)
    marks = {"ours": [ours(text) for text in texts]}
    pace = {"ours": seconds(redact, texts)}
    if given.peer:
        made = subprocess.run(
            [given.peer, "-c", _PEER], input=json.dumps(texts), capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        others, pace["peer"] = json.loads(made.stdout)
        marks["peer"] = [places_of(*pair) for pair in zip(texts, others, strict=True)]
    for who, all_marks in marks.items():
        for half, held in (("dev", False), ("held", True)):
            chosen = [n for n, one in enumerate(read) if one.held is held]
            print(f"{who}, {half}: {len(chosen)} sentences")
            table(
                [read[n] for n in chosen], [all_marks[n] for n in chosen], who == "ours"
            )
    raw = seconds(lambda text: _RAW.sub("[x]", text), texts)
    result = {
        "bench": "redact",
        "sentences": len(texts),
        "texts_a_second": {who: round(len(texts) / took) for who, took in pace.items()},
        "times_one_raw_pass": round(pace["ours"] / raw, 1),
    }
    print(json.dumps(result), file=sys.stdout)


if __name__ == "__main__":
    main()
