import pytest
import pytz

from verifier.lds import states
from verifier.lds.states import signing_state_of, state_of


@pytest.mark.parametrize(
    ("certificate", "mrz"),
    [
        ("VN", "VNM"),
        ("vn", "VNM"),
        ("VNM", "VNM"),
        ("DE", "D<<"),
        ("DE", "DEU"),
        ("EU", "EUE"),
        ("UT", "UTO"),
        ("XO", "XOM"),
    ],
)
def test_a_certificate_and_an_mrz_name_the_same_state_differently(certificate: str, mrz: str) -> None:
    assert state_of(certificate) == state_of(mrz)


def test_an_unknown_code_equals_only_itself() -> None:
    assert state_of("QQ") == "QQ"
    assert state_of("QQ") != state_of("QQA")


def test_a_british_overseas_passport_is_signed_by_the_united_kingdom() -> None:
    assert signing_state_of("GBD") == state_of("GB")
    assert state_of("GBD") != state_of("GB")


def test_no_two_states_share_a_code() -> None:
    pairs = states._ISO_3166.split()

    assert len(pairs) == 249
    assert len({pair[:2] for pair in pairs}) == len({pair[3:] for pair in pairs}) == 249
    assert all(len(pair) == 6 and pair[2] == "=" for pair in pairs)


def test_every_country_of_another_list_is_known() -> None:
    assert [code for code in pytz.country_names if len(state_of(code)) == 2] == []
