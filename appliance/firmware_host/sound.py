"""The loudspeaker: what a state sounds like, played by ALSA's ``aplay`` in a process of its own.

A tap never waits for a sound. Whoever asks for one leaves it in a place for one, where a newer takes it, and goes on; a
thread plays. A player that hangs is killed, one that cannot be killed is left behind, and after a few of those there
are no more sounds: somebody who holds a card still sees their answer.
"""

import logging
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from shutil import which

from appliance.config.sound import SPEAKER, SoundConfig
from appliance.firmware_host.sound_files import SoundFiles
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS

log = logging.getLogger(__name__)

PLAYER = "aplay"
_LONGEST_S = 15.0
"""No sound takes longer: tones under two seconds, a phrase of ten at most."""
_POLL_S = 0.05
_DYING_S = 0.5
_MOST_UNDEAD = 3


def open_speaker(config: SoundConfig, run_directory: Path) -> "Speaker | None":
    """Return the station's one loudspeaker; ``None`` where the configuration wants none, or there is no player."""
    if config.kind != SPEAKER or config.volume == 0:
        return None
    player = which(PLAYER)
    if player is None:
        log.warning("no sound: %s is not installed (package alsa-utils)", PLAYER)
        return None
    return Speaker([player, "-q", "-D", config.device], SoundFiles(config, run_directory / "sounds"))


class Speaker:
    """Plays the newest sound that was asked for; older ones are cut off. ``command`` is given the files to play."""

    def __init__(self, command: list[str], files: SoundFiles) -> None:
        self._command = command
        self._files = files
        self._changed = threading.Condition()
        self._wanted: DisplayState | None = None
        self._is_closing = False
        self._undead: list[subprocess.Popen[bytes]] = []
        self._complained = False
        self._thread = threading.Thread(target=self._serve, name="sound", daemon=True)
        self._thread.start()

    def play(self, state: DisplayState) -> None:
        """Have a state's sound played as soon as can be. Returns at once."""
        with self._changed:
            self._wanted = state
            self._changed.notify_all()

    def close(self) -> None:
        """Cut off what plays, and end; waits no longer than it takes to kill a player."""
        self._files.is_over.set()
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(4 * _DYING_S)

    # --- in the thread -------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        try:
            self._files.make_tones()
        except OSError as error:
            log.warning("no sound: the run directory takes no files (%s)", error.strerror)
            return
        threading.Thread(target=self._files.make_phrases, name="voice", daemon=True).start()
        while (state := self._next()) is not None:
            self._play(self._files.of(state))

    def _next(self) -> DisplayState | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted is not None or self._is_closing)
            state, self._wanted = self._wanted, None
            return None if self._is_closing else state

    def _play(self, files: tuple[Path, ...]) -> None:
        self._undead = [process for process in self._undead if process.poll() is None]
        if not files or len(self._undead) >= _MOST_UNDEAD:
            return
        try:
            process = subprocess.Popen(  # noqa: S603 - a program of the system, files of our own making
                [*self._command, *map(str, files)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            self._complain(error.strerror or type(error).__name__)
            return
        self._attend(process)

    def _attend(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait until a sound is over, or cut it off: for a newer one, at the end, or because it hangs."""
        until = time.monotonic() + _LONGEST_S
        with self._changed:
            while process.poll() is None and self._wanted is None and not self._is_closing and time.monotonic() < until:
                self._changed.wait(_POLL_S)
        if process.returncode is None:
            if time.monotonic() >= until:
                self._complain("hangs")
            self._end(process)
        elif process.returncode:
            self._complain(f"ended with {process.returncode}")

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_DYING_S)
        if process.returncode is None:  # waits in the kernel, for a device that went away
            self._undead.append(process)

    def _complain(self, what: str) -> None:
        if not self._complained:
            log.warning("the loudspeaker does not play: %s %s", PLAYER, what)
        self._complained = True


class SpeakerOfADoor:
    """An indicator that sounds only. A state that is shown again, without another between, is not sounded again."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._last: DisplayState | None = None

    def show(self, state: DisplayState) -> None:
        """Sound the state, where it sounds."""
        if state is not self._last and LOOKS[state].melody:
            self._speaker.play(state)
        self._last = state

    def close(self) -> None:
        """Do nothing: the loudspeaker is the station's, and other doors may speak."""
