"""A desk: what ``thechip-lists`` does, as a library. Time and passphrases are arguments.

    desk = Desk.found(folder, at=now, passphrases=AskedPassphrases(getpass))
    desk.add_trust([Path("vn-csca.cer")], at=now)
    desk.publish(at=now)

Every method that changes something takes the desk's lock and first finishes a publication that was broken off.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key, Signer

from publisher import (
    accepting,
    card_status,
    delegating,
    own_bundle,
    publishing,
    rosters,
    rotation,
    rules,
    signing,
    trust,
)
from publisher.accepting import Accepted
from publisher.card_status import CardStatusChange
from publisher.desk_folder import DeskFolder
from publisher.files import make_folder
from publisher.founding import Founding, found
from publisher.keyring import Keyring, RandomBytes
from publisher.moments import Ending
from publisher.outgoing import finish
from publisher.passphrases import Passphrases, nobody
from publisher.pruning import KEEP_DAYS, prune
from publisher.publication import Publication
from publisher.recovery import Recovered, recover
from publisher.rosters import RosterChange
from publisher.rotation import KeyChange, Rotation
from publisher.rules import RulesChange
from publisher.settings import Periods, Settings
from publisher.signing import Signing
from publisher.status import DeskStatus, idle_key_files, status
from publisher.trust import TrustChange


class Desk:
    """The desk in a folder, central or a province's.

    Args:
        folder: where it is.
        passphrases: who knows those of its keys, and the PINs of tokens.
        key_folders: where key files are looked for beside the desk's own: sticks.

    Raises ``DeskError`` where there is none.
    """

    def __init__(self, folder: Path, *, passphrases: Passphrases = nobody, key_folders: Sequence[Path] = ()) -> None:
        self.folder = DeskFolder(folder)
        settings = self.folder.settings()
        self.keyring = Keyring((self.folder.keys, *key_folders), passphrases, settings.tokens)

    @classmethod
    def found(
        cls,
        folder: Path,
        *,
        at: datetime,
        passphrases: Passphrases,
        founding: Founding | None = None,
        random: RandomBytes = secrets.token_bytes,
    ) -> "Desk":
        """Hold the first ceremony of a central desk: keys, the first root, an empty publication."""
        desk = DeskFolder(folder)
        make_folder(folder)
        what = founding or Founding()
        with desk.working():
            keyring = Keyring((desk.keys, *what.root_folders), passphrases)
            found(desk, keyring, what, at=at, random=random)
        return cls(folder, passphrases=passphrases, key_folders=what.root_folders)

    @classmethod
    def found_province(
        cls,
        folder: Path,
        code: str,
        *,
        passphrases: Passphrases,
        periods: Periods | None = None,
        token: str | None = None,
        random: RandomBytes = secrets.token_bytes,
    ) -> "Desk":
        """Make the desk of a province and its key; ``request`` is then the file for the central desk."""
        desk = DeskFolder(folder)
        make_folder(folder)
        with desk.working():
            keyring = Keyring((desk.keys,), passphrases)
            own_bundle.found_province(desk, keyring, code, periods=periods, token=token, random=random)
        return cls(folder, passphrases=passphrases)

    @property
    def public(self) -> Path:
        """The folder that is published: ``metadata`` and ``targets``; at a province's desk its bundle."""
        return self.folder.public

    @property
    def first_root(self) -> bytes:
        """``1.root.json``, which appliances are given."""
        return (self.public / "metadata" / "1.root.json").read_bytes()

    @property
    def first_root_sha256(self) -> str:
        """The SHA-256 of ``1.root.json``, 64 hexadecimal digits."""
        return hashlib.sha256(self.first_root).hexdigest()

    @property
    def request(self) -> Path:
        """At a province's desk: the file with its public key, for the central desk."""
        return self.folder.path / f"{self.folder.settings().own_role}.public.json"

    # --- what is published ---------------------------------------------------------------------------------------

    def add_trust(
        self, files: Sequence[Path], *, at: datetime, list_signers: Iterable[str] = (), replace: bool = False
    ) -> TrustChange:
        """Stage certificates, CRLs, and what lists hold for which a named list signer vouches."""
        with self._working():
            return trust.add_trust(self.folder, files, at=at, list_signers=list_signers, replace=replace)

    def remove_trust(self, fingerprint: str) -> TrustChange:
        """Stage the trust list without a certificate or CRL, named by (the beginning of) its SHA-256."""
        with self._working():
            return trust.remove_trust(self.folder, fingerprint)

    def add_card_status(
        self,
        table: Path,
        *,
        at: datetime,
        next_update_days: int | None = None,
        new_base: bool = False,
        no_longer_listed: int | None = None,
    ) -> CardStatusChange:
        """Stage today's card status list from the register's table (CSV), as a base or a delta.

        The table is the complete state; where many cards leave the list, ``no_longer_listed`` says how many.
        """
        with self._working():
            return card_status.add_card_status(
                self.folder,
                self.keyring,
                table,
                at=at,
                next_update_days=next_update_days,
                new_base=new_base,
                no_longer_listed=no_longer_listed,
            )

    def add_rules(self, file: Path) -> RulesChange:
        """Stage a version of the rules."""
        with self._working():
            return rules.add_rules(self.folder, file)

    def add_roster(
        self,
        table: Path,
        *,
        chi_bo: str,
        title: str,
        recipients: Sequence[str],
        short_numbers: bool = False,
        random: RandomBytes = secrets.token_bytes,
    ) -> RosterChange:
        """At a province's desk: stage a roster (CSV), sealed to its appliances (``age1…``)."""
        with self._working():
            return rosters.add_roster(
                self.folder,
                table,
                chi_bo=chi_bo,
                title=title,
                recipients=recipients,
                short_numbers=short_numbers,
                random=random,
            )

    def remove_roster(self, chi_bo: str) -> str:
        """At a province's desk: stage the removal of a roster; return its path."""
        with self._working():
            return rosters.remove_roster(self.folder, chi_bo)

    def unstage(self, what: str) -> tuple[str, ...]:
        """Let go of what is staged and not published: a path, or a folder of them; return the paths."""
        with self._working():
            return self.folder.staged.let_go(what)

    def publish(self, *, at: datetime, clock_is_right: bool = False, keep_days: int = KEEP_DAYS) -> Publication:
        """Sign and publish what is staged and pending, and a fresh timestamp; at a province's desk, its bundle."""
        with self._working():
            make = publishing.publish if self.folder.settings().province is None else own_bundle.publish_bundle
            made = make(self.folder, self.keyring, at=at, clock_is_right=clock_is_right)
            return replace(made, pruned=prune(self.folder, at=at, keep_days=keep_days))

    # --- provinces -----------------------------------------------------------------------------------------------

    def delegate(self, code: str, request: Path, *, at: datetime) -> tuple[str, ...]:
        """Let a province's keys sign its rosters, and no others; return their key ids."""
        with self._working():
            return delegating.delegate(self.folder, self.keyring, code, request, at=at)

    def revoke_delegation(self, code: str, *, at: datetime) -> None:
        """Let nobody sign a province's rosters any more."""
        with self._working():
            delegating.revoke_delegation(self.folder, self.keyring, code, at=at)

    def accept(self, bundle: Path, *, at: datetime) -> Accepted:
        """Check a province's bundle, and keep it for the next publication."""
        with self._working():
            return accepting.accept(self.folder, bundle, at=at)

    # --- keys ----------------------------------------------------------------------------------------------------

    def rotate(
        self,
        role: str,
        *,
        at: datetime,
        new_key: bool = False,
        remove: Sequence[str] = (),
        threshold: int | None = None,
        token: str | None = None,
        random: RandomBytes = secrets.token_bytes,
    ) -> Rotation:
        """Give root, timestamp, snapshot, targets or central other keys; see ``KeyChange``."""
        with self._working():
            change = KeyChange(new_key, remove, threshold, token)
            return rotation.rotate(self.folder, self.keyring, role, change, at=at, random=random)

    def rotate_card_status(self, *, random: RandomBytes = secrets.token_bytes) -> Key:
        """Make another key for card status lists; the next list is a new base, signed with it."""
        with self._working():
            return card_status.renew_card_status_key(self.folder, self.keyring, random=random)

    def rotate_province(self, *, random: RandomBytes = secrets.token_bytes) -> Path:
        """At a province's desk: make another key; return the file for the central desk, which delegates to it anew."""
        with self._working():
            return own_bundle.rotate_province(self.folder, self.keyring, random=random)

    def sign(self, file: Path | None = None) -> tuple[Signing, ...]:
        """Add the signatures of the keys that are here to what is pending, after those that ``file`` brings."""
        with self._working():
            brought = () if file is None else signing.merge(self.folder, file)
            return signing.sign_pending(self.folder, self.keyring, brought=brought)

    def signers_of(self, role: str) -> tuple[Signer, ...]:
        """Return who signs for a role that is published, as many as must sign. Raises ``KeyMissing``."""
        published = self.folder.published()
        if role in published.delegated and published.targets.signed.delegations is not None:
            keys = published.targets.signed.delegations.keys
            wanted = published.targets.signed.get_delegated_role(role)
        else:
            keys, wanted = published.root.signed.keys, published.root.signed.get_delegated_role(role)
        return tuple(self.keyring.signers(wanted, keys, role))

    def recover(self) -> Recovered:
        """Go on from the public folder as a mirror had it, at a desk that came back from a backup."""
        with self._working():
            return recover(self.folder)

    def status(self, *, at: datetime) -> DeskStatus:
        """Look at the desk; nothing is changed."""
        return status(self.folder, self.keyring, at=at, endings=self._endings())

    def idle_keys(self) -> tuple[str, ...]:
        """Return the names of key files in the desk's folder that sign nothing any more."""
        return idle_key_files(self.folder)

    def settings(self) -> Settings:
        """Return what ``desk.json`` holds."""
        return self.folder.settings()

    def _endings(self) -> tuple[Ending, ...]:
        """What ends by itself of what is published; nothing where that cannot be told now."""
        if self.folder.settings().province is not None or self.folder.is_unfinished:
            return ()
        return (*card_status.card_status_endings(self.folder), *trust.trust_endings(self.folder))

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self.folder.working():
            finish(self.folder)
            yield
