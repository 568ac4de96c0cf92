"""Scene: a small world for test cards, with those whom one trusts and those whom one does not."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from verifier.pki.trust_store import TrustStore
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.curves import Random
from verifier.sdk.testing.people import Person, invented_person
from verifier.sdk.testing.personalise import DEFAULT_CAN, ChipOptions, write_chip_data
from verifier.sdk.testing.pki import DocumentSigner, SyntheticPki, trust_store_of


@dataclass
class Scene:
    """Everything that the cards of ``CATALOGUE`` need, made once and shared by them.

    ``home`` is the state whose cards are meant, ``foreign`` another whose CSCA is trusted too, ``stranger`` pretends to
    be the home state and is trusted by nobody. Cards are made at ``at`` or have been made before it.

        scene = Scene(at=now)
        chip = CATALOGUE["expired"].make(scene)
        report = verify(…, scene.trust_store(), …, at=scene.at)
    """

    at: datetime
    random: Random = field(default=secrets.token_bytes, repr=False)
    options: ChipOptions = field(default_factory=ChipOptions)
    """What its cards offer, where a case has no needs of its own."""
    listed: dict[bytes, str] = field(default_factory=dict, init=False)
    """The card status list: ``revoked``, ``suspended`` or ``lost`` by the hash of a chip's key."""
    can: str = field(default=DEFAULT_CAN, repr=False, init=False)
    """The CAN that a reader is told; a chip of ``wrong-can`` has another."""

    def __post_init__(self) -> None:
        self.home = SyntheticPki(at=self.at, random=self.random)
        self.foreign = SyntheticPki(at=self.at, country="UT", state="UTO", random=self.random)
        self.stranger = SyntheticPki(at=self.at, random=self.random)
        self.signer = self.home.issue_document_signer()
        self.revoked_signer = self.home.issue_document_signer()
        self.home.revoke(self.revoked_signer)
        for pki in (self.home, self.foreign, self.stranger):
            pki.issue_crl()

    @cached_property
    def foreign_signer(self) -> DocumentSigner:
        """A genuine document signer of another state."""
        return self.foreign.issue_document_signer()

    @cached_property
    def unknown_signer(self) -> DocumentSigner:
        """A document signer whose CSCA has the home state's name, and a key that nobody trusts."""
        return self.stranger.issue_document_signer()

    @property
    def holder(self) -> Person:
        """The holder of a card, where nobody else is named."""
        return invented_person(1)

    def trust_store(self) -> TrustStore:
        """Return what the reader trusts: home and foreign CSCA with their CRLs."""
        return trust_store_of([self.home, self.foreign])

    def chip_data(
        self, holder: Person | None = None, *, signer: DocumentSigner | None = None, options: ChipOptions | None = None
    ) -> ChipData:
        """Return the data of a genuine card, to be altered or written into a chip."""
        return write_chip_data(
            signer or self.signer, holder or self.holder, options=options or self.options, random=self.random
        )
