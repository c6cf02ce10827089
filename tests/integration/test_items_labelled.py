"""Understanding: new items first, one reading for equal words, old models replaced."""

from collections.abc import Callable

import pytest

from models.item import Item, ItemLabels
from models.labels import Kind, Sentiment, Service, Severity
from models.labels_json import from_json
from models.scope import OfficeScope
from pipeline.understanding import Understanding
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.integration.listening_kit import rows
from tests.integration.reading_kit import RuleEngine

Say = Callable[..., int]


@pytest.fixture
def say(store: Store, office: OfficeScope) -> Say:
    def said(text: str, title: str = "", of: OfficeScope = office) -> int:
        with store.write(of) as work:
            item = Item(
                office_id=of.office_id,
                network="feed",
                url="",
                title=title,
                text=text,
                first_seen_at=NOW,
                at=NOW,
                story_key=text[:64],
            )
            work.session.add(item)
            work.session.flush()
            return item.id

    return said


def item(store: Store, office: OfficeScope, item_id: int) -> Item:
    with store.read(office) as work:
        return work.items.by_id(item_id)


def test_labels_stand_beside_the_item_and_copied_into_it(
    store: Store, office: OfficeScope, say: Say
) -> None:
    item_id = say("antre skck lama sekali")
    assert Understanding(store, RuleEngine()).label_next(NOW) == 1
    read = item(store, office, item_id)
    assert (
        read.labelled_by,
        read.sentiment,
        read.kind,
        read.service,
        read.severity,
    ) == (
        "rules-1",
        Sentiment.NEGATIVE,
        Kind.COMPLAINT,
        Service.SKCK,
        Severity.S2,
    )
    [kept] = rows(store, ItemLabels)
    assert from_json(kept.labels) == RuleEngine().predict(["antre skck lama sekali"])[0]


def test_the_title_is_read_with_the_text(store: Store, say: Say) -> None:
    say("isi", title="judul")
    engine = RuleEngine()
    Understanding(store, engine).label_next(NOW)
    assert engine.read == ["judul\n\nisi"]


def test_equal_words_of_many_offices_are_read_once(
    store: Store, office: OfficeScope, say: Say
) -> None:
    others = [add_office(store, f"p{n}", f"Polres {n}") for n in range(3)]
    for one in (office, *others):
        say("antre lama", of=one)
    engine = RuleEngine()
    reader = Understanding(store, engine)
    assert reader.label_next(NOW, most=2) == 2
    assert reader.label_next(NOW) == 2
    assert reader.label_next(NOW) == 0
    assert engine.read == ["antre lama"]
    for one in (office, *others):
        with store.read(one) as work:
            [kept] = work.session.query(ItemLabels).all()
            assert kept.office_id == one.office_id


def test_a_new_model_reads_everything_again_but_new_items_first(
    store: Store, office: OfficeScope, say: Say
) -> None:
    old = [say(f"antre lama {n}") for n in range(4)]
    Understanding(store, RuleEngine("rules-1")).label_next(NOW)
    new = say("petugas ramah")
    engine = RuleEngine("rules-2")
    reader = Understanding(store, engine)
    assert reader.label_next(NOW, most=3) == 3
    assert engine.read == ["petugas ramah", "antre lama 3", "antre lama 2"]
    assert item(store, office, new).labelled_by == "rules-2"
    assert item(store, office, old[0]).labelled_by == "rules-1"
    assert reader.label_next(NOW) == 2
    assert reader.label_next(NOW) == 0
    models = [kept.model for kept in rows(store, ItemLabels) if kept.item_id == old[0]]
    assert models == ["rules-1", "rules-2"]


def test_words_that_changed_while_being_read_are_read_again(
    store: Store, office: OfficeScope, say: Say
) -> None:
    item_id = say("antre lama")

    class Interrupted(RuleEngine):
        def predict(self, texts):
            labels = super().predict(texts)
            if len(self.read) == 1:
                with store.write(office) as work:
                    work.items.by_id(item_id).text = "petugas ramah"
            return labels

    reader = Understanding(store, Interrupted())
    reader.label_next(NOW)
    assert item(store, office, item_id).labelled_by == ""
    reader.label_next(NOW)
    assert item(store, office, item_id).sentiment is Sentiment.POSITIVE


def test_a_text_that_breaks_the_engine_keeps_no_other_from_being_read(
    store: Store, office: OfficeScope, say: Say
) -> None:
    class Brittle(RuleEngine):
        def predict(self, texts):
            if any("rusak" in text for text in texts):
                raise ValueError("rusak")
            return super().predict(texts)

    for number in range(7):
        say(f"antre lama {number}")
    broken = [say("rusak satu"), say("rusak dua")]
    reader = Understanding(store, Brittle())
    assert reader.label_next(NOW, most=4) == 2
    assert reader.label_next(NOW, most=4) == 4
    assert reader.label_next(NOW, most=4) == 1
    assert reader.label_next(NOW, most=4) == 0
    assert [one.id for one in rows(store, Item) if not one.labelled_by] == broken


def test_a_large_batch_is_written_whole(store: Store, say: Say) -> None:
    for number in range(150):
        say(f"antre lama {number}")
    assert Understanding(store, RuleEngine()).label_next(NOW, most=200) == 150
    assert all(one.labelled_by for one in rows(store, Item))
