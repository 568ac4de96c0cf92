"""A tap's time budget by ``scripts/time-budget``: its check, its chart, its table, and a real tap or two."""

import sys
import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "scripts" / "lib"))

from crowd import CardKind
from time_budget.budget import Bar, bars
from time_budget.chart import draw
from time_budget.stopwatch import Step
from time_budget.table import budgets, own_parts

from appliance.firmware_host.simulator.chip_times import FAST_CHIP
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.link_time import Part

SVG = "{http://www.w3.org/2000/svg}"


def a_bar(ours_s: float, rate: int = 424) -> Bar:
    link = {Part.AIR: 0.07, Part.LINE: 0.06, Part.READER: 0.02, Part.CHIP: 0.2}
    own = dict.fromkeys(Step, ours_s / len(Step))
    return Bar(CardKind.PACE_CA, rate, "fast chip 2020s", link, own, 0.025, [ours_s] * 5, 13, 2219)


def drawn(title: str, of: list[Bar]) -> ET.Element:
    return ET.fromstring(draw(title, of))  # noqa: S314 – it was made a moment ago


def test_the_share_of_ours_is_of_everything_that_a_person_waits_for() -> None:
    assert a_bar(0.05).whole == pytest.approx(0.4)
    assert a_bar(0.05).share == pytest.approx(0.125)
    assert a_bar(0.05).percentile(99) == pytest.approx(0.05)


def test_a_share_of_more_than_a_tenth_fails_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    check = import_module("time_budget.__main__")._check
    assert check([a_bar(0.03)]) == 0
    assert check([a_bar(0.03), a_bar(0.05, rate=106)]) == 1
    assert "12.5% of PACE + CA at 106 kbit/s" in capsys.readouterr().err


def test_the_chart_shows_each_part_by_a_hatching_of_its_own_and_by_its_number() -> None:
    root = drawn("A tap", [a_bar(0.03), a_bar(0.05)])
    patterns = {pattern.get("id"): ET.tostring(pattern) for pattern in root.iter(f"{SVG}pattern")}
    assert set(patterns) == {"air", "line", "chip", "ours"}
    assert len({pattern.split(b"fill=", 1)[1] for pattern in patterns.values()}) == 4
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"70", "80", "200", "30", "50", "380 ms", "400 ms", "ours 7.9%", "ours 12.5%"} <= set(texts)


def test_the_bars_are_as_long_as_their_parts_and_touch_each_other() -> None:
    root = drawn("A tap", [a_bar(0.05)])
    widths, end = [], None
    for rectangle in root.iter(f"{SVG}rect"):
        if rectangle.get("height") == "34":
            assert end is None or float(rectangle.get("x", "")) == pytest.approx(end)
            widths.append(float(rectangle.get("width", "")))
            end = float(rectangle.get("x", "")) + widths[-1]
    assert [round(width / sum(widths), 2) for width in widths] == [0.17, 0.2, 0.5, 0.12]


def test_the_tables_have_a_line_for_each_bar_and_a_column_for_each_step() -> None:
    assert (
        list(budgets([a_bar(0.05)]))[-1] == "| PACE + CA | 424 | fast chip 2020s | 70 | 80 | 200 | 50 | 400 | 12.5% |"
    )
    head, _, line = own_parts([a_bar(0.06)])
    assert [step.value in head for step in Step] == [True] * len(Step)
    assert line.count("|") == head.count("|")


def test_a_real_tap_has_a_budget_that_repeats_but_for_ours() -> None:
    link = LinkModel(chip=FAST_CHIP)
    slow, fast = (next(iter(bars("fast chip 2020s", link, 2, rates=[rate]))) for rate in (106, 424))
    assert slow.apdus == fast.apdus == 13
    assert slow.link[Part.CHIP] == pytest.approx(fast.link[Part.CHIP], rel=0.02)
    assert slow.link[Part.AIR] > 2.5 * fast.link[Part.AIR]
    assert all(seconds >= 0 for bar in (slow, fast) for seconds in bar.own.values())
    assert 0 < fast.ours < fast.whole
