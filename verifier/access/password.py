"""What opens a card: the machine readable zone, or the card access number (ICAO 9303-11, 4.3.2 and 4.4)."""

import re
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from verifier.errors import InvalidInput, MalformedData
from verifier.lds.mrz import MachineReadableZone, MrzField, check_digit

_NUMBER = re.compile(r"[A-Z0-9<]{1,22}")
_DATE = re.compile(r"(\d\d|<<)(0[1-9]|1[0-2]|<<)(0[1-9]|[12]\d|3[01]|<<)")
_INFORMATION = re.compile(r"([A-Z0-9<]{9,22})([0-9<])([0-9<]{6})([0-9<])([0-9<]{6})([0-9<])")
_CAN = re.compile(r"\d{6}", re.ASCII)
_OTHER_SECRETS = {5: "five are a transport PIN", 10: "ten are a PUK"}
_NUMBER_FIELD_LENGTH = 9
_USED_FIELDS = (MrzField.DOCUMENT_NUMBER, MrzField.DATE_OF_BIRTH, MrzField.DATE_OF_EXPIRY)


@dataclass(frozen=True, slots=True)
class MrzPassword:
    """The three fields of the MRZ that open a card.

    ``document_number`` is 1 to 22 characters of ``A-Z 0-9 <`` without its check digit; small letters and the fillers
    that pad it to nine are put right. The dates are YYMMDD as printed, unknown parts ``<<``.

    Raises ``InvalidInput`` for anything else, without repeating it.

    >>> MrzPassword("L898902C", "690806", "940623").mrz_information()
    b'L898902C<369080619406236'
    """

    document_number: str = field(repr=False)
    date_of_birth: str = field(repr=False)
    date_of_expiry: str = field(repr=False)

    def __post_init__(self) -> None:
        for value in (self.document_number, self.date_of_birth, self.date_of_expiry):
            _require_text(value)
        number = self.document_number.strip().upper().rstrip("<")
        if not _NUMBER.fullmatch(number):
            msg = "a document number has 1 to 22 letters and digits"
            raise InvalidInput(msg)
        object.__setattr__(self, "document_number", number)
        for date, name in ((self.date_of_birth, "birth"), (self.date_of_expiry, "expiry")):
            if not _DATE.fullmatch(date) or not date.isascii():
                msg = f"the date of {name} is not of the form YYMMDD"
                raise InvalidInput(msg)

    def mrz_information(self) -> bytes:
        """Return number, birth and expiry, each with its check digit: 24 bytes or more (ICAO 9303-11, 4.3.2)."""
        number = self.document_number.ljust(_NUMBER_FIELD_LENGTH, "<")
        parts = (number, self.date_of_birth, self.date_of_expiry)
        return "".join(part + check_digit(part) for part in parts).encode("ascii")

    @classmethod
    def from_mrz(cls, text: str) -> Self:
        """Take the fields from a scanned zone (TD1, TD2, TD3; line breaks and spaces are ignored) or from bare
        MRZ information, which is what ``mrz_information`` returns.

        Raises ``InvalidInput`` for other text and for a check digit that does not agree: a misread zone would only
        use up one of the card's patience.
        """
        _require_text(text)
        scanned = "".join(text.split()).upper()
        if match := _INFORMATION.fullmatch(scanned):
            parts = (match[1], match[3], match[5])
            if tuple(check_digit(part) for part in parts) != (match[2], match[4], match[6]):
                msg = "a check digit of the MRZ information does not agree"
                raise InvalidInput(msg)
            return cls(*parts)
        try:
            zone = MachineReadableZone.decode(scanned)
        except MalformedData as error:
            raise InvalidInput(error.sentence) from error
        for part in _USED_FIELDS:
            if part in zone.wrong_check_digits:
                msg = f"the check digit of the {part} does not agree"
                raise InvalidInput(msg)
        return cls(zone.document_number, zone.date_of_birth, zone.date_of_expiry)


@dataclass(frozen=True, slots=True)
class CanPassword:
    """The card access number: the six digits on the front. Opens a card by PACE only.

    Raises ``InvalidInput``, also for a transport PIN of five digits or a PUK of ten: identity cards with further
    functions have them (TR-03110-2), but they do not open the passport application, and are soon blocked.
    """

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_text(self.digits)
        if not _CAN.fullmatch(self.digits):
            other = _OTHER_SECRETS.get(len(self.digits)) if self.digits.isdecimal() else None
            hint = "" if other is None else f"; {other}, which this release does not open cards with"
            msg = f"a card access number has six digits{hint}"
            raise InvalidInput(msg)


Password: TypeAlias = MrzPassword | CanPassword


def _require_text(value: object) -> None:
    if not isinstance(value, str):
        msg = f"what opens a card is given as text, zeros in front included, and not as {type(value).__name__}"
        raise InvalidInput(msg)
