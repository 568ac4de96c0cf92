"""Tones as sound: our own small generator of WAV files, and what makes recordings louder or softer.

16-bit samples in one channel. Everything is made once, before anybody waits for it.
"""

import array
import io
import math
import wave
from typing import Final

from appliance.kiosk.looks import Note

FRAMES_PER_SECOND: Final = 22_050
_FULL_SCALE: Final = 32_767
_FADE_S: Final = 0.008
"""Of each tone's beginning and end: without it a loudspeaker clicks."""
_LONGEST_S: Final = 10
_RATES: Final = range(8_000, 48_001)


class NotASound(ValueError):
    """A file that is no recording that we play; the text says what it should be."""


def tones(melody: tuple[Note, ...], volume: int) -> bytes:
    """Return a melody as a WAV file whose peak is ``volume`` per cent of full scale."""
    samples = array.array("h")
    for note in melody:
        samples.extend(_samples_of(note, _FULL_SCALE * volume // 100))
    return _wav(samples, FRAMES_PER_SECOND)


def softer(recording: bytes, volume: int) -> bytes:
    """Return a recording at ``volume`` per cent of its loudness. Raises ``NotASound``.

    It must be a WAV file of 16-bit samples in one channel, at most ten seconds long.
    """
    try:
        with wave.open(io.BytesIO(recording)) as file:
            shape, rate, frames = (file.getnchannels(), file.getsampwidth()), file.getframerate(), file.getnframes()
            data = file.readframes(min(frames, rate * _LONGEST_S + 1))
    except (wave.Error, EOFError) as error:
        msg = "it is no WAV file"
        raise NotASound(msg) from error
    if shape != (1, 2) or rate not in _RATES or len(data) % 2 or len(data) > 2 * rate * _LONGEST_S:
        msg = "it must be WAV of one channel, 16 bit, at most 10 seconds"
        raise NotASound(msg)
    return _wav(array.array("h", (sample * volume // 100 for sample in array.array("h", data))), rate)


def _samples_of(note: Note, peak: int) -> list[int]:
    count = round(note.seconds * FRAMES_PER_SECOND)
    fade = round(_FADE_S * FRAMES_PER_SECOND)
    turn = 2 * math.pi * note.hertz / FRAMES_PER_SECOND
    return [
        round(peak * min(1.0, number / fade, (count - 1 - number) / fade) * math.sin(turn * number))
        for number in range(count)
    ]


def _wav(samples: "array.array[int]", rate: int) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return written.getvalue()
