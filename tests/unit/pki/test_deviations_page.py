"""docs/deviations.md lists every code with its severity, treatment, clause and meaning, and says what to do."""

import re
from pathlib import Path

from verifier.pki.conformity.catalogue import entry_of
from verifier.pki.conformity.deviation import Deviation

PAGE = Path(__file__).parents[3] / "docs" / "deviations.md"
ROW = re.compile(r"\| `([a-z0-9-]+)` \| (\w+) \| (\w+) \| (.+?) \| (.+?) \| (.+) \|")


def test_the_page_lists_every_code_as_the_table_has_it():
    rows = {match[1]: match.groups()[1:] for match in map(ROW.fullmatch, PAGE.read_text().splitlines()) if match}
    assert list(rows) == [code.value for code in Deviation]
    for code in Deviation:
        entry = entry_of(code)
        *facts, advice = rows[code.value]
        assert facts == [entry.severity, entry.treatment, entry.clause, entry.meaning], code
        assert advice.endswith(".")
