"""The loudspeaker. No sound card here: a program of ours stands in for ``aplay`` and notes what it was given."""

import array
import logging
import math
import os
import signal
import threading
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from appliance.config.sound import SoundConfig
from appliance.firmware_host.sound import Speaker, SpeakerOfADoor, open_speaker
from appliance.firmware_host.sound_files import SPOKEN
from appliance.firmware_host.sound_waves import FRAMES_PER_SECOND, NotASound, softer, tones
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS, Note
from appliance.kiosk.phrases import STATES

PATIENCE_SECONDS = 20.0
CONFIG = SoundConfig(kind="speaker", volume=50, device="plughw:1")
SOUNDING = [state for state, look in LOOKS.items() if look.melody]

PLAYS = """echo "$$ $*" >> "$NOTES"; for last; do :; done; cp "$last" "$NOTES.heard"
"""
HANGS = """trap '' TERM HUP INT; echo "$$ $*" >> "$NOTES"; exec sleep 600
"""
SPEAKS = """while [ "$1" != -w ]; do shift; done; cp "$SPEECH" "$2"; echo "$4" >> "$NOTES.spoken"
"""


def samples_of(sound: bytes) -> "array.array[int]":
    with wave.open(BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return array.array("h", file.readframes(file.getnframes()))


def hertz_of(samples: "array.array[int]") -> float:
    """The pitch, by counting how often the wave goes up through nought; 0 for silence."""
    risings = [at for at in range(1, len(samples)) if samples[at - 1] < 0 <= samples[at]]
    return (len(risings) - 1) * FRAMES_PER_SECOND / (risings[-1] - risings[0]) if len(risings) > 1 else 0.0


def recording(*, channels: int = 1, width: int = 2, rate: int = 16_000, seconds: float = 0.2) -> bytes:
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        wobble = array.array("h", (round(30_000 * math.sin(number / 3)) for number in range(round(rate * seconds))))
        file.writeframes(b"".join(wobble.tobytes() for _ in range(channels * width // 2)) or bytes(len(wobble)))
    return written.getvalue()


# --- the waves -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", SOUNDING)
def test_the_tones_of_a_state_have_its_pitches_its_length_and_no_click(state: DisplayState) -> None:
    melody = LOOKS[state].melody
    samples = samples_of(tones(melody, 80))
    assert len(samples) == round(sum(note.seconds for note in melody) * FRAMES_PER_SECOND)
    at = 0
    for note in melody:
        part = samples[at : at + round(note.seconds * FRAMES_PER_SECOND)]
        at += len(part)
        assert hertz_of(part) == pytest.approx(note.hertz, rel=0.01)
        assert part[0] == part[-1] == 0


@pytest.mark.parametrize("volume", [0, 1, 50, 100])
def test_the_peak_is_the_volume(volume: int) -> None:
    samples = samples_of(tones((Note(880.0, 3),), volume))
    assert max(samples) == pytest.approx(32_767 * volume / 100, rel=0.01, abs=1)
    assert min(samples) == pytest.approx(-32_767 * volume / 100, rel=0.01, abs=1)


def test_a_recording_becomes_softer_and_keeps_its_length_and_speed() -> None:
    made = softer(recording(), 25)
    assert max(samples_of(made)) == pytest.approx(7_500, rel=0.01)
    with wave.open(BytesIO(made)) as file:
        assert (file.getframerate(), file.getnframes()) == (16_000, 3_200)


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        b"RIFF",
        b"OggS" + bytes(100),
        recording(channels=2),
        recording(width=1),
        recording(rate=96_000),
        recording(rate=100),
        recording(seconds=10.5),
        recording()[:40],
        recording()[:-1],
    ],
    ids=[
        "empty",
        "begun",
        "ogg",
        "stereo",
        "8 bit",
        "too fine",
        "too coarse",
        "too long",
        "a head only",
        "half a sample",
    ],
)
def test_what_is_no_recording_of_ours_is_refused(sound: bytes) -> None:
    with pytest.raises(NotASound):
        softer(sound, 50)


# --- the player ------------------------------------------------------------------------------------------------------


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "notes"
    monkeypatch.setenv("NOTES", str(path))
    return path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a program on the path, and nothing else of the kind."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/bin")

    def put(name: str, script: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\n{script}")
        (programs / name).chmod(0o755)

    return put


@pytest.fixture
def speak(tmp_path: Path, notes: Path) -> Iterator[Callable[..., Speaker]]:
    opened: list[Speaker] = []

    def make(config: SoundConfig = CONFIG) -> Speaker:
        speaker = open_speaker(config, tmp_path / "run")
        assert speaker is not None
        opened.append(speaker)
        return speaker

    yield make
    for speaker in opened:
        speaker.close()


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def calls(notes: Path) -> list[list[str]]:
    return [line.split()[1:] for line in notes.read_text().splitlines()] if notes.exists() else []


def players(notes: Path) -> list[int]:
    return [int(line.split()[0]) for line in notes.read_text().splitlines()] if notes.exists() else []


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_state_is_played_through_the_device_of_the_configuration(install, speak, notes, tmp_path):
    install("aplay", PLAYS)
    speak().play(DisplayState.PRESENT)
    wait_until(lambda: calls(notes) != [] and Path(f"{notes}.heard").exists())
    (call,) = calls(notes)
    assert call == ["-q", "-D", "plughw:1", str(tmp_path / "run" / "sounds" / "present.tones.wav")]
    wait_until(lambda: Path(f"{notes}.heard").read_bytes() == tones(LOOKS[DisplayState.PRESENT].melody, 50))


def test_a_player_that_hangs_delays_nobody_and_the_newest_sound_takes_its_place(install, speak, notes):
    install("aplay", HANGS)
    speaker = speak()
    speaker.play(DisplayState.READING)
    wait_until(lambda: len(calls(notes)) == 1)
    speaker.play(DisplayState.PRESENT)
    wait_until(lambda: len(calls(notes)) == 2)
    first, second = players(notes)
    wait_until(lambda: not runs(first))
    assert calls(notes)[1][-1].endswith("present.tones.wav")
    speaker.close()
    wait_until(lambda: not runs(second))


def test_of_many_sounds_that_come_at_once_the_last_is_heard(install, speak, notes):
    install("aplay", PLAYS + "exec sleep 0.3")
    speaker = speak()
    for _ in range(200):
        speaker.play(DisplayState.READING)
    speaker.play(DisplayState.REFUSED)
    wait_until(lambda: bool(calls(notes)) and calls(notes)[-1][-1].endswith("refused.tones.wav"))
    assert len(calls(notes)) < 20


def test_whoever_asks_for_a_sound_never_waits_for_the_thread_that_plays(install, speak, notes):
    install("aplay", HANGS)
    speaker = speak()
    speaker.play(DisplayState.PRESENT)
    wait_until(lambda: len(calls(notes)) == 1)
    os.kill(players(notes)[0], signal.SIGSTOP)
    asking = threading.Thread(target=lambda: [speaker.play(DisplayState.LATE) for _ in range(1000)])
    asking.start()
    asking.join(PATIENCE_SECONDS)
    assert not asking.is_alive()


def test_a_player_that_fails_is_said_once_and_the_next_sound_is_tried(install, speak, notes, caplog):
    install("aplay", PLAYS + "exit 1")
    speaker = speak()
    speaker.play(DisplayState.PRESENT)
    wait_until(lambda: "does not play" in caplog.text)
    for number, state in enumerate((DisplayState.LATE, DisplayState.REFUSED), start=2):
        speaker.play(state)
        wait_until(lambda number=number: len(calls(notes)) == number)
        time.sleep(0.1)  # for it to fail too; a slow machine cuts it off instead
    speaker.close()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said == ["the loudspeaker does not play: aplay ended with 1"]


def test_a_player_that_disappears_leaves_a_station_without_sound(install, speak, tmp_path, caplog):
    install("aplay", PLAYS)
    speaker = speak()
    (tmp_path / "bin" / "aplay").unlink()
    speaker.play(DisplayState.PRESENT)
    wait_until(lambda: "does not play" in caplog.text)


def test_without_a_player_there_is_no_loudspeaker_and_the_log_says_which_package(install, tmp_path, caplog):
    install("something-else", "")
    assert open_speaker(CONFIG, tmp_path / "run") is None
    assert "alsa-utils" in caplog.text


@pytest.mark.parametrize("config", [SoundConfig(), SoundConfig(kind="none"), replace(CONFIG, volume=0)])
def test_no_player_is_started_at_volume_0_nor_where_no_loudspeaker_is_wanted(install, tmp_path, config):
    install("aplay", PLAYS)
    assert open_speaker(config, tmp_path / "run") is None


def test_a_run_directory_that_takes_no_files_is_a_station_without_sound(install, speak, tmp_path, caplog):
    install("aplay", PLAYS)
    (tmp_path / "run").write_text("a file in its place")
    speaker = speak()
    wait_until(lambda: "takes no files" in caplog.text)
    speaker.play(DisplayState.PRESENT)
    speaker.close()


def test_each_door_sounds_and_a_state_that_is_shown_again_does_not(install, speak, notes):
    install("aplay", PLAYS)
    speaker = speak()
    one, other = SpeakerOfADoor(speaker), SpeakerOfADoor(speaker)
    one.show(DisplayState.PRESENT)
    wait_until(lambda: len(calls(notes)) == 1)
    one.show(DisplayState.PRESENT)
    one.show(DisplayState.READY)
    other.show(DisplayState.PRESENT)
    wait_until(lambda: len(calls(notes)) == 2)
    one.close()
    other.show(DisplayState.REFUSED)
    wait_until(lambda: len(calls(notes)) == 3)
    assert [Path(call[-1]).name for call in calls(notes)] == [
        "present.tones.wav", "present.tones.wav", "refused.tones.wav",
    ]  # fmt: skip


# --- the voice -------------------------------------------------------------------------------------------------------


def last_call_of(speaker: Speaker, notes: Path, state: DisplayState) -> list[str]:
    """The files that are played for a state now."""
    before = len(calls(notes))
    speaker.play(state)
    wait_until(lambda: len(calls(notes)) > before)
    return [Path(path).name for path in calls(notes)[-1][3:]]


def test_recorded_phrases_follow_the_tones_and_missing_or_odd_ones_are_said_once(
    install, speak, notes, tmp_path, caplog
):
    install("aplay", PLAYS)
    folder = tmp_path / "voice"
    folder.mkdir()
    (folder / "present.wav").write_bytes(recording())
    (folder / "late.wav").write_bytes(b"no sound")
    speaker = speak(replace(CONFIG, voice="recorded", folder=folder))
    wait_until(lambda: "tones only" in caplog.text)
    assert last_call_of(speaker, notes, DisplayState.PRESENT) == ["present.tones.wav", "present.phrase.wav"]
    wait_until(Path(f"{notes}.heard").exists)
    assert last_call_of(speaker, notes, DisplayState.LATE) == ["late.tones.wav"]
    assert last_call_of(speaker, notes, DisplayState.READING) == ["reading.tones.wav"]
    (said,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "late (it is no WAV file)" in said
    assert "refused (No such file or directory)" in said
    assert "present" not in said.replace("already-present", "")


def test_espeak_ng_speaks_each_phrase_once_and_nothing_else(install, speak, notes, tmp_path, monkeypatch):
    install("aplay", PLAYS)
    install("espeak-ng", SPEAKS)
    speech = tmp_path / "speech.wav"
    speech.write_bytes(recording(rate=22_050))
    monkeypatch.setenv("SPEECH", str(speech))
    speaker = speak(replace(CONFIG, voice="espeak-ng"))
    phrase = tmp_path / "run" / "sounds" / f"{SPOKEN[-1]}.phrase.wav"
    wait_until(phrase.exists)
    wait_until(
        lambda: last_call_of(speaker, notes, SPOKEN[-1]) == [f"{SPOKEN[-1]}.{x}.wav" for x in ("tones", "phrase")]
    )
    assert max(samples_of(phrase.read_bytes())) == pytest.approx(15_000, rel=0.01)
    spoken = Path(f"{notes}.spoken").read_text().splitlines()
    assert spoken == [STATES[state].vi for state in SPOKEN]


def test_without_espeak_ng_there_are_tones_and_the_log_says_why(install, speak, notes, caplog):
    install("aplay", PLAYS)
    speaker = speak(replace(CONFIG, voice="espeak-ng"))
    wait_until(lambda: "espeak-ng is not installed" in caplog.text)
    assert last_call_of(speaker, notes, DisplayState.PRESENT) == ["present.tones.wav"]


def test_a_voice_that_hangs_delays_no_tone_and_ends_with_the_station(install, speak, notes):
    install("aplay", PLAYS)
    install("espeak-ng", 'echo "$$" >> "$NOTES.voice"; exec sleep 600')
    speaker = speak(replace(CONFIG, voice="espeak-ng"))
    wait_until(Path(f"{notes}.voice").exists)
    assert last_call_of(speaker, notes, DisplayState.PRESENT) == ["present.tones.wav"]
    wait_until(lambda: Path(f"{notes}.voice").read_text() != "")
    speaker.close()
    wait_until(lambda: not runs(int(Path(f"{notes}.voice").read_text())))
