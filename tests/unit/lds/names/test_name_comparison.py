"""Whether a name as people write it can be the name in an MRZ; zones with names from ICAO 9303-4 and -5, 4.2.3."""

import unicodedata

import pytest

from verifier.errors import InvalidInput, UnsupportedFeature
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.names.comparison import NameMatch, NameOrder, compare_names
from verifier.lds.names.transliteration import mrz_letters

TD1_LINES = "IDUTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6"
TD3_LOWER = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def td1(name: str) -> MachineReadableZone:
    return MachineReadableZone.decode(TD1_LINES + name.ljust(30, "<"))


def td3(name: str) -> MachineReadableZone:
    return MachineReadableZone.decode("P<UTO" + name.ljust(39, "<") + TD3_LOWER)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nguyễn Thị Ngọc Ánh", "NGUYEN THI NGOC ANH"),
        ("Đặng Đức Đường", "DANG DUC DUONG"),
        (unicodedata.normalize("NFD", "Trương Quỳnh Như"), "TRUONG QUYNH NHU"),
        ("Térèsa Cañon", "TERESA CANON"),
        ("Großmann, Jürgen", "GROSSMANN JUERGEN"),
        ("Søren Ærø Þórsson", "SOEREN AEROE THORSSON"),
        ("Łukasz Żółć", "LUKASZ ZOLC"),
        ("Ștefan Țiriac", "STEFAN TIRIAC"),
        ("O'Connor D’Artagnan", "OCONNOR DARTAGNAN"),
        ("Smith-Jones", "SMITH JONES"),
        ("Şükrü Iğdır", "SUEKRUE IGDIR"),
        ("Обьедков Юрий", "OBEDKOV IURII"),
        ("عبّاس", "EBBAS"),
        ("فضّة", "FXDZDZXAH"),
        ("  \u00a0 ", ""),
    ],
)
def test_a_name_becomes_the_letters_of_an_mrz(name: str, letters: str) -> None:
    assert mrz_letters(name) == letters


@pytest.mark.parametrize("name", ["Ελένη", "山田", "Əliyev", "ⴰⵎⵉⵏ"])
def test_a_letter_without_a_table_is_named_by_its_number_and_never_guessed(name: str) -> None:
    with pytest.raises(UnsupportedFeature, match=r"U\+[0-9A-F]{4}"):
        mrz_letters(name)
    assert compare_names(name, td1("ALIYEV")) is NameMatch.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Mẫu Thử Nghiệm", "MAU<<THU<NGHIEM"),
        ("Müller Jürgen", "MUELLER<<JUERGEN"),
        ("Müller Jürgen", "MULLER<<JURGEN"),
        ("Müller Jürgen", "MUXXLLER<<JUERGEN"),
        ("Cañon Térèsa", "CANXXON<<TERESA"),
        ("Åse Ånund", "AASE<<ANUND"),
        ("Гусак Юлія", "HUSAK<<YULIIA"),
        ("Щербакова Ёлка", "SHCHERBAKOVA<<ELKA"),
        ("Ђорђевић Љиљана", "DORDEVIC<<LJILJANA"),
        ("Arkfreith", "ARKFREITH"),
        ("Van der Muellen Martin", "VAN<DER<MUELLEN<<MARTIN"),
    ],
)
def test_every_way_that_the_tables_allow_is_the_same_name(name: str, written: str) -> None:
    assert compare_names(name, td1(written)) is NameMatch.SAME
    assert compare_names(unicodedata.normalize("NFD", name.lower()), td1(written)) is NameMatch.SAME


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Mẫu Thử Nghiệm", "MAU<<THU"),
        ("Mẫu Thử", "MAU<<THU<NGHIEM"),
        ("Mẫu Thử", "MAU<<THI"),
        ("Thử Mẫu", "MAU<<THU"),
        ("Müller", "MUELER"),
        ("Müller", "MUELLERS"),
        ("", "MAU<<THU"),
    ],
)
def test_another_name_is_different(name: str, written: str) -> None:
    assert compare_names(name, td1(written)) is NameMatch.DIFFERENT


def test_the_order_of_surname_and_given_names_is_said_by_the_caller_or_by_a_comma() -> None:
    zone = td1("ERIKSSON<<ANNA<MARIA")
    assert compare_names("Anna Maria Eriksson", zone) is NameMatch.DIFFERENT
    assert compare_names("Anna Maria Eriksson", zone, order=NameOrder.SURNAME_LAST) is NameMatch.SAME
    assert compare_names("Eriksson Anna Maria", zone, order=NameOrder.SURNAME_LAST) is NameMatch.DIFFERENT
    assert compare_names("Eriksson Anna Maria", zone, order=NameOrder.EITHER) is NameMatch.SAME
    assert compare_names("Eriksson, Anna Maria", zone, order=NameOrder.SURNAME_LAST) is NameMatch.SAME
    assert compare_names("Eriksson Anna, Maria", zone, order=NameOrder.EITHER) is NameMatch.DIFFERENT


DINGO = "Bennelong Wooloomooloo Warrandyte Warnambool, Dingo Potoroo"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Nilavadhanananda, Chayapa Dejthamrong Krasuang", td1("NILAVADHANANANDA<<CHAYAPA<DE<K")),
        ("Nilavadhanananda, Arnpol Petch Charonguang", td1("NILAVADHANANANDA<<ARNPOL<PE<CH")),
        ("Nilavadhanananda, Arnpol Petch Charonguang", td3("NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU")),
        (DINGO, td1("BENNELONG<WOOLOOMOOLOO<W<W<<DI")),
        (DINGO, td1("BENNELONG<WOOLOOM<WA<WARN<<D<P")),
        (DINGO, td1("BENNE<WOOLO<WARRA<WARNA<<DIN<P")),
        (DINGO.replace(",", ""), td3("BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI")),
        ("Papandropoulous, Jonathon Alec", td1("PAPANDROPOULOUS<<JONATHON<ALEC")),
        ("Vilarchao Fernández, José Ramón", td1("VILARCHAO<FERNANDEZ<<JOSE<RAMO")),
    ],
)
def test_a_name_that_fills_its_field_fits_every_name_that_was_cut_to_it(name: str, zone: MachineReadableZone) -> None:
    assert zone.name_may_be_truncated
    assert compare_names(name, zone) is NameMatch.SAME_AS_FAR_AS_SHOWN


def test_a_cut_name_with_another_letter_in_it_is_still_different() -> None:
    zone = td1("BENNE<WOOLO<WARRA<WARNA<<DIN<P")
    assert compare_names(DINGO.replace("Woolo", "Wullo"), zone) is NameMatch.DIFFERENT
    assert compare_names("Bennelong Wooloomooloo", zone) is NameMatch.DIFFERENT


def test_the_name_is_kept_as_on_the_card() -> None:
    zone = td1("ERIKSSON<<ANNA<MARIA")
    assert zone.name_field == "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    assert "ERIKSSON" not in repr(zone)
    assert not zone.name_may_be_truncated


def test_a_name_without_end_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(InvalidInput):
        compare_names("Ü" * 513, td1("U"))
    assert compare_names("Ü" * 512, td3("UEUXXU" * 6 + "UEU")) is NameMatch.SAME_AS_FAR_AS_SHOWN
