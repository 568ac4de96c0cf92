"""What a screen in private mode shows of a name."""

import unicodedata

import pytest

from appliance.kiosk.display import initials_of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mẫu Thị Sen", "M. T. S."),
        ("Đỗ Mẫu Ổi", "Đ. M. Ổ."),
        ("mẫu thị ấn", "M. T. Ấ."),
        ("Mẫu-Đỗ Thị Sen", "M.-Đ. T. S."),
        ("Mẫu\u2013Đỗ Thị Sen", "M.-Đ. T. S."),
        ("Y", "Y."),
        ("Sen", "S."),
        ("H'Mẫu Niê", "H. N."),
        ("Mẫu Thị Sen (Bé)", "M. T. S. B."),
        ("  Mẫu   Sen ", "M. S."),
        ("Mẫu - Sen", "M. S."),
        ("– ' .", ""),
        ("", ""),
    ],
)
def test_each_word_gives_its_first_letter_and_nothing_more(name: str, initials: str) -> None:
    assert initials_of(name) == initials
    assert initials_of(unicodedata.normalize("NFD", name)) == initials
