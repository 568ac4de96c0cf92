"""A reading under way: what was asked for, in what manner the card is read, and what was got so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from verifier.access.password import Password
from verifier.access.proofs import ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import CardRefused
from verifier.iso7816.exchange import Exchange
from verifier.lds.elementary_files import ElementaryFile
from verifier.reading.card_types import Learning
from verifier.reading.file_reader import FileReader
from verifier.reading.options import FileProgress, Progress, ReadingOptions
from verifier.reading.profile import CardProfile
from verifier.reading.purpose import ReadingPlan
from verifier.reading.wire import Wire


@dataclass(frozen=True, slots=True)
class Manner:
    """How a card is read; each of these is given up at most once in a reading."""

    extended_length: bool
    short_identifiers: bool = True
    trusts_first_look: bool = True
    """Whether a card that was found without EF.CardAccess is believed to have none."""
    trusts_memory: bool = True
    """Whether it is believed that cards of this type have no extended length; once this card was asked, it is known."""
    passed_over: tuple[tuple[str, int], ...] = ()
    """Files that are not asked for again, with the status words by which the card ended its session over them."""


class OtherMannerError(Exception):
    """The session is over, and a new one in this manner may bring more."""

    def __init__(self, manner: Manner) -> None:
        super().__init__("the card is read in another manner")
        self.manner = manner


@dataclass
class Reading:
    """One reading under way: what was got so far."""

    profile: CardProfile
    plan: ReadingPlan
    password: Password = field(repr=False)
    options: ReadingOptions
    random: Callable[[int], bytes]
    progress: Progress
    wire: Wire = field(default_factory=Wire)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    refused: dict[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None
    reader: FileReader = field(init=False, repr=False)
    """Of the session that is open."""

    def __post_init__(self) -> None:
        self.manner = Manner(extended_length=self.options.extended_length)
        self.learning = Learning(self.options.memory)
        self.looked = False
        """Whether the card was asked for EF.CardAccess, and need not be again."""
        self.is_absent = False
        """Whether it said that there is none."""

    def received(self, file: str, received: int, total: int) -> None:
        """Tell who watches how much of a file came."""
        if self.options.file_progress is not None:
            self.options.file_progress(FileProgress(file, received, total))

    def read(self, file: ElementaryFile) -> Exchange[bytes | None]:
        """Return a file, read at most once; ``None`` where the card refuses it, which is noted."""
        if file.name in self.files:
            return self.files[file.name]
        try:
            content = yield from self.reader.read(file)
        except CardRefused as refusal:
            self.note_refusal(file.name, refusal)
            return None
        self.files[file.name] = content
        return content

    def note_refusal(self, name: str, refusal: CardRefused) -> None:
        """Note a status word. Raises ``CardRefused`` instead where the card means the length of commands."""
        if self.wire.refused_extended_length:
            raise refusal
        self.refused[name] = refusal.status
