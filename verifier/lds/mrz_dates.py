"""What the two-digit years of an MRZ mean (ICAO 9303-3, 4.8)."""

from datetime import date

from verifier.errors import MalformedData

NO_DATE = "<<<<<<"


def date_of_expiry(text: str, *, today: date) -> date | None:
    """Return the last day on which a document is valid, or ``None`` for ``<<<<<<``, a document that never expires.

    ``text`` is YYMMDD. The century is chosen so that the year lies in the hundred years that start fifty years before
    ``today``, but not before 2000: no chip document expired in the last century, and 991231 is the year 2099. Raises
    ``MalformedData`` for a day that does not exist.
    """
    if text == NO_DATE:
        return None
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        msg = "a date of expiry is not made of six digits"
        raise MalformedData(msg)
    first = max(2000, today.year - 50)
    year = first + (int(text[:2]) - first) % 100
    try:
        return date(year, int(text[2:4]), int(text[4:]))
    except ValueError:
        msg = "a date of expiry is no day of the calendar"
        raise MalformedData(msg) from None
