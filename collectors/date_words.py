"""Names of months, days and zones, as Indonesian and English newsrooms write them."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb peb februari pebruari february febuari",
            "mar mrt maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags aug agus agust agustus august",
            "sep sept september",
            "okt oct oktober october",
            "nov nop november nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for name in names.split()
}
"""Name in lower case to the number of the month."""

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "senin sen monday mon",
            "selasa sel tuesday tue tues",
            "rabu rab wednesday wed",
            "kamis kam thursday thu thur thurs",
            "jumat jum'at jum friday fri",
            "sabtu sab saturday sat",
            "minggu min ahad ahd sunday sun",
        )
    )
    for name in names.split()
}
"""Name in lower case to Monday = 0, as ``date.weekday``. "Min" is Sunday here."""

# RFC 2822 section 4.3; WIB, WITA, WIT: Keppres 41/1987; neighbours of the region.
ZONES = {
    "Z": 0,
    "UT": 0,
    "UTC": 0,
    "GMT": 0,
    "WIB": 7,
    "WITA": 8,
    "WIT": 9,
    "ICT": 7,
    "SGT": 8,
    "MYT": 8,
    "PHT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
"""Abbreviation in upper case to hours east of UTC."""
