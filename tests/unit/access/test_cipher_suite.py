import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.errors import MalformedData

SUITES = list(CipherSuite)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("length", [0, 1, 7, 8, 15, 16, 17])
def test_padding_fills_the_last_block_and_comes_off_again(suite, length):
    message = bytes(range(length))
    padded = suite.pad(message)
    assert len(padded) % suite.block_length == 0
    assert suite.unpad(padded) == message


@pytest.mark.parametrize("suite", SUITES)
def test_more_than_a_block_of_padding_is_none(suite):
    for padded in (b"", bytes(suite.block_length), b"\x80" + bytes(suite.block_length), b"\x81" + bytes(7)):
        with pytest.raises(MalformedData):
            suite.unpad(padded)


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_encrypted_decrypts(suite):
    key, counter = bytes(range(suite.key_length)), bytes(suite.block_length - 1) + b"\x01"
    plain = bytes(range(3 * suite.block_length))
    assert suite.decrypt(key, suite.encrypt(key, plain, counter), counter) == plain


def test_aes_mac_is_the_cmac_of_rfc_4493_cut_to_eight_bytes():
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    message = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    assert CipherSuite.AES_128.mac(key, message).hex() == "070a16b46b4d4144"


def test_the_retail_mac_of_one_block_is_plain_two_key_3des():
    key, block = bytes(range(16)), bytes(8)
    assert CipherSuite.TRIPLE_DES.mac(key, block) == CipherSuite.TRIPLE_DES.encrypt(key, block)


def test_longer_aes_keys_are_derived_with_sha_256():
    """ICAO 9303-11, 9.7.1.1 and 9.7.1.2; the values are SHA-256 of 00000001 cut to length."""
    digest = "b40711a88c7039756fb8a73827eabe2c0fe5a0346ca7e0a104adc0fc764f528d"
    assert CipherSuite.AES_192.derive_key(b"", 1).hex() == digest[:48]
    assert CipherSuite.AES_256.derive_key(b"", 1).hex() == digest


@pytest.mark.parametrize(("suite", "strength"), list(zip(SUITES, (112, 128, 192, 256), strict=True)))
def test_strength_orders_the_suites(suite, strength):
    assert suite.strength == strength
