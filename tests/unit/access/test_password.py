import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.errors import InvalidInput

# The specimen of ICAO 9303-4, appendix A, and of 9303-5 and 9303-6: all invented.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"


@pytest.mark.parametrize(
    ("text", "information"),
    [
        (TD3, b"L898902C3674081221204159"),
        (TD1, b"D23145890774081221204159"),
        (TD2, b"D23145890774081221204159"),
        (TD1.replace("\n", "\r\n").lower() + "\r\n", b"D23145890774081221204159"),
        ("L898902C3674081221204159", b"L898902C3674081221204159"),
        ("D23145890734934071279507122", b"D23145890734934071279507122"),
    ],
)
def test_every_size_and_bare_information_give_the_password(text, information):
    assert MrzPassword.from_mrz(text).mrz_information() == information


@pytest.mark.parametrize(
    "text",
    [
        TD3.replace("L898902C36", "L898902C37"),
        TD3.replace("7408122F", "7408123F"),
        TD3.replace("1204159Z", "1204158Z"),
        "L898902C3674081221204158",
        "",
        "123456",
        TD3[:-1],
        TD3.replace("A", "Ä"),
    ],
)
def test_a_misread_zone_is_refused_before_it_reaches_a_card(text):
    with pytest.raises(InvalidInput) as caught:
        MrzPassword.from_mrz(text)
    assert "898902" not in str(caught.value)


def test_a_wrong_digit_elsewhere_in_the_zone_does_not_matter_for_access():
    assert MrzPassword.from_mrz(TD3[:-1] + "7") == MrzPassword.from_mrz(TD3)


def test_small_letters_and_fillers_are_put_right():
    assert MrzPassword(" l898902c<", "690806", "940623") == MrzPassword("L898902C", "690806", "940623")


@pytest.mark.parametrize(
    "fields",
    [
        ("", "690806", "940623"),
        ("<<<", "690806", "940623"),
        ("L89-8902", "690806", "940623"),
        ("L" * 23, "690806", "940623"),
        ("L898902C", "691306", "940623"),
        ("L898902C", "690832", "940623"),
        ("L898902C", "69080", "940623"),
        ("L898902C", "690806", "9406231"),
        ("L898902C", "٦٩٠٨٠٦", "940623"),
    ],
)
def test_impossible_fields_are_refused(fields):
    with pytest.raises(InvalidInput):
        MrzPassword(*fields)


def test_unknown_parts_of_a_date_are_allowed():
    assert MrzPassword("L898902C", "69<<<<", "<<<<<<").mrz_information() == b"L898902C<369<<<<9<<<<<<0"


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12345\n"])
def test_a_can_has_six_digits(digits):
    with pytest.raises(InvalidInput):
        CanPassword(digits)


@pytest.mark.parametrize(("digits", "name"), [("12345", "a transport PIN"), ("1234567890", "a PUK")])
def test_a_pin_and_a_puk_are_refused_by_name(digits, name):
    with pytest.raises(InvalidInput, match=name) as caught:
        CanPassword(digits)
    assert digits not in caught.value.sentence


def test_no_password_shows_itself():
    shown = repr(MrzPassword("L898902C", "690806", "940623")) + repr(CanPassword("271828"))
    assert not any(secret in shown for secret in ("L898902C", "690806", "940623", "271828"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: CanPassword(123456),
        lambda: CanPassword(b"123456"),
        lambda: MrzPassword(123456789, "690806", "940623"),
        lambda: MrzPassword("L898902C", 690806, "940623"),
        lambda: MrzPassword("L898902C", "690806", None),
        lambda: MrzPassword.from_mrz(b"L898902C<369080619406236"),
    ],
)
def test_a_number_or_bytes_are_refused_with_a_sentence(make):
    with pytest.raises(InvalidInput, match="given as text"):
        make()
