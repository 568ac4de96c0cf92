import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.access.secure_messaging import SecureMessaging, response_mac_is_valid
from verifier.errors import InvalidInput, SecureMessagingError
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.card_side import ciphers
from verifier.sdk.testing.card_side.secure_messaging import SecureSession

SECRET = bytes(range(32))
SUITES = [
    (CipherSuite.TRIPLE_DES, ciphers.CipherSuite.TRIPLE_DES),
    (CipherSuite.AES_128, ciphers.CipherSuite.AES_128),
    (CipherSuite.AES_192, ciphers.CipherSuite.AES_192),
    (CipherSuite.AES_256, ciphers.CipherSuite.AES_256),
]
READ = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256)


@pytest.fixture(params=SUITES, ids=lambda pair: pair[0].value)
def ends(request) -> tuple[SecureMessaging, SecureSession]:
    """The reader's and the chip's end of one channel, written independently of each other."""
    ours, its = request.param
    return SecureMessaging(ours, *ours.derive_session_keys(SECRET)), SecureSession(its, SECRET)


@pytest.mark.parametrize(
    "command",
    [
        CommandApdu(0x00, 0x44, 0x00, 0x00),
        CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256),
        CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=223),
        CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=65_536),
        CommandApdu(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e"),
        CommandApdu(0x00, 0x88, 0x00, 0x00, bytes(8), 256),
        CommandApdu(0x00, 0x86, 0x00, 0x00, bytes(300), 256),
        CommandApdu(0x00, 0x86, 0x00, 0x00, bytes(255)),
        CommandApdu(0x00, 0xB1, 0x00, 0x00, b"\x54\x02\x80\x00", 1000),
        CommandApdu(0x10, 0x86, 0x00, 0x00, b"\x7c\x00", 256),
    ],
)
def test_every_case_of_a_command_arrives_as_it_was_meant(ends, command):
    channel, chip = ends
    arrived = chip.unwrap(channel.protect(command))
    assert (arrived.ins, arrived.p1, arrived.p2, arrived.data) == (command.ins, command.p1, command.p2, command.data)
    assert (arrived.le or 0) % 65_536 == (command.le or 0) % 65_536


@pytest.mark.parametrize(
    "response",
    [
        ResponseApdu(b"", 0x9000),
        ResponseApdu(b"\x60\x14", 0x9000),
        ResponseApdu(bytes(16), 0x6282),
        ResponseApdu(bytes(60_000), 0x9000),
        ResponseApdu(b"", 0x6A82),
        ResponseApdu(b"", 0x6C10),
    ],
)
@pytest.mark.parametrize("ins", [0xB0, 0xB1])
def test_responses_come_out_as_the_chip_meant_them(ends, response, ins):
    channel, chip = ends
    command = CommandApdu(0x00, ins, 0x00, 0x00, b"\x54\x01\x00" if ins & 1 else b"", 65_536)
    chip.unwrap(channel.protect(command))
    assert channel.unprotect(chip.wrap(response, ins)) == response
    assert channel.is_alive


def test_the_counter_goes_on_over_many_messages(ends):
    channel, chip = ends
    for number in range(300):
        chip.unwrap(channel.protect(READ))
        data = number.to_bytes(2)
        assert channel.unprotect(chip.wrap(ResponseApdu(data, 0x9000), READ.ins)).data == data


def test_the_authentic_status_counts_and_not_the_one_outside(ends):
    channel, chip = ends
    chip.unwrap(channel.protect(READ))
    protected = chip.wrap(ResponseApdu(b"", 0x6A82), READ.ins)
    assert channel.unprotect(ResponseApdu(protected.data, 0x9000)).status == 0x6A82


@pytest.mark.parametrize("status", [0x9000, 0x6987, 0x6988, 0x6A82])
def test_a_plain_answer_kills_the_channel(ends, status):
    channel, _ = ends
    channel.protect(READ)
    with pytest.raises(SecureMessagingError, match=f"left the secure channel with {status:04X}"):
        channel.unprotect(ResponseApdu(b"", status))
    assert_dead(channel)


def test_a_flipped_bit_anywhere_kills_the_channel(ends):
    channel, chip = ends
    suite = channel.suite
    chip.unwrap(channel.protect(READ))
    protected = chip.wrap(ResponseApdu(b"\x60\x14\x5f\x01", 0x9000), READ.ins).data
    for position in range(len(protected)):
        altered = bytearray(protected)
        altered[position] ^= 0x01
        fresh = SecureMessaging(suite, *suite.derive_session_keys(SECRET))
        fresh.protect(READ)
        with pytest.raises(SecureMessagingError):
            fresh.unprotect(ResponseApdu(bytes(altered), 0x9000))
        assert_dead(fresh)


def test_a_repeated_response_kills_the_channel(ends):
    channel, chip = ends
    chip.unwrap(channel.protect(READ))
    first = chip.wrap(ResponseApdu(b"\x01", 0x9000), READ.ins)
    channel.unprotect(first)
    channel.protect(READ)
    with pytest.raises(SecureMessagingError, match="not authentic"):
        channel.unprotect(first)
    assert_dead(channel)


