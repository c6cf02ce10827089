"""Sentences that a plain reading gets wrong; each has its own test."""

from functools import cache

import pytest

from classifiers.base import Classifier
from classifiers.engines import NAMES, load
from models.labels import Element, Kind, Labels, Polarity, Sentiment, Service, Severity


@cache
def engine(name: str) -> Classifier:
    return load(name)


@pytest.fixture(params=NAMES)
def read(request: pytest.FixtureRequest):
    def labels(text: str) -> Labels:
        return engine(request.param).predict([text])[0]

    return labels


def elements(labels: Labels) -> set[tuple[Element, Polarity]]:
    return {(one.element, one.polarity) for one in labels.elements}


def test_a_praise_word_inside_a_complaint_does_not_save_it(read) -> None:
    labels = read("Lapornya gratis, tapi penyelesaiannya bayar")
    assert labels.kind.label is Kind.COMPLAINT
    assert labels.sentiment.label is Sentiment.NEGATIVE
    assert elements(labels) & {
        (Element.X1, Polarity.NEGATIVE),
        (Element.U4, Polarity.NEGATIVE),
    }


def test_conditional_irony_is_negative(read) -> None:
    labels = read("cepat banget... kalau ada duitnya")
    assert labels.sentiment.label is Sentiment.NEGATIVE
    assert (Element.X1, Polarity.NEGATIVE) in elements(labels)
    assert labels.kind.label is not Kind.PRAISE


def test_praise_of_an_illegal_fee_is_negative(read) -> None:
    labels = read("mantap pungutannya")
    assert labels.sentiment.label is Sentiment.NEGATIVE
    assert labels.kind.label is Kind.INTEGRITY
    assert (Element.X1, Polarity.NEGATIVE) in elements(labels)


def test_a_negated_negative_is_praise(read) -> None:
    labels = read("gak ribet sama sekali")
    assert labels.kind.label is Kind.PRAISE
    assert (Element.U2, Polarity.POSITIVE) in elements(labels)
    assert labels.sentiment.label is Sentiment.POSITIVE


def test_a_denied_broker_is_no_allegation(read) -> None:
    assert read("bukan calo").kind.label is not Kind.INTEGRITY
    assert read("bukan calo kok mas, cuma nganter istri").kind.label is not (
        Kind.INTEGRITY
    )


def test_katanya_turns_a_claim_of_honesty_around(read) -> None:
    labels = read("bebas pungli katanya")
    assert labels.kind.label is not Kind.PRAISE
    assert labels.sentiment.label is Sentiment.NEGATIVE or not labels.sentiment.sure
    assert not labels.kind.sure


def test_a_hard_test_without_money_is_a_complaint_of_procedure(read) -> None:
    labels = read("SIM susah, 9 kali gagal")
    assert labels.kind.label is Kind.COMPLAINT
    assert labels.service is not None
    assert labels.service.label is Service.SIM
    assert (Element.U2, Polarity.NEGATIVE) in elements(labels)


def test_a_disputed_ticket_is_a_complaint_of_tilang(read) -> None:
    labels = read("ditilang padahal gak salah")
    assert labels.kind.label is Kind.COMPLAINT
    assert labels.service is not None
    assert labels.service.label is Service.TILANG


def test_tolong_dong_alone_is_no_emergency(read) -> None:
    labels = read("tolong dong")
    assert labels.kind.label is not Kind.EMERGENCY
    assert labels.severity is not Severity.S0


def test_thanks_for_an_answer_praise_the_answer(read) -> None:
    labels = read("makasih min udah dijawab")
    assert labels.kind.label is Kind.PRAISE
    assert (Element.U8, Polarity.POSITIVE) in elements(labels)


def test_a_rhetorical_question_is_a_complaint(read) -> None:
    assert read("kapan bener?").kind.label is Kind.COMPLAINT


def test_emoji_alone_are_no_evidence(read) -> None:
    labels = read("😂😂😂")
    assert not labels.sentiment.sure
    assert not labels.kind.sure


def test_laughing_at_a_condolence_is_negative_or_unsure(read) -> None:
    labels = read("Turut berduka cita 😂😂")
    assert labels.sentiment.label is Sentiment.NEGATIVE or not labels.sentiment.sure
    assert labels.kind.label is not Kind.PRAISE


def test_a_sum_with_legitimate_extras_is_cost_and_no_allegation(read) -> None:
    labels = read("SIM habis 260 ribu")
    assert labels.kind.label is not Kind.INTEGRITY
    assert Element.U4 in {element for element, _ in elements(labels)}


def test_our_own_release_raises_no_alarm(read) -> None:
    text = (
        "Polres Kota Sukamaju menangkap dua pelaku pencurian sepeda motor, ujar Kasi"
        " Humas, Senin. Keduanya dijerat Pasal 363 KUHP."
    )
    labels = read(text)
    assert labels.kind.label is Kind.ANNOUNCEMENT
    assert labels.severity is Severity.S7


@pytest.mark.parametrize(
    "text",
    [
        "dimintain 650rb biar langsung lulus",
        "ditawarin jalur cepat di parkiran satpas",
        "damai di tempat 50 rebu, mantap",
        "petugasnya ramah tapi minta uang rokok",
    ],
)
def test_an_allegation_is_never_talked_away(read, text: str) -> None:
    labels = read(text)
    assert labels.kind.label is Kind.INTEGRITY
    assert labels.severity is Severity.S1
    assert labels.sentiment.label is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    "text",
    [
        "tolong!! sekarang ada tawuran di bawah jembatan, bawa celurit",
        "kecelakaan barusan di depan SPBU, korban tergeletak",
        "ada yang coba dobrak pintu rumah saya, kirim polisi sekarang",
    ],
)
def test_an_emergency_is_never_talked_away(read, text: str) -> None:
    assert read(text).severity is Severity.S0


@pytest.mark.parametrize(
    "text",
    [
        "kemarin ada tawuran tapi sudah dibubarkan, tergeletak satu motor",
        "simulasi penanganan tawuran, peserta bawa sajam mainan",
    ],
)
def test_what_is_over_or_a_drill_is_no_emergency(read, text: str) -> None:
    assert read(text).kind.label is not Kind.EMERGENCY


@pytest.mark.parametrize("text", ["sim card hangus", "polisi tidur di komplek"])
def test_homonyms_name_no_service_of_ours(read, text: str) -> None:
    assert read(text).service is None


def test_honesty_that_is_praised_is_no_allegation(read) -> None:
    labels = read("gak ada pungli sama sekali, salut")
    assert labels.kind.label is Kind.PRAISE
    assert (Element.X1, Polarity.POSITIVE) in elements(labels)


def test_a_negated_positive_is_a_criticism(read) -> None:
    labels = read("petugas loketnya tidak ramah")
    assert (Element.U7, Polarity.NEGATIVE) in elements(labels)
