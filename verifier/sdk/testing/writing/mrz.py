"""Writing a machine readable zone (ICAO 9303-3, 4; parts 4, 5 and 6): TD1, TD2 and TD3 with their check digits."""

from enum import StrEnum

from verifier.sdk.testing.people import Person

_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}


class DocumentType(StrEnum):
    """The format of a document."""

    TD1 = "TD1"
    """Card: three lines of 30."""
    TD2 = "TD2"
    """Larger card: two lines of 36."""
    TD3 = "TD3"
    """Passport booklet: two lines of 44."""


def check_digit(text: str) -> str:
    """Return the check digit: weights 7, 3, 1 modulo 10 (ICAO 9303-3, 4.9).

    >>> check_digit("L898902C<")
    '3'
    """
    return str(sum(_VALUES[character] * (7, 3, 1)[place % 3] for place, character in enumerate(text)) % 10)


def write_mrz(person: Person, document_type: DocumentType) -> str:
    """Return the lines, joined by newlines."""
    return "\n".join(_WRITERS[document_type](person))


def write_mrz_information(person: Person) -> bytes:
    """Return number, birth and expiry with check digits: the access protocols' password (ICAO 9303-11, 4.3.2)."""
    number = person.document_number.ljust(9, "<")
    fields = (number, person.date_of_birth, person.date_of_expiry)
    return "".join(text + check_digit(text) for text in fields).encode()


def _td1(person: Person) -> tuple[str, ...]:
    number, overflow = _number_field(person)
    optional = overflow or person.personal_number
    first = _fill(f"ID{person.issuing_state}{number}{optional}", 30)
    dates = _dates(person)
    composite = check_digit(first[5:] + dates[:7] + dates[8:])
    return first, _fill(f"{dates}{person.nationality}", 29) + composite, _name(person, 30)


def _td2(person: Person) -> tuple[str, ...]:
    number, overflow = _number_field(person)
    dates = _dates(person)
    optional = _fill(overflow, 7)
    second = f"{number}{person.nationality}{dates}{optional}"
    composite = check_digit(second[:10] + second[13:20] + second[21:35])
    return _fill(f"I<{person.issuing_state}{_name(person, 31)}", 36), second + composite


def _td3(person: Person) -> tuple[str, ...]:
    number, _ = _number_field(person)
    personal = _fill(person.personal_number, 14)
    second = f"{number}{person.nationality}{_dates(person)}{personal}{check_digit(personal)}"
    composite = check_digit(second[:10] + second[13:20] + second[21:43])
    return _fill(f"P<{person.issuing_state}{_name(person, 39)}", 44), second + composite


_WRITERS = {DocumentType.TD1: _td1, DocumentType.TD2: _td2, DocumentType.TD3: _td3}


def _number_field(person: Person) -> tuple[str, str]:
    """Return number with check digit, and what overflows into the optional data (ICAO 9303-5, 4.2.2.1, note j)."""
    number = person.document_number
    if len(number) <= 9:
        padded = number.ljust(9, "<")
        return padded + check_digit(padded), ""
    return f"{number[:9]}<", f"{number[9:]}{check_digit(number)}<"


def _dates(person: Person) -> str:
    birth, expiry = person.date_of_birth, person.date_of_expiry
    return f"{birth}{check_digit(birth)}{person.sex}{expiry}{check_digit(expiry)}"


def _name(person: Person, length: int) -> str:
    return _fill(f"{person.surname}<<{person.given_names}".replace(" ", "<"), length)


def _fill(text: str, length: int) -> str:
    return text[:length].ljust(length, "<")
