"""What was odd about a feed, in words for people, by the codes of the collectors."""

from collections.abc import Mapping

from collectors.dates import DateWarning
from collectors.feeds import EntryWarning
from config.words import N_
from networks.feed_values import FeedWarning

WARNINGS: Mapping[str, str] = {
    FeedWarning.MALFORMED: N_("XML-nya rusak; dibaca dengan toleransi"),
    FeedWarning.CHARSET_GUESSED: N_("pengodean hurufnya salah label; ditebak dari isi"),
    FeedWarning.DOUBLE_ENCODED: N_("huruf yang dikodekan dua kali diperbaiki"),
    FeedWarning.LINK_DROPPED: N_("tautan yang bukan alamat web dibuang"),
    FeedWarning.TEXT_CUT: N_("tulisan yang terlalu panjang dipotong"),
    FeedWarning.CUT_SHORT: N_("umpan terpotong; tulisan terakhir ditunggu lagi"),
    FeedWarning.ENTRIES_CUT: N_("tulisannya lebih banyak dari yang dibaca"),
    EntryWarning.REPEATED: N_("tulisan yang sama dua kali di satu umpan"),
    EntryWarning.EMPTY: N_("tulisan tanpa judul dan isi; tidak disimpan"),
    EntryWarning.FUTURE: N_("tanggal di masa depan; dipakai waktu pengambilan"),
    DateWarning.UNREADABLE: N_("tanggal yang tidak terbaca; dibiarkan kosong"),
    DateWarning.IMPLAUSIBLE: N_("tahun yang tidak masuk akal; dibiarkan kosong"),
    DateWarning.WEEKDAY_MISMATCH: N_("nama hari tidak cocok dengan tanggalnya"),
    DateWarning.TIME_UNREADABLE: N_("jam yang tidak terbaca; tanggalnya saja dipakai"),
    DateWarning.UNKNOWN_ZONE: N_("zona waktu tidak dikenal; dipakai zona sumber"),
}
