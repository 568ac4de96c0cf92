"""The header of a card status list, decoded and checked against the length of its file."""

from dataclasses import dataclass
from datetime import datetime

from verifier.cardstatus.layout import HEADER, MAGIC, MAX_COUNT, RECORD, SIGNATURE_LENGTH, VERSION, to_datetime
from verifier.errors import MalformedData, UnsupportedFeature


@dataclass(frozen=True, slots=True)
class ListHeader:
    """What a list says of itself. Times are in UTC, to the second."""

    issued_at: datetime
    next_update: datetime
    sequence: int
    count: int

    @classmethod
    def decode(cls, header: bytes, size: int) -> "ListHeader":
        """Decode the first 64 bytes of a list of ``size`` bytes.

        Raises ``MalformedData`` for bytes that are none, or not of a list of this size, and ``UnsupportedFeature`` for
        another version.
        """
        if size < HEADER.size + SIGNATURE_LENGTH or len(header) != HEADER.size or not header.startswith(MAGIC):
            msg = "this is no card status list, or it is cut off"
            raise MalformedData(msg)
        _, version, record_length, issued, due, sequence, count = HEADER.unpack(header)
        if version != VERSION:
            msg = f"card status lists of version {version} are not supported"
            raise UnsupportedFeature(msg)
        if (
            record_length != RECORD.size
            or count > MAX_COUNT
            or size != HEADER.size + count * RECORD.size + SIGNATURE_LENGTH
        ):
            msg = "a card status list is cut off, or longer than it says"
            raise MalformedData(msg)
        return cls(*period(issued, due), sequence, count)

    def encode(self) -> bytes:
        """Return the 64 bytes of the header."""
        issued, due = int(self.issued_at.timestamp()), int(self.next_update.timestamp())
        return HEADER.pack(MAGIC, VERSION, RECORD.size, issued, due, self.sequence, self.count)


def period(issued: int, due: int) -> tuple[datetime, datetime]:
    """Return when a list was issued and will be replaced, from seconds since 1970. Raises ``MalformedData``."""
    issued_at, next_update = to_datetime(issued), to_datetime(due)
    if next_update <= issued_at:
        msg = "a card status list that ends before it begins"
        raise MalformedData(msg)
    return issued_at, next_update
