"""What in a text looks like private numbers and is none: set aside before redaction."""

import re

AWAY = "\0"  # no shape takes it, and no word holds it
_MONTH = (
    r"(?:jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|juni?|juli?|agu(?:stus)?"
    r"|agt|agst|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|des(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_AMOUNT = r"\d{1,3}(?:\.\d{3})+(?:,\d{2}|,-)?"
_DATES = (
    (
        rf"(?<![\w./]){_DAY}(?P<sep>[/.-]){_MONTH_NUMBER}(?P=sep)(?:(?:19|20)\d\d|\d\d)"
        r"(?!\w|[./-]\d)"
    ),
    r"(?<![\w./])(?:19|20)\d\d-\d\d-\d\d(?!\w|[./-]\d)",
    r"(?<![\w./-])(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d(?!\w|[./-]\d)",
    rf"(?<![\w./]){_DAY}\s{_MONTH}\b(?:\s(?:19|20)\d\d\b)?",
)
_HOURS = (
    r"(?<![\w.:/@])(?:[01]?\d|2[0-4])[.:][0-5]\d(?:[.:][0-5]\d)?(?![\w:/@]|[.,]\d)",
    r"\b(?:jam|pukul|pkl)\.?\s?\d{1,2}(?!\w|[.,-]?\d)",
)
_MONEY = (
    (
        rf"\brp\.?\s?(?:{_AMOUNT}|\d{{1,12}}(?:,(?:\d{{1,2}}|-))?)(?![\d]|\.\d)"
        r"(?:\s?(?:ribu|rb|juta|jt|miliar|milyar|m|k)\b)?"
    ),
    (
        r"(?<![\w,])(?<!\d\.)\d{1,7}(?:[.,]\d{1,3})?(?:\s?(?:ribuan|ribu|rebu|rb|rbu|juta|jt|jta"
        r"|miliar|milyar|triliun|rupiah|perak)|k)\b"
    ),
    rf"(?<![\w.,])(?<!\d-){_AMOUNT}(?:\s?[-–]\s?{_AMOUNT})?(?!\d|\.\d)",
    r"(?<![\w.,])(?<!\d[ -])[1-9]\d{0,5}000(?:,-)?(?!\w|[ .,-]\d)",
)
_LAW = (
    r"\bpasal\s\d{1,3}[a-z]?\b(?:\sayat\s\(?\d{1,2}\)?)?(?:\sjo\.?\s\d{1,3}\b)?",
    (
        r"\b(?:UU|PP|perpol|perkap|perpres|permen\w{0,12}|perda)\s(?:no\.?\s?|nomor\s)?\d{1,3}"
        r"(?:/\d{4}|\stahun\s\d{4})\b"
    ),
)
_QUEUE = (r"\bantr(?:e|ian|ean)\s(?:no\.?\s|nomor\s)?[A-Z]-?\d{1,3}\b",)
_SERVICE = (
    (
        r"(?<![\w.,/-])(?<!\d[ .-])(?:11[0-9]|129|1500[ -]?\d{3}|14\d{3})"
        r"(?!\w|[.,/-]\d| \d| (?-i:[A-Z]{1,3})\b)"
    ),
    (
        r"\b(?:hotline|call ?cent(?:er|re)|SPKT)(?:\s[a-z]{2,12}){0,2}\s?:?\s?"
        r"(?:\(0\d{2,3}\)\s?|\+?62[ .-]?|0)\d(?:[ .-]?\d){6,11}(?!\w)"
    ),
)
_KEPT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (*_DATES, *_HOURS, *_MONEY, *_LAW, *_QUEUE, *_SERVICE)
)


def set_aside(text: str) -> str:
    """``text`` of the same length, with :data:`AWAY` where such a thing stands."""
    for pattern in _KEPT:
        text = pattern.sub(lambda found: AWAY * len(found[0]), text)
    return text
