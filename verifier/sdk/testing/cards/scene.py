"""Scene: a small world for test cards, with those whom one trusts and those whom one does not."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing.arithmetic.curves import Random
from verifier.sdk.testing.card_status import SyntheticCardStatus
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.people import Person, invented_person
from verifier.sdk.testing.personalise import DEFAULT_CAN, ChipOptions, write_chip_data
from verifier.sdk.testing.pki import DocumentSigner, SyntheticPki, trust_store_of

_AGE = timedelta(days=2 * 365)


@dataclass
class Scene:
    """Everything that the cards of ``CATALOGUE`` need, made once and shared by them.

    ``home`` is the state whose cards are meant, ``foreign`` another whose CSCA is trusted too. Everything is made at
    ``at`` or before it.

        scene = Scene(at=now)
        chip = CATALOGUE["expired"].make(scene)
        report = verify(…, scene.trust_store(), …, at=scene.at, card_status=scene.card_status_list())
    """

    at: datetime
    random: Random = field(default=secrets.token_bytes, repr=False)
    options: ChipOptions = field(default_factory=ChipOptions)
    """What its cards offer, where a case has no needs of its own."""
    can: str = field(default=DEFAULT_CAN, repr=False, init=False)
    """The CAN that a reader is told; a chip of ``wrong-can`` has another."""

    def __post_init__(self) -> None:
        founded = self.at - _AGE
        self.home = SyntheticPki(at=founded, random=self.random)
        self.foreign = SyntheticPki(at=founded, country="UT", state="UTO", random=self.random)
        self.signer = self.home.issue_document_signer()
        self.expired_signer = self.home.issue_document_signer(lifetime=_AGE / 2)
        self.revoked_signer = self.home.issue_document_signer()
        self.home.revoke(self.revoked_signer)
        for pki in (self.home, self.foreign):
            pki.issue_crl(at=self.at)
        self.card_status = SyntheticCardStatus(random=self.random)

    @cached_property
    def foreign_signer(self) -> DocumentSigner:
        """A genuine document signer of another state."""
        return self.foreign.issue_document_signer()

    @cached_property
    def unknown_signer(self) -> DocumentSigner:
        """A document signer of a CSCA that nobody has heard of."""
        return SyntheticPki(at=self.at, name="Unheard-of CSCA", random=self.random).issue_document_signer()

    @cached_property
    def impostor(self) -> DocumentSigner:
        """A document signer whose CSCA has the home CSCA's very name, and a key that nobody trusts."""
        return SyntheticPki(at=self.at, random=self.random).issue_document_signer()

    @property
    def holder(self) -> Person:
        """The holder of a card, where nobody else is named."""
        return invented_person(1)

    def trust_store(self) -> TrustStore:
        """Return what the reader trusts: home and foreign CSCA with their CRLs."""
        return trust_store_of([self.home, self.foreign])

    def write_to(self, folder: Path) -> None:
        """Write what ``thechip --trust`` takes: certificates and CRLs into the folder, the card status below it.

        The list is ``card-status/cards.list``, with every card that was made so far and has to be on it; its key is
        ``card-status/key.hex``.
        """
        for pki in (self.home, self.foreign):
            pki.write_to(folder)
        self.card_status.write_to(folder / "card-status", at=self.at)

    def card_status_list(self) -> CardStatusList:
        """Return the card status list as of now, with every card that was made so far and has to be on it."""
        return self.card_status.card_status_list(at=self.at)

    def chip_data(
        self, holder: Person | None = None, *, signer: DocumentSigner | None = None, options: ChipOptions | None = None
    ) -> ChipData:
        """Return the data of a genuine card, to be altered or written into a chip."""
        return write_chip_data(
            signer or self.signer, holder or self.holder, options=options or self.options, random=self.random
        )