def make_response(channel: SecureMessaging, body: bytes, *, mac: bool = True) -> ResponseApdu:
    """A response that this very channel would believe, of whatever form."""
    suite = channel.suite
    counter = (channel._counter + 1).to_bytes(suite.block_length)
    if mac:
        body += encode(0x8E, suite.mac(channel._mac_key, counter + suite.pad(body)))
    return ResponseApdu(body, 0x9000)


def test_authentic_but_malformed_responses_are_refused(ends):
    suite = ends[0].suite
    block = suite.block_length
    status = encode(0x99, b"\x90\x00")
    unpadded = suite.encrypt(
        SecureMessaging(suite, *suite.derive_session_keys(SECRET))._encryption_key, bytes(block), (2).to_bytes(block)
    )
    for body in (
        b"",
        encode(0x99, b"\x90"),
        encode(0x87, b"\x01" + bytes(block)),
        status + encode(0x87, b"\x01" + bytes(block)),
        encode(0x87, b"\x01") + status,
        encode(0x87, b"") + status,
        encode(0x87, b"\x02" + bytes(block)) + status,
        encode(0x87, b"\x01" + bytes(block - 1)) + status,
        encode(0x87, b"\x01" + unpadded) + status,
        encode(0x85, b"") + status,
        encode(0x81, b"plain") + status,
        status + status,
    ):
        channel = SecureMessaging(suite, *suite.derive_session_keys(SECRET))
        channel.protect(READ)
        with pytest.raises(SecureMessagingError, match="malformed"):
            channel.unprotect(make_response(channel, body))
        assert_dead(channel)


def test_a_response_without_a_mac_is_refused(ends):
    channel, _ = ends
    channel.protect(READ)
    with pytest.raises(SecureMessagingError, match="malformed"):
        channel.unprotect(make_response(channel, encode(0x99, b"\x90\x00"), mac=False))
    assert_dead(channel)


def test_a_response_that_never_came_kills_the_channel(ends):
    channel, _ = ends
    channel.protect(READ)
    with pytest.raises(SecureMessagingError, match="never came"):
        channel.protect(READ)
    assert_dead(channel)


def test_a_response_without_a_command_kills_the_channel(ends):
    channel, chip = ends
    with pytest.raises(SecureMessagingError, match="without a command"):
        channel.unprotect(chip.wrap(ResponseApdu(b"", 0x9000), 0xB0))
    assert_dead(channel)


def test_the_first_reason_of_death_is_the_one_that_is_told(ends):
    channel, _ = ends
    channel.retire("the first reason")
    channel.retire("the second reason")
    with pytest.raises(SecureMessagingError, match="the first reason"):
        channel.protect(READ)


@pytest.mark.parametrize("cla", [0x0C, 0x04, 0x80, 0x40])
def test_a_class_that_cannot_be_protected_is_refused_and_the_channel_lives(ends, cla):
    channel, chip = ends
    with pytest.raises(InvalidInput):
        channel.protect(CommandApdu(cla, 0xB0, 0x00, 0x00, le=1))
    chip.unwrap(channel.protect(READ))


@pytest.mark.parametrize(("suite", "chunk"), [(CipherSuite.TRIPLE_DES, 231), (CipherSuite.AES_256, 223)])
def test_the_largest_chunk_fits_a_short_response_and_one_more_does_not(suite, chunk):
    channel = SecureMessaging(suite, *suite.derive_session_keys(SECRET))
    assert channel.max_plain_chunk() == chunk
    card_suite = dict(SUITES)[suite]
    for size, fits in ((chunk, True), (chunk + 1, False)):
        protected = SecureSession(card_suite, SECRET).wrap(ResponseApdu(bytes(size), 0x9000), 0xB0)
        assert (len(protected.data) <= 256) is fits


def test_keys_of_the_wrong_length_are_refused():
    with pytest.raises(InvalidInput):
        SecureMessaging(CipherSuite.AES_256, bytes(16), bytes(16))


def test_a_mac_can_be_checked_without_a_channel(ends):
    channel, chip = ends
    chip.unwrap(channel.protect(READ))
    protected = chip.wrap(ResponseApdu(b"\x01", 0x9000), READ.ins).data
    suite, mac_key = channel.suite, channel._mac_key
    assert response_mac_is_valid(suite, mac_key, protected, 2)
    assert not response_mac_is_valid(suite, mac_key, protected, 4)
    assert not response_mac_is_valid(suite, mac_key, protected[:-1], 2)
    assert not response_mac_is_valid(suite, mac_key, b"", 2)


def assert_dead(channel: SecureMessaging) -> None:
    assert not channel.is_alive
    for _ in range(2):
        with pytest.raises(SecureMessagingError, match="the secure channel is closed: "):
            channel.protect(READ)
        with pytest.raises(SecureMessagingError, match="the secure channel is closed: "):
            channel.unprotect(ResponseApdu(b"", 0x9000))
