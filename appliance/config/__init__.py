"""Config: the appliance's settings, read once at the composition root and frozen.

Unknown keys are refused: a misspelt setting that is silently ignored is a setting that somebody believes in.
``docs/appliance.toml.example`` lists every key.
"""

from appliance.config.devices import IndicatorConfig, KeypadConfig, ReaderConfig, ScannerConfig
from appliance.config.settings import Config

__all__ = ["Config", "IndicatorConfig", "KeypadConfig", "ReaderConfig", "ScannerConfig"]
