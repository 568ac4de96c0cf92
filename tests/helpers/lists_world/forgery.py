"""Publications that no honest desk would make: any metadata, signed by anybody, chained as the client expects it."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Signer
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from appliance.lists.catalogue import ISSUED, ISSUED_FORMAT
from lists_world.town import Town

Edit = Callable[[Any], object]


class Forgery:
    """A copy of a published folder, written to by somebody who has the keys of a town, which knows nothing of it."""

    def __init__(self, public: Path, town: Town) -> None:
        self.public = public
        self._town = town

    def newest(self, role: str) -> Metadata[Any]:
        """Return the latest metadata of a role that lies in the folder."""
        return Metadata.from_file(str(self._newest_file(role)))

    def change(
        self,
        role: str,
        edit: Edit = lambda _: None,
        *,
        by: Iterable[Signer] | None = None,
        at: datetime | None = None,
        bump: int = 1,
    ) -> Path:
        """Publish other metadata of one role; signed by those who should, unless told; return its file."""
        metadata = self.newest(role)
        metadata.signed.version += bump
        metadata.signed.unrecognized_fields[ISSUED] = (at or self._town.now).strftime(ISSUED_FORMAT)
        edit(metadata.signed)
        metadata.signatures.clear()
        for signer in self._town.signers_of(role) if by is None else by:
            metadata.sign(signer, append=True)
        name = "timestamp.json" if role == "timestamp" else f"{metadata.signed.version}.{role}.json"
        path = self.public / "metadata" / name
        path.write_bytes(metadata.to_bytes())
        return path

    def chain(self, *roles: str, at: datetime | None = None, bump: int = 1) -> None:
        """Lead to the newest metadata of these roles: by a new snapshot, and a new timestamp."""

        def lead(snapshot: Any) -> None:
            for role in roles:
                snapshot.meta[f"{role}.json"] = self.named(role)

        if roles:
            self.change("snapshot", lead, at=at)
        snapshot = self.named("snapshot")
        self.change("timestamp", lambda timestamp: setattr(timestamp, "snapshot_meta", snapshot), at=at, bump=bump)

    def named(self, role: str) -> MetaFile:
        """Return what leads to the newest metadata of a role: version, length, hash."""
        path = self._newest_file(role)
        return MetaFile.from_data(self.newest(role).signed.version, path.read_bytes(), ["sha256"])

    def change_and_chain(self, role: str, edit: Edit = lambda _: None, **how: Any) -> None:
        """Publish other metadata of a role and what leads to it."""
        self.change(role, edit, **how)
        self.chain(role)

    def target(self, path: str, content: bytes) -> TargetFile:
        """Put a file among the targets, and return what metadata says of it."""
        target = TargetFile.from_data(path, content, ["sha256"])
        self.place_of(path, content).write_bytes(content)
        return target

    def with_target(self, role: str, path: str, content: bytes, **how: Any) -> None:
        """Publish one more target, or another one, under a role."""
        target = self.target(path, content)
        self.change_and_chain(role, lambda signed: signed.targets.update({path: target}), **how)

    def place_of(self, path: str, content: bytes) -> Path:
        folder, _, name = path.rpartition("/")
        place = self.public / "targets" / folder
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{hashlib.sha256(content).hexdigest()}.{name}"

    def published(self, path: str) -> Path:
        """Return the file that is published under a target's path now."""
        for role in ("central", "province-01", "province-02"):
            target = self.newest(role).signed.targets.get(path)
            if target is not None:
                return self.public / "targets" / target.get_prefixed_paths()[0]
        raise LookupError(path)

    def _newest_file(self, role: str) -> Path:
        metadata = self.public / "metadata"
        if role == "timestamp":
            return metadata / "timestamp.json"
        return max(metadata.glob(f"*.{role}.json"), key=lambda path: int(path.name.split(".")[0]))


def stranger() -> CryptoSigner:
    """Somebody with a key that nobody gave a role."""
    return CryptoSigner.generate_ed25519()
