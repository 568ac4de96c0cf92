"""A dossier on paper: a PDF of A4 pages in Vietnamese, which an officer prints, signs and hands over."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from appliance.ledger import Entry
from appliance.ledger.time_of_entries import CLOCK
from appliance.meetings import Meeting
from appliance.persons import AccessLine, Look
from appliance.persons import paper_words as words
from appliance.persons.dossier import Dossier
from appliance.storage.base import utc_time

_FONT: Final = "BeVietnamPro"
_MARGIN: Final = 16
"""Millimetres, as all lengths here."""
_KINDS: Final = {kind.value: said for kind, said in words.KINDS.items()}
_STATUSES: Final = {status.value: said for status, said in words.STATUSES.items()}
_LISTS_OF_NO_MEETING: Final = {Look.EXPORT: words.WHOLE_LEDGER, Look.LIST: words.WHO_IS_UNKNOWN}
_HEADING_AND_A_LINE: Final = 28
_TEXT, _TITLE, _HEADING, _SMALL = 9, 15, 11, 8
"""Sizes of letters, in points."""


class _Pages(FPDF):
    """Pages with their number at the foot, and fonts that have every Vietnamese letter."""

    def __init__(self, made_at: datetime) -> None:
        super().__init__(format="A4")
        for weight, style in (("400", ""), ("600", "B")):
            with as_file(files("appliance.persons") / "fonts" / f"BeVietnamPro-{weight}.ttf") as font:
                self.add_font(_FONT, style, font)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.set_creation_date(made_at)
        self.set_title(words.TITLE)
        self.set_lang("vi")
        self.write_in(_TEXT)
        self.add_page()

    def footer(self) -> None:
        """Print the page's number."""
        self.set_y(-_MARGIN + 4)
        self.write_in(_SMALL)
        self.cell(text=words.PAGE.format(page=self.page_no()))

    def write_in(self, size: float, *, bold: bool = False) -> None:
        self.set_font(_FONT, "B" if bold else "", size)

    def paragraph(self, text: str, size: float = _TEXT, *, bold: bool = False) -> None:
        self.write_in(size, bold=bold)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)

    def section(self, heading: str, headings: Sequence[str], rows: Iterable[Sequence[str]], widths: Any) -> None:
        if self.will_page_break(_HEADING_AND_A_LINE):
            self.add_page()
        self.ln(2)
        self.paragraph(heading, _HEADING, bold=True)
        lines = list(rows)
        if not lines:
            self.paragraph(words.NOTHING)
            return
        self.write_in(_SMALL)
        bold = FontFace(emphasis="BOLD", fill_color=(235, 235, 235))
        with self.table(
            [headings, *lines] if headings else lines,
            col_widths=widths,
            text_align="LEFT",
            line_height=4.6,
            headings_style=bold,
            padding=1,
            first_row_as_headings=bool(headings),
        ):
            pass


def as_pdf(dossier: Dossier, *, device: str, time_zone: str) -> bytes:
    """Return the dossier as a PDF; ``device`` is the appliance's public key in hexadecimal, ``time_zone`` for times."""
    zone = ZoneInfo(time_zone)
    pages = _Pages(dossier.made_at)
    pages.paragraph(words.TITLE, _TITLE, bold=True)
    pages.paragraph(words.ABOUT.format(name=_printable(dossier.name)), _HEADING, bold=True)
    pages.paragraph(words.MADE_AT.format(at=_local(dossier.made_at, zone), device=device[:16]))
    pages.paragraph(words.LAW)
    pages.section(words.ROSTER, (), _roster(dossier), (1, 2))
    pages.section(words.ROLLS, words.ROLL_HEADINGS, _rolls(dossier, zone), (2, 5, 2, 3))
    pages.section(words.ENTRIES, words.ENTRY_HEADINGS, _entries(dossier, zone), (1, 2, 3, 3, 5))
    pages.section(words.ELSEWHERE, words.ELSEWHERE_HEADINGS, _elsewhere(dossier, zone), (2, 2, 3, 3, 4))
    pages.section(words.LOOKS, words.LOOK_HEADINGS, _looks(dossier, zone), (2, 3, 3, 3))
    pages.section(words.LIST_LOOKS, words.LIST_LOOK_HEADINGS, _list_looks(dossier, zone), (3, 1, 3, 3, 4))
    pages.section(words.REQUESTS, words.REQUEST_HEADINGS, _requests(dossier, zone), (1, 2, 3, 2, 3))
    _end(pages)
    return bytes(pages.output())


def _end(pages: _Pages) -> None:
    """Print what is not kept, and below it, on the same page, where both sign."""
    with pages.unbreakable() as whole:
        whole.ln(3)
        whole.paragraph(words.NOT_KEPT)
        whole.ln(6)
        for signature in words.SIGNATURES:
            whole.cell(whole.epw / 2, 6, signature, align="C")
        whole.ln(24)


