"""PACE with every mapping and over every group, against a chip that was written independently, and against bad ones."""

import secrets
from dataclasses import replace

import pytest

from verifier.access.groups import exponentiation
from verifier.access.groups.group import AnyGroup
from verifier.access.groups.standardised import standardised_group
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import CanPassword
from verifier.errors import AccessDenied, CardProtocolError, UnsupportedFeature
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.iso7816.tlv import decode_one, encode
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import PaceInfo
from verifier.sdk.testing import VirtualChip, leading_zero_in_public_key, leading_zero_in_secret
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS, DhGroup
from verifier.sdk.testing.card_side import ciphers
from verifier.sdk.testing.card_side.pace import PaceParameters, PaceResponder
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping

LDS1 = bytes.fromhex("A0000002471001")
CAN = CanPassword("123456")
CARRIED = {group.parameter_id: name for name, group in GROUPS.items() if group.parameter_id not in {9, 11, 14}}
MODP = [CARRIED[parameter_id] for parameter_id in (0, 1, 2)]
FITTING = [
    (name, mapping)
    for parameter_id, name in CARRIED.items()
    for mapping in PaceMapping
    if not (parameter_id == 10 and mapping is PaceMapping.INTEGRATED)
    and not (parameter_id < 3 and mapping is PaceMapping.CHIP_AUTHENTICATION)
]
AES = [suite for suite in ciphers.CipherSuite if suite is not ciphers.CipherSuite.TRIPLE_DES]


def offer_of(chip: VirtualChip) -> PaceInfo:
    return choose_pace(CardAccess.decode(chip.data.files["EF.CardAccess"]).security_infos)


def open_and_read(chip: VirtualChip, random=secrets.token_bytes, card=None):
    card = card or chip
    session = perform(establish_pace(offer_of(chip), CAN, random), card)
    perform(through(session.channel, select_application(LDS1)), card)
    assert perform(through(session.channel, read_by_short_identifier(0x01)), card) == chip.data.files["DG1"]
    return session


@pytest.mark.parametrize(("group", "mapping"), FITTING)
def test_every_mapping_opens_a_chip_over_every_group_that_it_goes_with(chip, seeded, group, mapping):
    session = open_and_read(chip(pace_curve=group, pace_mapping=mapping), seeded(1))
    assert (session.chip_authentication is None) is (mapping is not PaceMapping.CHIP_AUTHENTICATION)


@pytest.mark.parametrize("cipher", list(ciphers.CipherSuite), ids=lambda cipher: cipher.name)
@pytest.mark.parametrize("group", [CARRIED[0], CARRIED[13]])
def test_integrated_mapping_goes_with_every_cipher(chip, group, cipher):
    open_and_read(chip(pace_curve=group, pace_mapping=PaceMapping.INTEGRATED, pace_cipher=cipher))


@pytest.mark.parametrize("cipher", AES, ids=lambda cipher: cipher.name)
def test_chip_authentication_mapping_leaves_what_ties_both_keys_of_the_chip(chip, cipher):
    made = chip(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, pace_cipher=cipher)
    proof = open_and_read(made).chip_authentication
    assert (proof.oid, proof.parameter_id) == (offer_of(made).oid, 13)
    assert len(proof.chip_authentication_data) == 32
    assert proof.chip_authentication_data.hex() not in repr(proof)


@pytest.mark.parametrize(
    ("group", "mapping"), [pair for pair in FITTING if pair[0] in {*MODP[:2], "P-224", "brainpoolP256r1"}]
)
@pytest.mark.parametrize("choose_scalar", [leading_zero_in_secret, leading_zero_in_public_key])
def test_leading_zeros_in_secrets_and_public_keys_do_no_harm(chip, group, mapping, choose_scalar):
    open_and_read(chip(pace_curve=group, pace_mapping=mapping, choose_scalar=choose_scalar))


