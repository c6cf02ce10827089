"""What ships: small, whole, without pickle, without torch, better than the baseline."""

import json
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from classifiers.engines import NAMES, load
from classifiers.evaluation import calibration_error, measure
from classifiers.failures import EngineUnavailable
from classifiers.inventory import inventory, size_of
from classifiers.linear import load_linear
from classifiers.training.corpus import own_rows, smsa
from models.labels import Element, Kind, Polarity, Sentiment, Service

CLASSIFIERS = Path(str(files("classifiers")))
WEIGHTS = CLASSIFIERS / "weights"
BASELINE = 0.852  # macro-F1 of LinearSVC on SmSA valid
MEGABYTE = 1_000_000


def test_the_checkpoint_has_hugging_face_layout_and_at_most_eight_megabytes() -> None:
    folder = WEIGHTS / "transformer"
    names = {path.name for path in folder.iterdir()}
    assert {
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "model.int8.onnx",
    } <= names
    assert size_of(folder) <= 8 * MEGABYTE
    assert size_of(WEIGHTS / "linear") <= 8 * MEGABYTE


def test_nothing_that_ships_is_pickled() -> None:
    suffixes = {path.suffix for path in WEIGHTS.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".safetensors", ".onnx", ".npz", ".md", ".txt"}
    for path in WEIGHTS.rglob("*.npz"):
        with np.load(path, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)


def test_the_safetensors_hold_the_weights_of_the_configuration() -> None:
    from safetensors import safe_open

    config = json.loads((WEIGHTS / "transformer" / "config.json").read_text())
    path = str(WEIGHTS / "transformer" / "model.safetensors")
    with safe_open(path, framework="numpy") as tensors:
        shape = tensors.get_slice("model.embeddings.tok_embeddings.weight").get_shape()
    assert shape == [config["vocab_size"], config["hidden_size"]]


def test_the_linear_model_loads_in_a_third_of_a_second() -> None:
    began = time.perf_counter()
    load_linear(WEIGHTS / "linear" / "sentiment.npz")
    load_linear(WEIGHTS / "linear" / "tagger.npz")
    assert time.perf_counter() - began < 0.3


@pytest.mark.parametrize("name", ["default", *NAMES])
def test_no_engine_that_ships_imports_torch_or_scikit_learn(name: str) -> None:
    program = (
        "import sys; from classifiers.engines import load;"
        f"load({name!r}).predict(['pelayanan cepat']);"
        "print([m for m in ('torch', 'sklearn', 'scipy') if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=CLASSIFIERS.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
    assert told.stderr == ""


def test_the_sources_of_the_weights_and_their_licences_are_named() -> None:
    card = (CLASSIFIERS.parent / "docs" / "model-card.md").read_text(encoding="utf-8")
    for source in (
        "SmSA",
        "PRDECT",
        "NusaX",
        "NusaWrites",
        "IndoSum",
        "IndoNLI",
        "STIF",
    ):
        assert source in card
    for licence in ("Apache-2.0", "MIT", "CC BY-SA 4.0"):
        assert licence in card
    assert "bukan survei SKM" in card


def test_our_own_rows_are_many_whole_and_apart() -> None:
    train, dev = own_rows("train"), own_rows("dev")
    assert len(train) >= 400
    assert len(dev) >= 200
    for row in [*train, *dev]:
        Sentiment(row["sentiment"])
        Kind(row["kind"])
        assert row["service"] is None or Service(row["service"])
        for one in row["elements"]:
            Element(one["element"])
            assert one["polarity"] is None or Polarity(one["polarity"])
    assert not {row["text"] for row in train} & {row["text"] for row in dev}
    assert len({row["text"] for row in train}) == len(train)


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(EngineUnavailable, match="ensemble"):
        load("tidak-ada")


def test_a_checkpoint_without_export_says_what_to_install(tmp_path: Path) -> None:
    source = WEIGHTS / "transformer"
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    from importlib.util import find_spec

    if find_spec("torch"):
        pytest.skip("torch is installed here")
    with pytest.raises(EngineUnavailable, match=r"kentongan\[torch\]"):
        load(str(tmp_path))


def test_the_weights_name_no_file_of_the_machine_they_were_made_on() -> None:
    for file in WEIGHTS.rglob("*"):
        if file.is_file():
            assert b".py" not in file.read_bytes(), file.name


def test_a_checkpoint_that_does_not_name_its_labels_is_refused(tmp_path: Path) -> None:
    source = WEIGHTS / "transformer"
    for name in ("tokenizer.json", "model.int8.onnx"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    config = json.loads((source / "config.json").read_text())
    config["id2label"] = {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(EngineUnavailable, match="#positive,neutral,negative"):
        load(str(tmp_path))
    given = load(f"{tmp_path}#negative,neutral,positive")
    turned = load(f"{tmp_path}#positive,neutral,negative")
    text = ["barangnya jelek sekali, kecewa berat"]
    assert given.predict(text)[0].sentiment.label is Sentiment.NEGATIVE
    assert turned.predict(text)[0].sentiment.label is Sentiment.POSITIVE


def test_training_without_its_libraries_says_what_to_install() -> None:
    from importlib.util import find_spec

    from classifiers.training.run import need_libraries

    if find_spec("torch") and find_spec("sklearn"):
        pytest.skip("the training libraries are installed here")
    with pytest.raises(EngineUnavailable, match=r"kentongan\[train\]"):
        need_libraries()


def test_the_inventory_tells_what_is_installed() -> None:
    told = inventory()
    assert told["default"] in NAMES
    assert set(told["cutoffs"]) == set(NAMES)
    assert told["bytes"]["transformer"] <= 8 * MEGABYTE


def test_calibration_error_is_the_gap_between_certainty_and_truth() -> None:
    sure = np.full(10, 0.95)
    assert calibration_error(sure, np.ones(10, bool)) == pytest.approx(0.05)
    half = np.arange(10) < 5
    assert calibration_error(sure, half) == pytest.approx(0.45)


@pytest.mark.real_data
def test_the_default_beats_the_baseline_on_smsa_valid(data: Path) -> None:
    rows = smsa(data, "valid")
    measured = measure(
        load("default"),
        "SmSA valid",
        [r.text for r in rows],
        [r.sentiment for r in rows],
    )
    assert measured.macro_f1 > BASELINE
    assert measured.ece < 0.06
    assert measured.sure_accuracy > inventory()["stated_precision"] - 0.02


@pytest.mark.real_data
def test_no_training_row_of_smsa_is_also_in_valid(data: Path) -> None:
    held = {row.text for row in smsa(data, "valid")}
    train = smsa(data, "train")
    assert len(train) == 10_984
    assert not held & {row.text for row in train}
