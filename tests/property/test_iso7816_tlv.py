from contextlib import suppress

from asn1crypto.parser import parse
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import MalformedData
from verifier.iso7816.object_identifier import decode_object_identifier, encode_object_identifier
from verifier.iso7816.tlv import check_structure, decode_all, decode_first, decode_one, encode, header_length

tags = st.sampled_from([0x02, 0x04, 0x30, 0x31, 0x7C, 0x80, 0x87, 0x7F49, 0x5F1F, 0x7F8149])
primitive = st.builds(encode, st.sampled_from([0x02, 0x04, 0x80, 0x5F1F]), st.binary(max_size=300))
trees = st.recursive(
    primitive,
    lambda inner: st.builds(
        lambda tag, parts: encode(tag, b"".join(parts)),
        st.sampled_from([0x30, 0x7C, 0x7F49]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
structures = trees.filter(lambda encoded: len(encoded) < 1 << 16)


@given(tags, st.one_of(st.binary(max_size=300), st.integers(0, 70_000).map(bytes)))
def test_a_data_object_survives_its_journey(tag, value):
    encoded = encode(tag, value)
    element = decode_one(encoded)
    assert (element.tag, element.value, element.size) == (tag, value, len(encoded))
    assert header_length(encoded[:8]) == len(encoded)


@given(st.lists(st.tuples(tags, st.binary(max_size=40)), max_size=6))
def test_a_sequence_falls_into_its_objects(pairs):
    encoded = b"".join(encode(tag, value) for tag, value in pairs)
    assert [(element.tag, element.value) for element in decode_all(encoded)] == pairs


@given(structures)
def test_every_sound_structure_passes_the_walk(encoded):
    check_structure(encoded)


@given(structures, st.data())
def test_a_structure_cut_short_never_passes(encoded, data):
    cut = data.draw(st.integers(1, len(encoded)))
    if cut == len(encoded):
        return
    try:
        check_structure(encoded[:-cut])
    except MalformedData:
        return
    raise AssertionError


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_malformed_and_nothing_else(encoded):
    for function in (decode_first, decode_one, check_structure, header_length, lambda raw: list(decode_all(raw))):
        with suppress(MalformedData):
            function(encoded)


@given(st.binary(min_size=2, max_size=200))
def test_where_another_decoder_agrees_that_it_is_one_object_so_do_we(encoded):
    """asn1crypto is the oracle, for definite lengths and tags of up to four bytes."""
    try:
        element = decode_one(encoded)
    except MalformedData:
        return
    _, _, _, _, content, trailer = parse(encoded, strict=True)
    assert content == element.value
    assert trailer == b""


@given(st.lists(st.integers(0, 1 << 70), max_size=8), st.integers(0, 2), st.integers(0, 39))
def test_an_object_identifier_survives_its_journey(arcs, first, second):
    dotted = ".".join(str(arc) for arc in (first, second, *arcs))
    content = encode_object_identifier(dotted)
    if len(content) <= 64:
        assert decode_object_identifier(content) == dotted


@given(st.binary(max_size=80))
def test_any_bytes_are_an_object_identifier_or_malformed(content):
    with suppress(MalformedData):
        assert encode_object_identifier(decode_object_identifier(content)) == content
