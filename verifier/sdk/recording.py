"""The door for recordings: the APDUs of a session, written down, redacted, and played again without a card.

``RecordingConnection`` wraps any connection; its ``trace`` is a ``Trace`` of ``Step``; ``ReplayConnection`` answers as
recorded. ``docs/how-to/my-reader.md`` shows it, and says what a trace gives away.
"""

from verifier.transport.recorded import RecordingConnection, ReplayConnection
from verifier.transport.trace import Step, Trace

__all__ = ["RecordingConnection", "ReplayConnection", "Step", "Trace"]
