"""The tray's titles: the Vietnamese ones are for people, the technical terms stand in the English ones."""

import re
from datetime import UTC, datetime

from appliance.demo.cards import tray
from appliance.demo.pki import DemoPki

ABBREVIATION = re.compile(r"\b[A-Z]{2,}|\bDG\d|chip|PIN")


def test_the_vietnamese_titles_need_no_technical_term_and_differ_from_each_other() -> None:
    titles = [card.title_vi for card in tray(DemoPki.make(datetime(2026, 11, 3, tzinfo=UTC)))]
    assert [title for title in titles if ABBREVIATION.search(title)] == []
    assert len(set(titles)) == len(titles)
