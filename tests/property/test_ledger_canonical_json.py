import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from appliance.ledger.canonical_json import canonical_json

texts = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
).filter(lambda value: _depth(value) <= 8)


def _depth(value):
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 1


@given(json_values)
def test_reading_and_writing_again_gives_the_same_bytes(value):
    once = canonical_json(value)
    assert canonical_json(json.loads(once)) == once


@given(st.dictionaries(texts, scalars, max_size=6))
def test_the_order_of_keys_and_the_composition_of_accents_make_no_difference(value):
    value = {unicodedata.normalize("NFC", key): item for key, item in value.items()}
    decomposed = {unicodedata.normalize("NFD", key): value[key] for key in reversed(value)}
    assert canonical_json(decomposed) == canonical_json(value)
