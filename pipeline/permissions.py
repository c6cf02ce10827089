"""Which rights an account's keys need, and what each is used for."""

from collections.abc import Mapping

from config.words import N_
from networks.capabilities import Capabilities

WHY: Mapping[str, str] = {
    "Read and write": N_("menerbitkan, menghapus, dan membaca sebutan"),
    "read": N_("membaca sebutan dan memastikan kiriman sudah tayang"),
    "write:statuses": N_("menerbitkan, memperbaiki, dan menghapus kiriman"),
    "write:media": N_("mengunggah gambar dan video"),
    "pages_manage_posts": N_("menerbitkan, memperbaiki, dan menghapus kiriman"),
    "pages_read_engagement": N_("memastikan kiriman sudah tayang, membaca angkanya"),
    "pages_read_user_content": N_("membaca komentar warga"),
    "instagram_business_basic": N_(
        "mengenali akun dan memastikan kiriman sudah tayang"
    ),
    "instagram_business_content_publish": N_("menerbitkan kiriman"),
    "instagram_business_manage_comments": N_("membaca dan menjawab komentar warga"),
    "threads_basic": N_("mengenali akun dan memastikan kiriman sudah tayang"),
    "threads_content_publish": N_("menerbitkan kiriman"),
    "threads_read_replies": N_("membaca jawaban warga"),
    "threads_delete": N_("menghapus kiriman yang ditarik"),
    "threads_manage_insights": N_("membaca angka kiriman"),
    "post messages": N_("menerbitkan di kanal; bot menjadi admin kanal"),
    "publish_posts": N_("menerbitkan tulisan"),
    "upload_files": N_("mengunggah gambar"),
}
"""What each right is for; a test holds that none is without a reason."""


def needed(network: Capabilities) -> list[tuple[str, str]]:
    """The rights that the keys of ``network`` need, each with the message id of why."""
    counted = network.numbers.scopes if network.numbers else ()
    return [(one, WHY[one]) for one in dict.fromkeys((*network.scopes, *counted))]
