"""What personalisation writes into a chip, and how the chip is built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from verifier.iso7816.apdu import EXTENDED_MAX_LE
from verifier.sdk.testing.card_side.active_authentication import ActiveAuthenticationSigner
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.pace import PaceParameters


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How a chip behaves where standards leave room, and where chips in the wild differ."""

    extended_length: bool = True
    """Without it, commands in the extended form are answered with 6700."""
    max_read: int = EXTENDED_MAX_LE
    """The most that one READ BINARY returns."""
    warn_at_end: bool = True
    """Whether a read past the end is answered with 6282 instead of 9000."""
    select_master_file: bool = True
    """Vietnamese citizen cards answer SELECT of the master file with 6D00."""
    card_access_locked: bool = False
    """Others of them answer 6982 to EF.CardAccess, and BAC is meant."""
    exact_le: bool = True
    """Whether EXTERNAL AUTHENTICATE must ask for exactly 28 bytes (hex), and SELECT and MSE for none."""
    short_identifiers: bool = True
    """Without them, reading a file by its short identifier is answered with 6A86, and it has to be selected."""
    corrects_le: bool = False
    """Whether a READ BINARY for more than there is is answered with 6Cxx: the length that would be right."""
    response_chunk: int | None = None
    """The most that one answer carries: what is left is announced with 61xx and fetched with GET RESPONSE.

    Cards with contacts do that (T=0), and there it is for whoever drives the reader to fetch the rest."""
    empty_reads: bool = False
    """Whether reading succeeds without any data, so that a careless reader goes on for ever."""
    errors_in_the_clear: bool = False
    """Whether a refusal inside secure messaging leaves it: unprotected, and the session is over."""
    command_chaining: bool = True
    """Whether long commands may come in pieces; PACE needs it in any case."""
    key_agreement_template: bool = True
    """Whether 3DES Chip Authentication is chosen by MSE:Set KAT; else by MSE:Set AT, as with AES."""
    requires_parameter_id: bool = True
    """Whether MSE:Set AT must name the domain parameters where several sets are offered (ICAO 9303-11, 4.4.4.1)."""
    password_tries: int | None = None
    """Wrong passwords in a row before one is blocked (6983); ``None`` slows down only."""


@dataclass(frozen=True, kw_only=True)
class ChipData:
    """Files, passwords and keys of one chip. ``dataclasses.replace`` makes the altered and the cloned ones."""

    files: Mapping[str, bytes] = field(repr=False)
    """Contents by name: EF.CardAccess, EF.CardSecurity, EF.ATR/INFO, EF.COM, EF.SOD, DG1 … DG16."""
    mrz: str = field(repr=False)
    """The machine readable zone: two or three lines."""
    mrz_information: bytes = field(repr=False)
    """Document number, birth and expiry with their check digits: the password of BAC (ICAO 9303-11, 4.3.2)."""
    can: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)
    """A secret of the holder, as national cards have; no inspection system is told it (BSI TR-03110-2, 2.3)."""
    puk: str | None = field(default=None, repr=False)
    """What unblocks the PIN."""
    pace: tuple[PaceParameters, ...] = ()
    bac: bool = True
    chip_authentication: tuple[ChipAuthenticationKey, ...] = ()
    active_authentication: ActiveAuthenticationSigner | None = None
    locked: frozenset[str] = frozenset()
    """Files that are there and that no reader here may read (6982)."""
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))

    @property
    def is_open(self) -> bool:
        """Whether the chip gives its files without any password."""
        return not self.bac and not self.pace
