"""MRZ examples of ICAO 9303-4, -5, -6 (appendices) and 9303-11, D.2; every person in them is the standard's own."""

import pytest

from verifier.errors import MalformedData
from verifier.lds.mrz import MachineReadableZone, MrzField, check_digit
from verifier.lds.mrz_layout import MrzSize

TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD1_LONG = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"
TD2_LONG = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8"


@pytest.mark.parametrize(("zone", "size", "number"), [(TD1, "TD1", "D23145890"), (TD2, "TD2", "D23145890")])
def test_cards_of_both_sizes_are_decoded_in_full(zone: str, size: str, number: str) -> None:
    mrz = MachineReadableZone.decode(zone)

    assert (mrz.size, mrz.document_number, mrz.document_type) == (MrzSize(size), number, "I")
    assert (mrz.surname, mrz.given_names) == ("ERIKSSON", "ANNA MARIA")
    assert (mrz.issuing_state, mrz.nationality, mrz.sex) == ("UTO", "UTO", "F")
    assert (mrz.date_of_birth, mrz.date_of_expiry) == ("740812", "120415")
    assert not mrz.wrong_check_digits


def test_a_passport_keeps_its_optional_data_and_loses_its_fillers() -> None:
    mrz = MachineReadableZone.decode(TD3.encode())

    assert (mrz.document_type, mrz.document_number, mrz.optional_data) == ("P", "L898902C3", ("ZE184226B",))
    assert not mrz.wrong_check_digits


@pytest.mark.parametrize("zone", [TD1_LONG, TD2_LONG])
def test_a_long_document_number_goes_on_in_the_optional_data(zone: str) -> None:
    mrz = MachineReadableZone.decode(zone)

    assert mrz.document_number == "D23145890734"
    assert mrz.optional_data[0] == ""
    assert not mrz.wrong_check_digits


def test_a_wrong_check_digit_within_a_long_number_is_found() -> None:
    mrz = MachineReadableZone.decode(TD1_LONG.replace("7349<", "7348<"))

    assert mrz.wrong_check_digits == {MrzField.DOCUMENT_NUMBER, MrzField.COMPOSITE}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("D231458907", "D231458908", MrzField.DOCUMENT_NUMBER),
        ("7408122", "7408123", MrzField.DATE_OF_BIRTH),
        ("1204159", "1204158", MrzField.DATE_OF_EXPIRY),
        ("<<<<6", "<<<<7", MrzField.COMPOSITE),
    ],
)
def test_a_wrong_check_digit_is_a_finding_and_no_crash(old: str, new: str, field: MrzField) -> None:
    mrz = MachineReadableZone.decode(TD1.replace(old, new))

    assert field in mrz.wrong_check_digits


def test_swapped_digits_of_the_optional_data_are_found_in_a_passport() -> None:
    mrz = MachineReadableZone.decode(TD3.replace("ZE184226B", "ZE148226B"))

    assert mrz.wrong_check_digits == {MrzField.OPTIONAL_DATA, MrzField.COMPOSITE}


def test_the_check_digit_of_empty_optional_data_may_be_a_filler() -> None:
    line = "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<"
    composite = check_digit(line[0:10] + line[13:20] + line[21:43])

    mrz = MachineReadableZone.decode("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<" + line + composite)

    assert not mrz.wrong_check_digits


def test_an_unknown_day_of_birth_is_kept_as_printed() -> None:
    born = "7408<<"
    line = born + check_digit(born) + "F1204159UTO<<<<<<<<<<<"
    composite = check_digit("D231458907" + "<" * 15 + line[0:7] + line[8:15] + line[18:29])

    mrz = MachineReadableZone.decode("I<UTOD231458907" + "<" * 15 + line + composite + "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")

    assert mrz.date_of_birth == born
    assert not mrz.wrong_check_digits


@pytest.mark.parametrize(
    ("names", "surname", "given"),
    [
        ("NGUYEN<<VAN<AN", "NGUYEN", "VAN AN"),
        ("ARKFREITH", "ARKFREITH", ""),
        ("VAN<DER<MUELLEN<<JAN", "VAN DER MUELLEN", "JAN"),
        ("BENNELONG<WOOLOOMOOLOO<WARRAN", "BENNELONG WOOLOOMOOLOO WARRAN", ""),
        ("NGUYEN<<VAN<<AN", "NGUYEN", "VAN AN"),
        ("", "", ""),
    ],
)
def test_names_part_at_the_first_double_filler(names: str, surname: str, given: str) -> None:
    mrz = MachineReadableZone.decode(TD1[:62] + names.ljust(30, "<"))

    assert (mrz.surname, mrz.given_names) == (surname, given)


def test_a_vietnamese_citizen_card_has_its_number_in_the_optional_data() -> None:
    first = "IDVNM" + "090001234" + check_digit("090001234") + "001090001234<<7"

    mrz = MachineReadableZone.decode(first + TD1[31:])

    assert mrz.document_number == "090001234"
    assert mrz.optional_data == ("001090001234<<7", "")


@pytest.mark.parametrize(
    "zone",
    [
        "",
        TD1[:-1],
        TD1 + "<",
        TD1.replace("ANNA", "anna"),
        TD1.replace("ANNA", "ẠNNA"),
        TD1.replace("ANNA", "AN A"),
        TD1.encode()[:-1] + b"\xff",
    ],
)
def test_what_is_no_mrz_is_refused_without_repeating_it(zone: str | bytes) -> None:
    with pytest.raises(MalformedData) as refused:
        MachineReadableZone.decode(zone)

    assert "ERIKSSON" not in refused.value.sentence


def test_nothing_of_a_person_is_in_a_repr() -> None:
    shown = repr(MachineReadableZone.decode(TD1))

    assert not any(word in shown for word in ("ERIKSSON", "ANNA", "D23145890", "740812", "120415"))


def test_no_chained_error_keeps_an_mrz_of_other_bytes():
    with pytest.raises(MalformedData) as refused:
        MachineReadableZone.decode(b"P<UTOMAU<<TRAN" + b"<" * 73 + b"\xff")
    assert refused.value.__context__ is None
