"""A memory of card types that was damaged is refused, and an intact one comes back."""

from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import InvalidInput
from verifier.reading.card_types import CardTraits, CardTypeMemory

flags = st.none() | st.booleans()
traits = st.builds(
    CardTraits,
    extended_length=flags,
    short_identifiers=flags,
    max_response=st.none() | st.integers(0, 1 << 31),
    atr_info_looked_at=st.booleans(),
    pace_oid=st.none() | st.just("0.4.0.127.0.7.2.2.4.2.2"),
    pace_parameter_id=st.none() | st.integers(0, 31),
)
fingerprints = st.integers(0, (1 << 128) - 1).map("{:032x}".format)


@given(st.dictionaries(fingerprints, traits, max_size=8))
def test_what_is_written_comes_back(types: dict[str, CardTraits]) -> None:
    memory = CardTypeMemory()
    for fingerprint, known in types.items():
        memory.learn(fingerprint, known)
    copied = CardTypeMemory.from_bytes(memory.to_bytes())
    assert {fingerprint: copied.recall(fingerprint) for fingerprint in types} == types


@given(st.binary(max_size=300), st.data())
def test_damage_is_refused_or_still_a_memory(noise: bytes, data: st.DataObject) -> None:
    memory = CardTypeMemory()
    memory.learn("0" * 32, CardTraits(extended_length=False))
    encoded = memory.to_bytes()
    start = data.draw(st.integers(0, len(encoded)))
    end = data.draw(st.integers(start, len(encoded)))
    for damaged in (noise, encoded[:start] + noise + encoded[end:]):
        try:
            read = CardTypeMemory.from_bytes(damaged)
        except InvalidInput:
            continue
        assert len(read) <= 2
