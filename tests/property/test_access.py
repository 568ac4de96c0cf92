from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.access.bac import establish_bac
from verifier.access.chip.active_authentication import verify_active_authentication
from verifier.access.chip.chip_authentication import choose_chip_authentication, verify_chip_authentication
from verifier.access.cipher_suite import CipherSuite
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.access.proofs import ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import (
    AccessDenied,
    CardProtocolError,
    CardRefused,
    InvalidInput,
    MalformedData,
    SecureMessagingError,
    UnsupportedFeature,
)
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform
from verifier.iso7816.tlv import encode
from verifier.lds.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    PaceInfo,
    SecurityInfos,
)

suites = st.sampled_from(list(CipherSuite))
statuses = st.sampled_from([0x9000, 0x6282, 0x6300, 0x63C1, 0x6982, 0x6988, 0x6F00])
objects = st.builds(encode, st.sampled_from([0x80, 0x82, 0x84, 0x86, 0x87, 0x85, 0x99, 0x8E]), st.binary(max_size=80))
data = st.one_of(
    st.binary(max_size=100),
    st.lists(objects, max_size=4).map(b"".join),
    st.lists(objects, max_size=3).map(lambda parts: encode(0x7C, b"".join(parts))),
)
responses = st.builds(ResponseApdu, data, statuses)
EC_KEY = ec.derive_private_key(7, ec.SECP256R1())
SPKI = EC_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS8 = EC_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
RSA_SPKI = (
    rsa.RSAPublicNumbers(3, (1 << 1024) - 105)
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)
CA_INFO = ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.2", 1)
CA_KEY = ChipAuthenticationPublicKeyInfo(
    "0.4.0.127.0.7.2.2.1.2",
    ec.derive_private_key(9, ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
)


@given(suites, responses)
def test_no_forged_response_is_believed(suite, response):
    channel = SecureMessaging(suite, *suite.derive_session_keys(b"secret"))
    channel.protect(CommandApdu(0x00, 0xB0, 0x81, 0x00, le=256))
    try:
        channel.unprotect(response)
    except SecureMessagingError:
        assert not channel.is_alive
        return
    raise AssertionError


class ArbitraryCard:
    def __init__(self, left: list[ResponseApdu]) -> None:
        self.left = left

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        del command
        return self.left.pop(0) if self.left else ResponseApdu(b"", 0x6F00)


offers = st.sampled_from([(2, 13), (1, 0), (3, 1), (4, 12), (6, 16), (2, 8)]).map(
    lambda pair: PaceInfo(f"0.4.0.127.0.7.2.2.4.{pair[0]}.2", 2, pair[1])
)
nonces = st.binary(min_size=16, max_size=16).map(lambda nonce: encode(0x7C, encode(0x80, nonce)))
keys = st.one_of(st.binary(max_size=300), st.integers(0, 1 << 1030).map(lambda number: number.to_bytes(130)))
mappings = keys.map(lambda key: encode(0x7C, encode(0x82, key)))
last = keys.map(lambda key: encode(0x7C, encode(0x84, key)))
good = [ResponseApdu(b"", 0x9000)]
conversations = st.one_of(
    st.lists(responses, max_size=6),
    st.tuples(nonces, mappings, last).map(lambda answers: good + [ResponseApdu(answer, 0x9000) for answer in answers]),
    st.tuples(nonces, last).map(
        lambda answers: (
            good + [ResponseApdu(answer, 0x9000) for answer in (answers[0], b"\x7c\x02\x82\x00", answers[1])]
        )
    ),
)


@given(conversations, st.one_of(offers, st.none()))
def test_whatever_a_card_answers_no_channel_opens_and_the_error_is_typed(left, info):
    password = MrzPassword("L898902C", "690806", "940623")
    exchange = (
        establish_pace(info, CanPassword("123456"), lambda length: bytes([0x42]) * length)
        if info is not None
        else establish_bac(password, lambda length: bytes([0x42]) * length)
    )
    try:
        perform(exchange, ArbitraryCard(left))
    except (AccessDenied, CardProtocolError, CardRefused):
        return
    raise AssertionError


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=120).map(lambda inner: encode(0x31, encode(0x30, inner)))))
def test_any_bytes_are_security_infos_or_malformed(der):
    try:
        infos = SecurityInfos.decode(der)
    except MalformedData:
        return
    for choose in (choose_pace, choose_chip_authentication):
        with suppress(UnsupportedFeature):
            choose(infos)


@given(st.text(max_size=100))
def test_any_text_is_a_password_or_invalid(text):
    for make in (MrzPassword.from_mrz, CanPassword, lambda part: MrzPassword(part, part, part)):
        with suppress(InvalidInput):
            make(text)


@given(st.binary(max_size=200), st.one_of(st.just(PKCS8), st.binary(max_size=60)))
def test_no_forged_chip_authentication_is_believed(response, terminal_key):
    proof = ChipAuthenticationProof(CA_INFO.oid, None, terminal_key, response)
    assert not verify_chip_authentication(proof, CA_INFO, CA_KEY)


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=140), st.binary(min_size=64, max_size=64), st.binary(min_size=128, max_size=128)))
def test_no_forged_active_authentication_is_believed(signature):
    proof = ActiveAuthenticationProof(bytes(8), signature)
    assert not verify_active_authentication(proof, SPKI, None)
    assert not verify_active_authentication(proof, RSA_SPKI, None)
