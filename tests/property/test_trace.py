"""A trace survives its file; no bytes but a trace file's are taken for one."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import EvidenceError
from verifier.transport.trace import Step, Trace

steps = st.builds(Step, st.binary(min_size=4, max_size=60), st.binary(min_size=2, max_size=60)) | st.builds(
    Step, st.binary(min_size=4, max_size=60), st.none(), st.sampled_from(["card-removed", "reader-gone"])
)
traces = st.lists(steps, max_size=8).map(lambda several: Trace(tuple(several)))


@given(traces)
def test_a_complete_trace_comes_back_exactly(trace: Trace) -> None:
    assert Trace.from_bytes(trace.to_bytes(redacted=False)) == trace


@given(traces)
def test_a_redacted_trace_keeps_headers_lengths_and_status_words_and_nothing_else(trace: Trace) -> None:
    redacted = Trace.from_bytes(trace.to_bytes())
    for step, shown in zip(trace.steps, redacted.steps, strict=True):
        assert shown.command == step.header + bytes(len(step.command) - 4)
        assert shown.error == step.error
        if step.response is not None:
            assert shown.response == bytes(len(step.response) - 2) + step.response[-2:]


@given(st.binary(max_size=300), st.sampled_from([b"true", b"false"]))
def test_arbitrary_lines_end_in_a_trace_or_in_its_own_error(line: bytes, redacted: bytes) -> None:
    head = b'{"format": "thechip-trace", "version": 1, "redacted": ' + redacted + b"}\n"
    for encoded in (line, head + line):
        with contextlib.suppress(EvidenceError):
            Trace.from_bytes(encoded)
