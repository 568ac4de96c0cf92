"""Which PC/SC reader is meant, by the names that pcsc-lite gives to the parts of real devices."""

import pytest

from appliance.firmware_host.pcsc_names import SlotKind, choose, kind_of
from verifier.sdk.errors import ReaderFault, ReaderGone

ACR_PICC = "ACS ACR1252 1S CL Reader [ACR1252 1S CL Reader PICC] 00 00"
ACR_SAM = "ACS ACR1252 1S CL Reader [ACR1252 1S CL Reader SAM] 01 00"
OMNIKEY_CONTACT = "HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422 Smartcard Reader] 00 00"
OMNIKEY_CONTACTLESS = "HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] 01 00"
LAPTOP = "Alcor Micro AU9540 00 00"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (ACR_PICC, SlotKind.CONTACTLESS),
        (ACR_SAM, SlotKind.SECURITY_MODULE),
        (OMNIKEY_CONTACTLESS, SlotKind.CONTACTLESS),
        (OMNIKEY_CONTACT, SlotKind.UNKNOWN),
        ("Identiv uTrust 4700 F Dual Interface Reader [uTrust 4700 F Contactless Reader] 00 00", SlotKind.CONTACTLESS),
        ("Identiv uTrust 4700 F Dual Interface Reader [uTrust 4700 F Contact Reader] 01 00", SlotKind.CONTACT),
        ("ACS ACR122U PICC Interface 00 00", SlotKind.CONTACTLESS),
        ("HID OMNIKEY 5022 CL [CCID Interface] 00 00", SlotKind.CONTACTLESS),
        ("Broadcom Corp 5880 [Contacted SmartCard] 00 00", SlotKind.CONTACT),
        ("Samsung Reader 00 00", SlotKind.UNKNOWN),
        (LAPTOP, SlotKind.UNKNOWN),
    ],
)
def test_a_name_tells_what_a_slot_is_for_where_it_does(name: str, kind: SlotKind) -> None:
    assert kind_of(name) is kind


def test_without_a_wish_the_first_contactless_one_is_taken() -> None:
    assert choose([LAPTOP, OMNIKEY_CONTACT, ACR_SAM, OMNIKEY_CONTACTLESS, ACR_PICC]) == OMNIKEY_CONTACTLESS


def test_one_that_does_not_say_what_it_is_for_will_do_where_none_does() -> None:
    assert choose([ACR_SAM, LAPTOP]) == LAPTOP


@pytest.mark.parametrize("names", [[ACR_SAM], ["Broadcom Corp [Contacted SmartCard] 00 00", ACR_SAM]])
def test_no_card_is_looked_for_among_contacts_and_security_modules(names: list[str]) -> None:
    with pytest.raises(ReaderGone, match="contacts"):
        choose(names)


@pytest.mark.parametrize("wanted", ["acr1252", "ACS", ACR_PICC])
def test_of_the_parts_of_a_device_that_is_named_the_contactless_one_is_taken(wanted: str) -> None:
    assert choose([OMNIKEY_CONTACTLESS, ACR_SAM, ACR_PICC], wanted) == ACR_PICC


def test_a_whole_name_counts_before_a_part_of_a_longer_one() -> None:
    assert choose(["Reader 00 001", "Reader 00 00"], "Reader 00 00") == "Reader 00 00"


def test_a_slot_for_contacts_is_taken_where_it_is_named() -> None:
    name = "Broadcom Corp 5880 [Contacted SmartCard] 00 00"
    assert choose([OMNIKEY_CONTACTLESS, name], "Broadcom") == name


def test_a_slot_for_security_modules_is_refused_even_where_it_is_named() -> None:
    with pytest.raises(ReaderFault, match="security modules"):
        choose([ACR_PICC, ACR_SAM], ACR_SAM)


@pytest.mark.parametrize(("names", "wanted", "said"), [([], "", "no PC/SC reader"), ([LAPTOP], "ACR", "ACR")])
def test_a_reader_that_is_not_there_is_gone(names: list[str], wanted: str, said: str) -> None:
    with pytest.raises(ReaderGone, match=said):
        choose(names, wanted)