@pytest.mark.parametrize(("parameter_id", "extended"), [(0, False), (1, True), (2, True)])
@pytest.mark.parametrize("mapping", [PaceMapping.GENERIC, PaceMapping.INTEGRATED])
def test_keys_of_2048_bits_travel_in_extended_length(chip, counting_card, mapping, parameter_id, extended):
    made = chip(pace_curve=CARRIED[parameter_id], pace_mapping=mapping)
    card = counting_card(made)
    open_and_read(made, card=card)
    assert [command.is_extended for command in card.commands[:5]] == [
        False,
        False,
        extended and mapping is PaceMapping.GENERIC,
        extended,
        False,
    ]


def test_where_the_library_has_no_more_modp_groups_they_are_refused_by_name(chip, monkeypatch):
    made = chip(pace_curve=MODP[0])
    monkeypatch.setattr(exponentiation, "_PRIVATE", None)
    with pytest.raises(UnsupportedFeature, match="1024-bit MODP group"):
        offer_of(made)


# --- chips that break the protocol -----------------------------------------------------------------------------------


class Misbehaving(PaceResponder):
    """Answers as it should, but for what a test puts into ``instead``."""

    instead: dict = {}  # noqa: RUF012 – replaced in the class that each test makes

    def encrypt_nonce(self, nothing: bytes) -> bytes:
        return self.instead.get("nonce", lambda run, peer, true: true)(self, nothing, super().encrypt_nonce(nothing))

    def map_nonce(self, peer: bytes) -> bytes:
        return self.instead.get("mapping", lambda run, peer, true: true)(self, peer, super().map_nonce(peer))

    def agree_on_key(self, peer: bytes) -> bytes:
        return self.instead.get("agreement", lambda run, peer, true: true)(self, peer, super().agree_on_key(peer))

    def confirm(self, token: bytes) -> bytes:
        return self.instead.get("token", lambda run, peer, true: true)(self, token, super().confirm(token))


@pytest.fixture
def misbehaving(chip_data, seeded):
    def make(options: dict, **instead) -> VirtualChip:
        responder = type("Responder", (Misbehaving,), {"instead": instead})
        return VirtualChip(chip_data(**options), random=seeded(3), pace_responder=responder)

    return make


def value(number_of) -> object:
    """An answer with a number that is made of the group."""

    def answer(run, peer: bytes, true: bytes) -> bytes:
        del peer, true
        number = number_of(standardised_group(run.curve.parameter_id))
        return number.to_bytes((number.bit_length() + 7) // 8 or 1)

    return answer


def outside_the_subgroup(group: AnyGroup) -> int:
    return next(number for number in range(2, 100) if pow(number, group.q, group.p) != 1)


BAD_VALUES = {
    "zero": (value(lambda group: 0), "outside"),
    "one": (value(lambda group: 1), "outside"),
    "minus one": (value(lambda group: group.p - 1), "outside"),
    "p": (value(lambda group: group.p), "outside"),
    "p plus g": (value(lambda group: group.p + group.g), "outside"),
    "another subgroup": (value(outside_the_subgroup), "not in the subgroup"),
    "not in any small one": (value(lambda group: group.p - group.g), "not in the subgroup"),
    "a byte too many": (lambda run, peer, true: b"\x00" * 3 + true.rjust(run.curve.field_length, b"\x00"), "outside"),
    "nothing": (lambda run, peer, true: b"", "outside"),
    "the reader's own": (lambda run, peer, true: peer, "own"),
    "the reader's own, padded": (lambda run, peer, true: peer.rjust(run.curve.field_length, b"\x00"), "own"),
}


@pytest.mark.parametrize(("step", "commands"), [("mapping", 3), ("agreement", 4)])
@pytest.mark.parametrize("bad", BAD_VALUES)
@pytest.mark.parametrize("group", [MODP[0], MODP[2]])
def test_a_bad_public_value_is_refused_before_it_is_used(misbehaving, counting_card, group, bad, step, commands):  # noqa: PLR0917
    answer, sentence = BAD_VALUES[bad]
    made = misbehaving({"pace_curve": group}, **{step: answer})
    card = counting_card(made)
    with pytest.raises(CardProtocolError, match=sentence):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), card)
    assert len(card.commands) == commands


