"""The demo's issuers: one that is trusted, one of another country, one nobody knows. All synthetic, made at start."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from appliance.config import Config
from appliance.demo.people import DemoMember, chi_bo
from verifier.sdk.testing import (
    CardState,
    ChipData,
    ChipOptions,
    DocumentSigner,
    SyntheticCardStatus,
    SyntheticPki,
    write_chip_data,
)

_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DemoPki:
    """Issuers, signers, and the one card that its issuer revoked."""

    trusted: SyntheticPki = field(repr=False)
    foreign: SyntheticPki = field(repr=False)
    signer: DocumentSigner = field(repr=False)
    revoked_signer: DocumentSigner = field(repr=False)
    foreign_signer: DocumentSigner = field(repr=False)
    unknown_signer: DocumentSigner = field(repr=False)
    revoked_chip: ChipData = field(repr=False)
    revoked_member: DemoMember = field(repr=False)

    @classmethod
    def make(cls, at: datetime) -> Self:
        """Make everything anew; it began a month before ``at``."""
        began = at - _BEFORE
        trusted = SyntheticPki(at=began)
        foreign = SyntheticPki(at=began, country="UT", state="UTO")
        unknown = SyntheticPki(at=began, name="Unheard-of CSCA")
        signer, revoked_signer = trusted.issue_document_signer(), trusted.issue_document_signer()
        trusted.revoke(revoked_signer)
        trusted.issue_crl()
        foreign.issue_crl()
        revoked_member = chi_bo()["Đào"]
        return cls(
            trusted=trusted,
            foreign=foreign,
            signer=signer,
            revoked_signer=revoked_signer,
            foreign_signer=foreign.issue_document_signer(),
            unknown_signer=unknown.issue_document_signer(),
            revoked_chip=write_chip_data(signer, revoked_member.person, options=ChipOptions(can=revoked_member.can)),
            revoked_member=revoked_member,
        )

    def publish(self, config: Config, at: datetime) -> None:
        """Write the lists where the appliance of ``config`` looks for them: issuers, CRLs, card status."""
        self.trusted.write_to(config.trust_directory)
        self.foreign.write_to(config.trust_directory)
        status = SyntheticCardStatus()
        status.enter(self.revoked_chip, CardState.REVOKED)
        config.card_status_path.write_bytes(status.issue(at=at))
        config.card_status_key_path.write_bytes(status.public_key)
