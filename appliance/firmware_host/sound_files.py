"""The files that a loudspeaker plays: tones for each state, and perhaps its phrase, made once in the run directory.

Tones are there at once. Phrases come from recordings, or from espeak-ng while the station already serves; without them
there are tones. What is missing is said once, when it is looked for.
"""

import logging
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from appliance.config.sound import ESPEAK, RECORDED, SoundConfig
from appliance.firmware_host.sound_waves import NotASound, softer, tones
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS
from appliance.kiosk.phrases import STATES

log = logging.getLogger(__name__)

SPOKEN = tuple(state for state, look in LOOKS.items() if look.is_spoken)
_RENDERING_S = 10.0
_POLL_S = 0.05
_DYING_S = 0.5
_MOST_BYTES = 8_000_000


@dataclass
class SoundFiles:
    """What stands in ``directory``: for each state the files to play, one after the other."""

    config: SoundConfig
    directory: Path
    is_over: threading.Event = field(default_factory=threading.Event, init=False)
    _tones: dict[DisplayState, Path] = field(default_factory=dict, init=False)
    _phrases: dict[DisplayState, Path] = field(default_factory=dict, init=False)

    def of(self, state: DisplayState) -> tuple[Path, ...]:
        """Return what is to be played for a state: nothing, tones, or tones and a phrase."""
        tone = self._tones.get(state)
        phrase = self._phrases.get(state)
        return tuple(path for path in (tone, phrase) if path is not None)

    def make_tones(self) -> None:
        """Write the tones of every state that sounds. Raises ``OSError`` where the directory takes no files."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for state, look in LOOKS.items():
            if look.melody:
                self._tones[state] = self._written(f"{state}.tones.wav", tones(look.melody, self.config.volume))

    def make_phrases(self) -> None:
        """Add the phrases, as the configuration says, until ``is_over``; say in the log which are missing."""
        sources = {RECORDED: self._recording_of, ESPEAK: self._speech_of}
        source = sources.get(self.config.voice)
        if source is None:
            return
        missing = []
        for state in SPOKEN:
            if self.is_over.is_set():
                return
            try:
                self._phrases[state] = self._written(f"{state}.phrase.wav", softer(source(state), self.config.volume))
            except (OSError, NotASound) as error:
                missing.append(f"{state} ({_in_short(error)})")
        if missing:
            log.warning("no voice for %s: tones only", ", ".join(missing))

    def _recording_of(self, state: DisplayState) -> bytes:
        with (self.config.folder / f"{state}.wav").open("rb") as file:
            return file.read(_MOST_BYTES)

    def _speech_of(self, state: DisplayState) -> bytes:
        """Have the state's phrase spoken into a file. The phrase is ours: no name ever comes here."""
        program = which(ESPEAK)
        if program is None:
            msg = f"{ESPEAK} is not installed"
            raise NotASound(msg)
        spoken = self.directory / f"{state}.spoken.wav"
        try:
            self._render([program, "-v", "vi", "-s", "150", "-w", str(spoken), "--", STATES[state].vi])
            return spoken.read_bytes()
        finally:
            spoken.unlink(missing_ok=True)

    def _render(self, command: list[str]) -> None:
        """Run a program for some seconds at most, and no longer than the loudspeaker is there."""
        until = time.monotonic() + _RENDERING_S
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(  # noqa: S603 - a program of the system, a phrase of ours
            command, stdin=nothing, stdout=nothing, stderr=nothing
        )
        while process.poll() is None:
            if self.is_over.wait(_POLL_S) or time.monotonic() > until:
                process.kill()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_DYING_S)
                msg = f"{ESPEAK} took too long"
                raise NotASound(msg)
        if process.returncode:
            msg = f"{ESPEAK} ended with {process.returncode}"
            raise NotASound(msg)

    def _written(self, name: str, content: bytes) -> Path:
        """Write a file as a whole or not at all: a process that was killed may have left half of one."""
        path, beside = self.directory / name, self.directory / f"{name}.new"
        beside.write_bytes(content)
        return beside.replace(path)


def _in_short(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