@pytest.mark.parametrize(("group", "mapping"), [("P-256", "integrated"), (MODP[0], "integrated"), (MODP[0], "generic")])
def test_a_tampered_token_is_a_denial(misbehaving, group, mapping):
    made = misbehaving(
        {"pace_curve": group, "pace_mapping": PaceMapping(mapping)},
        token=lambda run, peer, true: true[:-1] + bytes([true[-1] ^ 1]),
    )
    with pytest.raises(AccessDenied, match="token"):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), made)


@pytest.mark.parametrize(("group", "mapping"), [("P-256", "integrated"), (MODP[0], "integrated"), (MODP[0], "generic")])
def test_a_wrong_can_is_denied(chip, group, mapping):
    made = chip(pace_curve=group, pace_mapping=PaceMapping(mapping))
    with pytest.raises(AccessDenied, match="6300"):
        perform(establish_pace(offer_of(made), CanPassword("654321"), secrets.token_bytes), made)


@pytest.mark.parametrize("suite", list(ciphers.CipherSuite), ids=lambda suite: suite.name)
@pytest.mark.parametrize("length", [16, 32, 48])
def test_a_nonce_of_another_length_than_integrated_mapping_asks_for_is_refused(
    misbehaving, counting_card, suite, length
):
    """ICAO 9303-11, 4.4.3.3: l is the smallest number of whole blocks that holds a key. Generic mapping takes any."""
    right = 16 if suite.key_length == 16 else 32
    made = misbehaving(
        {"pace_mapping": PaceMapping.INTEGRATED, "pace_cipher": suite}, nonce=lambda run, peer, true: bytes(length)
    )
    card = counting_card(made)
    with pytest.raises(AccessDenied if length == right else CardProtocolError):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), card)
    assert len(card.commands) == (5 if length == right else 2)


@pytest.mark.parametrize(
    ("group", "suite"),
    [
        (MODP[2], ciphers.CipherSuite.TRIPLE_DES),
        ("brainpoolP256r1", ciphers.CipherSuite.TRIPLE_DES),
        (MODP[2], ciphers.CipherSuite.AES_256),
    ],
)
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_nonce_may_be_of_any_number_of_blocks(chip, group, suite, blocks):
    """Italian identity cards offer DH with 3DES and parameters 2, and send 8 or 16 bytes, as logs of readers show:
    github.com/italia/cie-mrtd-example-app/issues/1 and github.com/italia/cie-mrtd-dotnet-sdk/issues/8.
    """
    offer = PaceParameters(GROUPS[group], suite, nonce_length=blocks * suite.block)
    open_and_read(chip(pace_curve=None, more_pace=(offer,)))


@pytest.mark.parametrize("answer", [b"\x00", bytes(16), b"\x04" + bytes(64)])
def test_mapping_data_where_integrated_mapping_has_none_is_refused(misbehaving, answer):
    made = misbehaving({"pace_mapping": PaceMapping.INTEGRATED}, mapping=lambda run, peer, true: answer)
    with pytest.raises(CardProtocolError, match="mapping data"):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), made)


@pytest.mark.parametrize("answer", ["", "7c00", "7c028200"])
def test_an_answer_without_mapping_data_is_what_integrated_mapping_wants(chip, answer):
    made = chip(pace_mapping=PaceMapping.INTEGRATED)

    class SaysNothing:
        def transmit(self, command):
            response = made.transmit(command)
            return replace(response, data=bytes.fromhex(answer)) if b"\x81\x10" in command.data[:4] else response

    open_and_read(made, card=SaysNothing())


def test_a_point_off_the_curve_is_refused_after_integrated_mapping_too(misbehaving):
    made = misbehaving(
        {"pace_mapping": PaceMapping.INTEGRATED}, agreement=lambda run, peer, true: true[:-1] + bytes([true[-1] ^ 1])
    )
    with pytest.raises(CardProtocolError, match="not on the curve"):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), made)


