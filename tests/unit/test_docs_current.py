"""The documents say what the code does: no setting, command or package is missing."""

import re
import runpy
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"))
WRITTEN = sorted(
    file
    for folder in (ROOT, ROOT / "docs")
    for file in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)


@cache
def page(name: str) -> str:
    """A reference page as the code would write it now."""
    return str(GENERATOR["HEAD"] + GENERATOR["PAGES"][name]() + "\n")


@pytest.mark.parametrize("name", sorted(GENERATOR["PAGES"]))
def test_a_reference_page_is_current(name: str) -> None:
    file = ROOT / "docs" / name
    assert file.read_text(encoding="utf-8") == page(name), "run `make docs`"


def test_every_setting_command_network_and_label_is_told() -> None:
    from config.settings import Settings
    from models import labels
    from pipeline.wiring import all_capabilities

    for name in Settings.model_fields:
        assert f"`{name}`" in page("reference/settings.md")
    for one in all_capabilities():
        assert f"`{one.name}`" in page("networks/README.md")
    for enum in (labels.Sentiment, labels.Kind, labels.Service, labels.Element):
        for code in enum:
            assert f"`{code.value}`" in page("reference/labels.md")
    for noun in [
        "account",
        "announcement",
        "source",
        "stop",
        "item",
        "idea",
        "model",
        "recipient",
        "report",
        "user",
        "audit",
        "db",
    ]:
        assert f"## kentongan {noun} " in page("reference/commands.md")
    for verb in ["init", "run", "clock", "worker", "web", "demo", "doctor", "classify"]:
        assert f"## kentongan {verb}\n" in page("reference/commands.md")


def packages() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for line in (line for group in groups for line in group):
        name = re.match(r"[\w.-]+", line)
        assert name is not None
        if name[0] != "kentongan":
            yield name[0]


@pytest.mark.parametrize("package", sorted(set(packages()), key=str.lower))
def test_every_dependency_has_its_reason(package: str) -> None:
    assert f"\n| {package} | " in (ROOT / "docs" / "why.md").read_text()


def test_no_reason_is_given_for_a_package_that_left() -> None:
    told = re.findall(
        r"^\| ([\w.-]+) \|", (ROOT / "docs/why.md").read_text(), re.MULTILINE
    )
    assert set(told) - {"package"} == set(packages())


def test_a_command_in_the_documents_exists() -> None:
    known = {
        title.removeprefix("## ")
        for title in page("reference/commands.md").splitlines()
        if title.startswith("## ")
    }
    for file in WRITTEN:
        for words in re.findall(
            r"(?:^|[`\s/])kentongan ((?:[a-z]+)(?: [a-z]+)?)",
            code_of(file.read_text(encoding="utf-8")),
            re.MULTILINE,
        ):
            first, _, second = words.partition(" ")
            assert (
                f"kentongan {first}" in known or f"kentongan {first} {second}" in known
            ), f"{file.relative_to(ROOT)}: kentongan {words}"


def code_of(text: str) -> str:
    """Only what stands in code: between backticks, one or three."""
    blocks = re.findall(r"```(?:sh|cron)\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"(?<!`)`(kentongan [^`\n]+)`(?!`)", text)
    return "\n".join([*blocks, *inline])


def test_every_link_between_documents_leads_somewhere() -> None:
    for file in WRITTEN:
        for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_a_setting_named_in_the_documents_exists() -> None:
    from config.settings import PREFIX, Settings

    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {"KENTONGAN_FILE", "KENTONGAN_TEST_DATA"}
    for file in WRITTEN:
        for name in re.findall(r"KENTONGAN_[A-Z_]+", file.read_text(encoding="utf-8")):
            assert name in known or name == PREFIX, f"{file.name}: {name}"


def test_both_readmes_have_the_same_parts() -> None:
    def shape(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return re.findall(r"^(#{1,3}) ", text, re.MULTILINE) + re.findall(
            r"^```\w+", text, re.MULTILINE
        )

    assert shape("README.md") == shape("README.id.md")
