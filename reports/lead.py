"""The ten-second sentence on top of the page: what the numbers say, and no more."""

from models.labels import Sentiment
from models.shares import FEWEST_TOLD, Change
from models.words import SERVICES
from reports.summary import ServiceCount, Summary
from reports.words import number, oldest, percent, span


def lead(summary: Summary) -> str:
    """Two to four short sentences; no cause is claimed."""
    return " ".join(filter(None, (_mood(summary), _where(summary), _waiting(summary))))


def _mood(summary: Summary) -> str:
    said = summary.said
    if summary.unheard:
        return "Tidak ada data: tidak satu pun sumber menjawab."
    if not said.stories:
        if summary.coverage.silent:
            return "Tidak ada suara warga yang tercatat; sebagian sumber diam."
        return "Tidak ada suara warga yang tercatat."
    one = said.share(Sentiment.NEGATIVE)
    if not one.enough:
        return f"{number(said.stories)} cerita warga, {_why_no_share(one.base)}."
    moved = {Change.UP: "Nada negatif naik: ", Change.DOWN: "Nada negatif turun: "}
    return (
        f"{moved.get(said.change, '')}{percent(one)} dari {number(said.sure)} "
        f"cerita bernada negatif ({span(one)})."
    )


def _why_no_share(sure: int) -> str:
    if not sure:
        return "nadanya belum terbaca pasti"
    return f"{number(sure)} terbaca pasti, terlalu sedikit untuk persentase"


def _where(summary: Summary) -> str:
    """The service with most negative stories, where there are enough to tell."""
    worst = max(summary.services, key=_negative, default=None)
    if worst is None or worst.negative < FEWEST_TOLD:
        return ""
    return (
        f"Terbanyak tentang {SERVICES[worst.service]}: "
        f"{number(worst.negative)} dari {number(worst.stories)} cerita negatif."
    )


def _negative(one: ServiceCount) -> int:
    return one.negative


def _waiting(summary: Summary) -> str:
    waiting = summary.unanswered
    if not waiting.count:
        return "Tidak ada yang menunggu jawaban."
    return f"{number(waiting.count)} belum dijawab, {oldest(waiting, summary.until)}."
