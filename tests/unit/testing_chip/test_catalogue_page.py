"""``docs/testing-kit.md`` names every card of the catalogue, in its order, with what must be said of it."""

from pathlib import Path

from verifier.sdk.testing.misbehaving import CATALOGUE, TestCard

PAGE = Path(__file__).parents[3] / "docs" / "testing-kit.md"


def entry(card: TestCard) -> str:
    expected = card.expectation
    if expected.error is not None:
        verdict = f"raises `{expected.error.__name__}`"
    else:
        verdict = f"{expected.outcome}" + (f", `{expected.reason}`" if expected.reason else "")
    return f"`{card.name}` — {verdict}\n: {card.situation.splitlines()[0]}\n"


def test_the_page_has_an_entry_for_every_card_of_the_catalogue() -> None:
    page = PAGE.read_text(encoding="utf-8")
    first = entry(next(iter(CATALOGUE.values())))
    assert page[page.index(first) :] == "\n".join(entry(card) for card in CATALOGUE.values())
