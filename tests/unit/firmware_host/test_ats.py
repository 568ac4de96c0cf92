import pytest

from appliance.firmware_host.ats import Ats
from verifier.sdk.errors import CardProtocolError


def test_an_ats_of_its_length_alone_has_every_default() -> None:
    ats = Ats.decode(b"\x01")
    assert (ats.frame_size, ats.fwi, ats.sfgi, ats.supports_cid, ats.supports_nad) == (32, 4, 0, True, False)
    assert ats.divisor(8) == 1


@pytest.mark.parametrize(
    ("encoded", "expected", "historical"),
    [
        ("0208", (256, 4, 0, True), ""),
        ("0305 80", (64, 4, 0, True), "80"),
        ("0318 33", (256, 4, 0, True), ""),
        ("0328 E1", (256, 14, 1, True), ""),
        ("0348 00", (256, 4, 0, False), ""),
        ("0458 3300", (256, 4, 0, False), ""),
        ("0468 A101", (256, 10, 1, False), ""),
        ("0578 338002", (256, 8, 0, True), ""),
        ("0978 338102 80318080", (256, 8, 1, True), "80318080"),
    ],
)
def test_each_interface_byte_may_be_absent(encoded: str, expected: tuple[int, int, int, bool], historical: str) -> None:
    ats = Ats.decode(bytes.fromhex(encoded))
    assert (ats.frame_size, ats.fwi, ats.sfgi, ats.supports_cid) == expected
    assert ats.historical.hex() == historical


@pytest.mark.parametrize("encoded", ["", "00", "02", "0378", "0478 3380", "0578 3380", "0678 338002", "FF78"])
def test_an_ats_that_contradicts_itself_is_refused(encoded: str) -> None:
    with pytest.raises(CardProtocolError):
        Ats.decode(bytes.fromhex(encoded))


def test_reserved_values_of_waiting_and_guard_time_mean_the_defaults() -> None:
    ats = Ats.decode(bytes.fromhex("0328FF"))
    assert (ats.fwi, ats.sfgi, ats.guard_time_s) == (4, 0, 0.0)


def test_times_are_those_of_the_standard() -> None:
    ats = Ats.decode(bytes.fromhex("0328 E8"))
    assert ats.waiting_time_s == pytest.approx(4.949, abs=0.001)
    assert ats.guard_time_s == pytest.approx(0.0773, abs=0.0001)


@pytest.mark.parametrize(
    ("ta", "greatest", "divisor"), [(0x33, 4, 4), (0x33, 2, 2), (0x33, 1, 1), (0x77, 8, 8), (0x31, 4, 2), (0x30, 4, 1)]
)
def test_the_best_rate_is_one_that_is_offered_in_both_directions(ta: int, greatest: int, divisor: int) -> None:
    assert Ats.decode(bytes([3, 0x18, ta])).divisor(greatest) == divisor
