"""Say whom to believe, look into a certificate, and name what is odd about it."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.sdk.testing import SyntheticPki
from verifier.sdk.trust import Certificate, Deviation, Linted, ListSigners, Severity, Tolerance, TrustStore, lint

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
with TemporaryDirectory() as folder:
    SyntheticPki(at=now).write_to(Path(folder))
    store = TrustStore.from_folder(folder, list_signers=ListSigners(now, own_roots=True))
problems: tuple[tuple[str, str], ...] = store.problems
assert not problems
root: Certificate = store.anchors[0]
assert root.country == "VN", root.subject
assert len(root.fingerprint) == 32
linted: list[Linted] = list(lint(root.der, store))
grave = [finding.sentence for one in linted for finding in one.findings if finding.severity is Severity.ERROR]
assert not grave
tolerance = Tolerance(Deviation.DEPRECATED_HASH_SHA1, frozenset({"UTO"}))
assert not tolerance.covers(Deviation.DEPRECATED_HASH_SHA1, root.country)
