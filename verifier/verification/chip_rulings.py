"""What can become of a chip's proof that it is no copy."""

from verifier.verification.report import CheckName, Outcome
from verifier.verification.ruling import Ruling

_ACTIVE = "ICAO 9303-11, 6.1"
_CHIP = "ICAO 9303-11, 6.2"
_BOTH = "ICAO 9303-11, 6"
_MAPPING = "ICAO 9303-11, 4.4.3.5"


def _ruling(outcome: Outcome, reason: str, sentence: str, clause: str = _BOTH) -> Ruling:
    return Ruling(CheckName.CHIP_AUTHENTICITY, outcome, reason, sentence, clause)


AUTHENTIC_CA = _ruling(
    Outcome.PASSED, "chip-authentic-ca", "The chip is the original one (Chip Authentication).", _CHIP
)
AUTHENTIC_CAM = _ruling(
    Outcome.PASSED,
    "chip-authentic-pace-cam",
    "The chip is the original one (PACE with Chip Authentication Mapping).",
    _MAPPING,
)
AUTHENTIC_AA = _ruling(
    Outcome.PASSED, "chip-authentic-aa", "The chip is the original one (Active Authentication).", _ACTIVE
)
NOT_AUTHENTIC = _ruling(
    Outcome.FAILED,
    "chip-not-authentic",
    "The chip does not hold the key that the issuer signed for it: it is a copy.",
)
REFUSED = _ruling(
    Outcome.FAILED,
    "chip-authentication-refused",
    "The issuer gave the chip a key, but the chip refuses to prove it.",
)
CARD_SECURITY_FORGED = _ruling(
    Outcome.FAILED,
    "card-security-forged",
    "EF.CardSecurity, which holds the chip's key, is forged or damaged.",
    _MAPPING,
)
CARD_SECURITY_REVOKED = _ruling(
    Outcome.FAILED,
    "card-security-signer-revoked",
    "The signer of EF.CardSecurity, which holds the chip's key, has been revoked.",
    _MAPPING,
)
CARD_SECURITY_FOREIGN = _ruling(
    Outcome.FAILED,
    "card-security-foreign",
    "EF.CardSecurity, which holds the chip's key, belongs to another card than the data does.",
    _MAPPING,
)
CARD_SECURITY_UNPROVEN = _ruling(
    Outcome.NOT_PERFORMED,
    "card-security-not-trusted",
    "The chip answered, but nobody who is trusted signed the EF.CardSecurity that holds its key.",
    _MAPPING,
)
CARD_SECURITY_UNLINKED = _ruling(
    Outcome.INDETERMINATE,
    "card-security-not-linked",
    "The chip proved a key of EF.CardSecurity, but nothing shows that this file and the data are of one chip.",
    _MAPPING,
)
KEY_NOT_TRUSTED = _ruling(
    Outcome.NOT_PERFORMED,
    "chip-key-not-authentic",
    "The chip answered, but there is no authentic key to judge its answer by.",
)
UNSUPPORTED = _ruling(
    Outcome.INDETERMINATE,
    "chip-key-unsupported",
    "The chip's key is of a kind that this version cannot verify.",
)
NOT_SUPPORTED = _ruling(
    Outcome.NOT_PERFORMED,
    "chip-authentication-not-supported",
    "The issuer gave this chip no key by which a copy could be told.",
)
NOT_PERFORMED = _ruling(
    Outcome.NOT_PERFORMED,
    "chip-authentication-not-performed",
    "The chip was not asked to prove that it is the original one.",
)
