"""What the classifier says of a text: the taxonomy as enums, labels as values.

Codes are stable and stored; the words for people are translated at the edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sentiment(StrEnum):
    """How the writer feels about what they describe."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Polarity(StrEnum):
    """Whether a service element is praised or criticised."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What a citizen does with the text: to complain, propose, ask or praise."""

    COMPLAINT = "complaint"
    INTEGRITY = "integrity"
    SUGGESTION = "suggestion"
    QUESTION = "question"
    PRAISE = "praise"
    INCIDENT = "incident"
    EMERGENCY = "emergency"
    HOAX = "hoax"
    OPINION = "opinion"
    ANNOUNCEMENT = "announcement"
    CAMPAIGN = "campaign"


class Service(StrEnum):
    """The service that a text is about; ``UMUM`` is the station in general."""

    SIM = "sim"
    SKCK = "skck"
    SPKT = "spkt"
    REGIDENT = "regident"
    TILANG = "tilang"
    SIDIKJARI = "sidikjari"
    IZIN = "izin"
    PERKARA = "perkara"
    CALL110 = "call110"
    LALIN = "lalin"
    KAMTIBMAS = "kamtibmas"
    PROPAM = "propam"
    BINMAS = "binmas"
    HUMAS = "humas"
    TAHANAN = "tahanan"
    UMUM = "umum"


class Element(StrEnum):
    """The nine elements of the SKM survey, and three of our own that never enter it.

    Source: PermenPANRB 14/2017. ``X1`` to ``X3`` are product definitions.
    """

    U1 = "U1"  # persyaratan, requirements
    U2 = "U2"  # prosedur, procedure
    U3 = "U3"  # waktu penyelesaian, time
    U4 = "U4"  # biaya/tarif, cost
    U5 = "U5"  # produk, product
    U6 = "U6"  # kompetensi, competence
    U7 = "U7"  # perilaku, behaviour
    U8 = "U8"  # penanganan pengaduan, complaint handling
    U9 = "U9"  # sarana, facilities
    X1 = "X1"  # integritas, integrity
    X2 = "X2"  # keamanan wilayah, safety
    X3 = "X3"  # penanganan perkara, case handling

    @property
    def in_survey(self) -> bool:
        """Whether this is one of the nine SKM elements."""
        return self.value.startswith("U")


class Severity(StrEnum):
    """How soon a person must look, and which list the text goes to."""

    S0 = "S0"  # emergency
    S1 = "S1"  # integrity: restricted queue
    S2 = "S2"  # complaint about a service
    S3 = "S3"  # suggestion
    S4 = "S4"  # question
    S5 = "S5"  # praise
    S6 = "S6"  # doubtful claim
    S7 = "S7"  # opinion, announcement, campaign: counted only


SEVERITY_OF: Mapping[Kind, Severity] = {
    Kind.EMERGENCY: Severity.S0,
    Kind.INTEGRITY: Severity.S1,
    Kind.COMPLAINT: Severity.S2,
    Kind.INCIDENT: Severity.S2,
    Kind.SUGGESTION: Severity.S3,
    Kind.QUESTION: Severity.S4,
    Kind.PRAISE: Severity.S5,
    Kind.HOAX: Severity.S6,
    Kind.OPINION: Severity.S7,
    Kind.ANNOUNCEMENT: Severity.S7,
    Kind.CAMPAIGN: Severity.S7,
}


@dataclass(frozen=True, slots=True)
class SentimentGuess:
    """The likeliest sentiment; ``sure`` is false below the calibrated cut-off."""

    label: Sentiment
    probabilities: Mapping[Sentiment, float]  # sums to 1
    sure: bool


@dataclass(frozen=True, slots=True)
class KindGuess:
    """The likeliest kind; ``probabilities`` holds every kind considered."""

    label: Kind
    probabilities: Mapping[Kind, float]
    sure: bool


@dataclass(frozen=True, slots=True)
class ServiceGuess:
    """The likeliest service of the station."""

    label: Service
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class ElementGuess:
    """One service element with its polarity."""

    element: Element
    polarity: Polarity
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the original text that decided a label: ``text[start:end]``."""

    start: int
    end: int
    label: str  # a code of this module: "negative", "complaint", "sim", "U3"…


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything said of one text by one model version."""

    sentiment: SentimentGuess
    kind: KindGuess
    service: ServiceGuess | None
    elements: tuple[ElementGuess, ...]
    severity: Severity
    evidence: tuple[Evidence, ...]
    model: str  # name and version of the engine, e.g. "ensemble-2026.11"