class Padding(DhGroup):
    """A group whose chip writes its public values as long as p, and means them so in the tokens."""

    def encode(self, point):
        return super().encode(point).rjust(self.field_length, b"\x00")


@pytest.mark.parametrize("mapping", [PaceMapping.GENERIC, PaceMapping.INTEGRATED])
def test_a_public_value_with_zeros_in_front_is_authenticated_as_it_was_received(chip, seeded, mapping):
    """ICAO 9303-11, 9.4.1 allows no zeros in front, and 4.4.3.4 authenticates the received key."""
    group = GROUPS[MODP[0]]
    padding = Padding(group.name, group.parameter_id, group.p, group.generator, group.n)
    offer = PaceParameters(padding, ciphers.CipherSuite.AES_128, mapping=mapping)
    made = chip(pace_curve=None, more_pace=(offer,), choose_scalar=leading_zero_in_public_key)
    open_and_read(made, seeded(1))


def test_a_mapping_value_that_cancels_the_nonce_is_refused(seeded, answering_card):
    """A card that knows the reader's mapping key could make the new generator 1: g^s * h = 1."""
    group, nonce, mapping = standardised_group(0), seeded(9)(16), 0x1234567890ABCDEF
    suite = ciphers.CipherSuite.AES_128
    encrypted = suite.encrypt(suite.derive_key(b"123456", ciphers.PASSWORD_COUNTER), bytes(16), nonce)
    exponent = -int.from_bytes(nonce) * pow(mapping, -1, group.q) % group.q
    chip_key = group.encode(pow(group.g, exponent, group.p))
    card = answering_card(
        b"\x90\x00",
        encode(0x7C, encode(0x80, encrypted)) + b"\x90\x00",
        encode(0x7C, encode(0x82, chip_key)) + b"\x90\x00",
    )
    with pytest.raises(CardProtocolError, match="cancels"):
        perform(establish_pace(PaceInfo("0.4.0.127.0.7.2.2.4.1.2", 2, 0), CAN, mapping.to_bytes), card)


# --- the end of chip authentication mapping --------------------------------------------------------------------------


class LastAnswer:
    """A chip whose last answer of PACE is changed on the way."""

    def __init__(self, chip: VirtualChip, change) -> None:
        self._chip = chip
        self._change = change
        self._steps = 0

    def transmit(self, command):
        response = self._chip.transmit(command)
        self._steps += command.ins == 0x86
        if command.ins != 0x86 or command.cla or self._steps != 4:
            return response
        objects = decode_one(response.data).value
        token, encrypted = objects[:10], objects[12:]
        return replace(response, data=encode(0x7C, token + self._change(encrypted)))


@pytest.mark.parametrize(
    "change", [lambda encrypted: b"", lambda encrypted: encode(0x8B, encrypted), lambda data: encode(0x8A, data) * 2]
)
def test_a_chip_that_leaves_its_chip_authentication_data_out_breaks_the_protocol(chip, change):
    made = chip(pace_mapping=PaceMapping.CHIP_AUTHENTICATION)
    with pytest.raises(CardProtocolError, match="chip authentication mapping"):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), LastAnswer(made, change))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:-16],
        lambda data: bytes(48),
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    ],
)
def test_chip_authentication_data_that_does_not_decrypt_proves_nothing_and_the_channel_stands(chip, change):
    made = chip(pace_mapping=PaceMapping.CHIP_AUTHENTICATION)
    card = LastAnswer(made, lambda data: encode(0x8A, change(data)))
    assert open_and_read(made, card=card).chip_authentication.chip_authentication_data == b""


def test_chip_authentication_data_after_another_mapping_is_ignored(chip):
    made = chip()

    class Generous:
        def transmit(self, command):
            response = made.transmit(command)
            if response.data[:2] == b"\x7c\x0a":
                return replace(response, data=encode(0x7C, response.data[2:] + encode(0x8A, bytes(48))))
            return response

    assert open_and_read(made, card=Generous()).chip_authentication is None
