"""``thechip-appliance`` as a user calls it, over one state directory: what it printed, and how it ended."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.config import Config
from appliance.services import Services

ROSTER = "họ tên;diện;số thẻ;CAN\nMẫu Thị Sen;chính thức;A1;700001\nMẫu Văn Ổi;dự bị;;\n"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    state: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.state / "appliance.toml"

    def __call__(self, *arguments: str | Path) -> Ended:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ended(code, captured.out, captured.err)

    def on_config(self, *arguments: str | Path) -> Ended:
        return self(*arguments, "--config", self.config)

    def services(self) -> Services:
        return Services.open(Config.load(self.config))
