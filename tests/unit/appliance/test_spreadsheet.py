import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.spreadsheet import csv_rows, harmless


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "﹢1",
        "\t=1",
        "\r=1",
        " =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
    ],
)
def test_no_cell_begins_a_formula(cell):
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("cell", ["Đỗ Thị Hoa", "1-2", "a=b", "", "'=1"])
def test_an_ordinary_cell_stays_as_it_is(cell):
    assert harmless(cell) == cell


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), max_size=5))
def test_what_is_written_is_read_back_row_by_row(rows):
    text = "".join(csv_rows(rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [[harmless(cell) for cell in row] for row in rows]
    for cell in (cell for row in read for cell in row):
        visible = [c for c in cell if unicodedata.category(c) not in ("Zs", "Cf")]
        assert not visible or unicodedata.normalize("NFKC", visible[0])[:1] not in ("=", "+", "-", "@")
        text.encode()