def _roster(dossier: Dossier) -> Iterator[tuple[str, str]]:
    member = dossier.member
    if member is None:
        return
    values = (
        member.name,
        str(member.id),
        words.CLASSES[member.member_class],
        words.STATUSES[member.status],
        member.note,
        _yes(member.has_identifier),
        _yes(member.has_password),
        _yes(member.has_left),
    )
    yield from zip(words.ROSTER_FIELDS, values, strict=True)


def _rolls(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for one in dossier.rolls:
        day = one.meeting.starts_at.astimezone(zone).strftime("%d/%m/%Y")
        yield day, one.meeting.title, words.CLASSES[one.member_class], words.STATUSES[one.status]


def _entries(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for entry in dossier.entries:
        title = "" if entry.meeting_id is None else dossier.meetings[entry.meeting_id].title
        details = "; ".join(_details(entry, zone))
        yield str(entry.sequence), _local(entry.at, zone), words.KINDS[entry.kind], title, details


def _elsewhere(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    """Yield whom other appliances mean, then what they recorded, which nobody here made sure can be printed."""
    for known in dossier.known_as:
        told = words.ROSTER_ELSEWHERE if known.published_id else "{name}"
        name = told.format(name=known.name, id=known.published_id, list=known.published_list)
        yield known.appliance, "", words.KNOWN_ELSEWHERE, "", name
    for record in dossier.elsewhere:
        kind, title = _KINDS.get(record.kind, record.kind), record.meeting_title or ""
        details = "; ".join(_of_body(record.body, zone))
        yield record.appliance, _local(record.at, zone), kind, title, _printable(details)


def _details(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    if entry.body is None:
        yield words.ERASED
        return
    if entry.refers_to is not None:
        yield words.CORRECTS.format(number=entry.refers_to)
    yield from _of_body(entry.body, zone)


def _of_body(body: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    known = [key for key in words.FIELDS if key in body]
    for key in (*known, *(key for key in body if key not in (*known, *words.UNTOLD))):
        yield f"{words.FIELDS.get(key, key)}: {_value(key, body[key], zone)}"


def _value(key: str, value: object, zone: ZoneInfo) -> str:
    match value:
        case bool():
            return _yes(value)
        case str():
            return _text(key, value, zone)
        case {"name": str(name)}:  # of another appliance, whose entry this one mirrors
            return name
        case _:
            return json.dumps(value, ensure_ascii=False)


def _text(key: str, value: str, zone: ZoneInfo) -> str:
    if key == CLOCK:
        return words.UNCERTAIN
    if key.endswith("_at"):
        with suppress(ValueError):  # another appliance may say whatever it likes
            return _local(utc_time(value), zone)
    return _STATUSES.get(value, value) if key == "status" else value


def _looks(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for line in dossier.looks:
        officer = _officer(dossier, line)
        yield _local(line.at, zone), officer, words.LOOKED_AT[line.what], words.PURPOSES[line.purpose]


def _list_looks(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    """Yield a line for each officer and list, with the first look and the last: one for each look would fill a book."""
    looks: dict[tuple[str, Look, int | None], list[datetime]] = {}
    for line in dossier.list_looks:
        looks.setdefault((_officer(dossier, line), line.what, line.meeting_id), []).append(line.at)
    for (officer, what, meeting_id), times in looks.items():
        first, last = _local(min(times), zone), _local(max(times), zone)
        when = first if first == last else words.FROM_UNTIL.format(first=first, last=last)
        title = "" if meeting_id is None else _on(dossier.meetings[meeting_id], zone)
        at = words.LOOKED_AT[what] if meeting_id is not None else _LISTS_OF_NO_MEETING.get(what, words.LOOKED_AT[what])
        yield when, str(len(times)), officer, at, title


def _officer(dossier: Dossier, line: AccessLine) -> str:
    if line.account_id is None:
        return words.AT_THE_MACHINE
    return dossier.officers.get(line.account_id, words.ACCOUNT.format(number=line.account_id))


def _requests(dossier: Dossier, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for one in dossier.requests:
        received = one.received_at.astimezone(zone).strftime("%d/%m/%Y")
        answer = words.OPEN if one.answer is None else words.ANSWERS[one.answer]
        yield str(one.id), received, words.REQUEST_KINDS[one.kind], f"{one.due_on:%d/%m/%Y}", answer


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M")


def _on(meeting: Meeting, zone: ZoneInfo) -> str:
    return words.ON.format(title=meeting.title, day=meeting.starts_at.astimezone(zone).strftime("%d/%m/%Y"))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _yes(value: bool) -> str:
    return words.YES if value else words.NO
