"""The part of the configuration that says how answers sound."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.config.checks import filled, one_of
from appliance.errors import ConfigError

NONE: Final = "none"
BUZZER: Final = "buzzer"
TONAL_BUZZER: Final = "tonal-buzzer"
SPEAKER: Final = "speaker"
KINDS: Final = (NONE, BUZZER, TONAL_BUZZER, SPEAKER)
RECORDED: Final = "recorded"
ESPEAK: Final = "espeak-ng"
VOICES: Final = (NONE, RECORDED, ESPEAK)
_LOUDEST: Final = 100


@dataclass(frozen=True, slots=True)
class SoundConfig:
    """What gives the tones, how loud, and whether a phrase is spoken after them; ``docs/kiosk.md`` tells more.

    ``buzzer`` and ``tonal-buzzer`` hang on the pin of ``indicator``; with no lamps there is no buzzer either.
    ``volume`` is a percentage of the loudspeaker's full scale; 0 is silence with any kind, and a buzzer knows nothing
    between. ``device`` is an ALSA device. ``folder`` holds the recordings of ``voice = "recorded"``.
    """

    kind: str = BUZZER
    volume: int = 60
    voice: str = NONE
    folder: Path = Path("/usr/local/share/thechip/voice")
    device: str = "default"

    def __post_init__(self) -> None:
        one_of("sound.kind", self.kind, KINDS)
        one_of("sound.voice", self.voice, VOICES)
        filled("sound.device", self.device)
        if self.device.startswith("-"):  # aplay would take it for an option
            msg = "sound.device must be an ALSA device such as default or plughw:1"
            raise ConfigError(msg)
        if not 0 <= self.volume <= _LOUDEST:
            msg = "sound.volume must lie between 0 and 100"
            raise ConfigError(msg)
        if self.voice != NONE and self.kind != SPEAKER:
            msg = 'sound.voice needs kind = "speaker": no buzzer speaks'
            raise ConfigError(msg)
        if not self.folder.is_absolute():
            msg = "sound.folder must be an absolute path"
            raise ConfigError(msg)
