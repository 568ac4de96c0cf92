"""``docs/testing-kit.md`` names every card of the catalogue, in its order, with what must be said of it."""

from pathlib import Path

from verifier.sdk.testing.misbehaving import CATALOGUE, TestCard

PAGE = Path(__file__).parents[3] / "docs" / "testing-kit.md"


def row(card: TestCard) -> str:
    expected = card.expectation
    if expected.error is not None:
        verdict = f"raises `{expected.error.__name__}`"
    else:
        verdict = f"{expected.outcome}" + (f", `{expected.reason}`" if expected.reason else "")
    return f"| `{card.name}` | {card.situation.splitlines()[0]} | {verdict} |"


def test_the_page_has_a_row_for_every_card_of_the_catalogue() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `") and " | " in line]
    in_the_catalogue = [line for line in rows if line.split("`")[1] in CATALOGUE]
    assert in_the_catalogue == [row(card) for card in CATALOGUE.values()]
