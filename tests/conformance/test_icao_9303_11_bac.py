"""ICAO 9303-11 (8th edition, 2021), Appendix D: Basic Access Control, then EF.COM read through secure messaging.

The figures were compared with their copies in gmrtd (github.com/gmrtd/gmrtd, bac/bac_test.go).
"""

from verifier.access.bac import establish_bac
from verifier.access.cipher_suite import CipherSuite
from verifier.access.password import MrzPassword
from verifier.iso7816.apdu import CommandApdu
from verifier.iso7816.exchange import Exchange, perform, through
from verifier.iso7816.files import select_file

PASSWORD = MrzPassword("L898902C", "690806", "940623")
RND_IFD, K_IFD = "781723860C06C226", "0B795240CB7049B01C19B33E32804F0B"
SESSION = [
    ("0084000008", "4608F919887022129000"),
    (
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
    ),
]
EF_COM = [
    ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
    ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
    (
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
    ),
]


def read_ef_com() -> Exchange[bytes]:
    yield from select_file(0x011E)
    start = yield CommandApdu(0x00, 0xB0, 0x00, 0x00, le=4)
    rest = yield CommandApdu(0x00, 0xB0, 0x00, 0x04, le=0x12)
    return start.require_ok() + rest.require_ok()


def test_d1_and_d2_the_keys_follow_from_the_seed():
    seed = bytes.fromhex("239AB9CB282DAF66231DC5A4DF6BFBAE")
    assert CipherSuite.TRIPLE_DES.derive_session_keys(seed) == (
        bytes.fromhex("AB94FDECF2674FDFB9B391F85D7F76F2"),
        bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543"),
    )


def test_d2_mrz_information_of_each_size():
    long_number = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<"
    assert MrzPassword.from_mrz(long_number).mrz_information() == b"D23145890734934071279507122"
    short_number = "I<UTOL898902C<3<<<<<<<<<<<<<<<6908061F9406236UTO<<<<<<<<<<<2ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    assert MrzPassword.from_mrz(short_number) == PASSWORD
    assert PASSWORD.mrz_information() == b"L898902C<369080619406236"


def test_d3_and_d4_a_session_reads_ef_com(transcript_card, example_random):
    card = transcript_card([*SESSION, *EF_COM])
    channel = perform(establish_bac(PASSWORD, example_random(RND_IFD, K_IFD)), card)
    content = perform(through(channel, read_ef_com()), card)
    assert content.hex() == "60145f0104303130365f36063034303030305c026175"
    assert card.is_finished
