"""``kentongan classify`` and ``kentongan model`` as a person or a program calls them."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import model
from cli.classify import BATCH, CHUNK, arriving, classify

ROOT = Path(__file__).resolve().parents[2]

app = typer.Typer()
app.command()(classify)
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ask(lines: list[str | bytes], *options: str):
    written = b"".join(
        (line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines
    )
    return RUNNER.invoke(
        app, ["--jsonl", "--engine", "linear", *options], input=written
    )


def test_each_line_gets_one_answer_in_order() -> None:
    texts = [
        f"petugas {n} ramah sekali" if n % 2 else f"antre {n} jam, lama banget"
        for n in range(BATCH + 44)
    ]
    result = ask([json.dumps({"text": text}) for text in texts])
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert len(answers) == len(texts)
    assert [one["kind"] for one in answers] == ["complaint", "praise"] * (
        len(texts) // 2
    )


def test_an_answer_has_the_shape_that_is_promised() -> None:
    result = ask([json.dumps({"text": "petugas SIM jutek, antre lama banget"})])
    answer = json.loads(result.stdout)
    assert answer["sentiment"]["label"] in ("positive", "neutral", "negative")
    assert set(answer["sentiment"]["probabilities"]) == {
        "positive",
        "neutral",
        "negative",
    }
    assert isinstance(answer["sentiment"]["sure"], bool)
    assert answer["kind"] == "complaint"
    assert answer["service"] == "sim"
    assert {"U7", "U3"} <= {one["element"] for one in answer["elements"]}
    assert {one["polarity"] for one in answer["elements"]} == {"negative"}


def test_a_text_about_no_service_has_none() -> None:
    result = ask([json.dumps({"text": "bakso di sini enak"})])
    assert json.loads(result.stdout)["service"] is None


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        '{"teks": "x"}',
        '{"text": 5}',
        b'{"text": "\xff"}',
        "",
        "[" * 100_000,
    ],
    ids=["cut", "list", "key", "number", "utf8", "empty", "deep"],
)
def test_a_broken_line_is_named_and_the_rest_goes_through(broken: str | bytes) -> None:
    good = json.dumps({"text": "bagus"})
    result = ask([good, broken, good])
    first, error, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert first == last
    assert error["error"].startswith("line 2: ")
    assert "line 2: " in result.stderr


def test_a_file_can_stand_for_stdin(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": "ramah"}) + "\n", encoding="utf-8")
    result = ask([], str(path))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1


def test_one_text_is_explained_to_a_person() -> None:
    result = RUNNER.invoke(app, ["--engine", "linear", "petugas loket SIM jutek"])
    assert result.exit_code == 0
    assert "negative" in result.stdout
    assert "U7" in result.stdout
    assert "“jutek”" in result.stdout


def test_nothing_to_read_is_an_error() -> None:
    assert RUNNER.invoke(app, []).exit_code == 2


def test_the_model_shows_itself_as_json() -> None:
    result = RUNNER.invoke(model.app, ["show", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["default"] in ("linear", "transformer", "ensemble")


@pytest.mark.real_data
def test_evaluate_prints_every_figure(data: Path) -> None:
    result = RUNNER.invoke(
        model.app, ["evaluate", "--data", str(data), "--engine", "linear"]
    )
    assert result.exit_code == 0
    for word in ("macro-F1", "ECE", "accuracy", "truth", "SmSA valid", "own dev"):
        assert word in result.stdout


def test_a_program_that_asks_one_line_and_waits_gets_its_answer() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "classify", "--jsonl", "--engine", "linear"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("antre lama", "petugas ramah"):
            process.stdin.write(json.dumps({"text": text}) + "\n")
            process.stdin.flush()
            assert "sentiment" in json.loads(process.stdout.readline())
        process.stdin.close()
    assert process.returncode == 0


@given(
    lines=st.lists(st.binary(max_size=9).map(lambda one: one.replace(b"\n", b"."))),
    cuts=st.lists(st.integers(1, 12)),
    ended=st.booleans(),
)
def test_lines_are_whole_and_in_order_however_they_arrive(
    lines: list[bytes], cuts: list[int], ended: bool
) -> None:
    written = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    sizes = iter(cuts)

    class Pipe(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read(min(next(sizes, CHUNK), size or CHUNK))

    found = [line for batch in arriving(Pipe(written)) for line in batch]
    expected = written.split(b"\n")
    assert found == (expected if expected[-1] else expected[:-1])
