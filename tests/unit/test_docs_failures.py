"""What ``docs/failures.md`` promises is tested under the names it gives."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
CLASSES = [
    *(f"D{n}" for n in range(1, 16)), *(f"M{n}" for n in range(1, 10)),
    *(f"L{n}" for n in range(1, 11)), *(f"T{n}" for n in range(1, 5)),
    *(f"Z{n}" for n in range(1, 7)), *(f"A{n}" for n in range(1, 11)),
]  # fmt: skip


def test_every_named_test_exists() -> None:
    here = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(
            r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE
        )
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 40
    assert named - here == set()


def test_no_class_of_failure_is_left_out() -> None:
    spans = re.findall(r"\b([DMLTZA])(\d+) to \1?(\d+)", PAGE)
    told = set(re.findall(r"\b[DMLTZA]\d+\b", PAGE))
    told |= {
        f"{a}{n}" for a, low, high in spans for n in range(int(low), int(high) + 1)
    }
    assert set(CLASSES) - told == set()


CASES = [
    *(f"O{n}" for n in range(1, 15)),
    *(f"F{n}" for n in range(1, 30)),
    "F18b",
]
NOT_YET = {"O13", "O14"}


def test_every_case_of_listening_names_its_test_or_says_not_yet() -> None:
    open_, tested = set(), set()
    for row in re.findall(r"^\| ([OF]\d.*) \|$", PAGE, re.MULTILINE):
        cases, told = row.split(" | ", 1)
        for case in cases.split(", "):
            if "not yet" in told:
                open_.add(case)
            elif re.search(rf"`test_\w*(?<![a-z]){case.lower()}_", told):
                tested.add(case)
    assert open_ == NOT_YET
    assert set(CASES) == open_ | tested


def test_every_acceptance_bar_names_tests_of_its_number() -> None:
    rows = re.findall(r"^\| (\d+): .*? \| (.*) \|$", PAGE, re.MULTILINE)
    assert [bar for bar, _ in rows] == [str(n) for n in range(1, 12)]
    for bar, told in rows:
        assert set(re.findall(r"`test_bar_(\d+)_", told)) == {bar}, bar
