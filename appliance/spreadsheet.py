"""Rows for spreadsheets: CSV as Excel and LibreOffice read it, with no cell that they would run as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator

BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that the file is UTF-8."""

_FORMULA_SIGNS = frozenset("=+-@")


def csv_rows(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield one line (RFC 4180, CRLF, every cell quoted) for each row, the first behind a byte order mark."""
    mark = BYTE_ORDER_MARK
    for row in rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([harmless(cell) for cell in row])
        yield mark + line.getvalue()
        mark = ""


def harmless(cell: str) -> str:
    """Return a cell in NFC without control characters, behind an apostrophe where it would begin a formula.

    Full-width signs count as well, and so does a sign behind blanks or invisible characters.

    >>> harmless("=HYPERLINK(1)"), harmless("＝1"), harmless("Đỗ Thị Hoa")
    ("'=HYPERLINK(1)", "'＝1", 'Đỗ Thị Hoa')
    """
    printable = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
        for character in unicodedata.normalize("NFC", cell)
    )
    for character in printable:
        if unicodedata.category(character) in ("Zs", "Cf"):
            continue
        begins = unicodedata.normalize("NFKC", character)[:1] in _FORMULA_SIGNS
        return "'" + printable if begins else printable
    return printable
