"""Record a session, redact it, and play it again."""

from datetime import UTC, datetime
from random import Random

from verifier.sdk import CanPassword, load_profile, read
from verifier.sdk.recording import RecordingConnection, ReplayConnection, Step, Trace
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
profile, can = load_profile("icao-mrtd"), CanPassword("123456")
card = personalise(SyntheticPki(at=now).issue_document_signer(), invented_person(1))
recording = RecordingConnection(card)
evidence = read(recording, profile=profile, password=can, at=now, random=Random(1).randbytes)
trace: Trace = recording.trace
steps: tuple[Step, ...] = tuple(trace.steps)
assert len(steps) == recording.apdus
replay = ReplayConnection(Trace.from_bytes(trace.to_bytes(redacted=False)))
assert read(replay, profile=profile, password=can, at=now, random=Random(1).randbytes) == evidence
assert replay.is_finished
