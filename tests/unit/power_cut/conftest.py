"""What ``scripts/cut-power`` is made of, tried without an emulator."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "scripts" / "lib"))
sys.path.append(str(Path(__file__).parents[2] / "helpers"))
