"""The parts that are not ours: the emulator, a kernel with its modules, the tools for ext4.

``need_qemu`` of ``scripts/lib/packages.sh`` brings them.
"""

import lzma
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from power_cut.errors import Failed

UNPACKED: Final = Path(__file__).parents[3] / ".venv" / "debian"
"""Where Debian packages are unpacked that are not installed."""
MODULES: Final = ("virtio_pci", "virtio_blk", "ext4")
"""What the guest's kernel must know."""
_SYSTEM: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
"""e2fsprogs are tools of the system's owner."""


@dataclass(frozen=True, slots=True)
class Parts:
    """``kernel`` is a bzImage, ``modules`` the folder of its modules."""

    qemu: Path
    kernel: Path
    modules: Path

    @classmethod
    def find(cls) -> Self:
        """Find them. Raises ``Failed`` with what to do where one is missing."""
        if platform.machine() != "x86_64":
            msg = f"the guest is x86-64 and runs this machine's own Python, and this machine is {platform.machine()}"
            raise Failed(msg)
        kernels = sorted((UNPACKED / "boot").glob("vmlinuz-*"))
        if not kernels:
            msg = f"no kernel is unpacked in {UNPACKED}; scripts/cut-power brings one"
            raise Failed(msg)
        version = kernels[-1].name.removeprefix("vmlinuz-")
        folders = (UNPACKED / "lib/modules" / version, UNPACKED / "usr/lib/modules" / version)
        modules = next((folder for folder in folders if folder.is_dir()), folders[0])
        return cls(tool("qemu-system-x86_64", "qemu-system-x86"), kernels[-1], modules)

    def module_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the modules that are not built in, each after those that it needs."""
        built_in = {Path(line).name for line in (self.modules / "modules.builtin").read_text().splitlines()}
        files = {path.name.split(".")[0].replace("-", "_"): path for path in self.modules.rglob("*.ko*")}
        seen: set[str] = set()

        def with_needed(name: str) -> Iterator[tuple[str, bytes]]:
            if name in seen or not {f"{name}.ko", f"{name.replace('_', '-')}.ko"}.isdisjoint(built_in):
                return
            seen.add(name)
            content = _unpacked(files[name])
            for needed in _needed(content):
                yield from with_needed(needed)
            yield name, content

        for name in MODULES:
            yield from with_needed(name)


def tool(name: str, package: str) -> Path:
    """Find a program. Raises ``Failed`` where it is missing."""
    found = shutil.which(name, path=_SYSTEM)
    if found is None:
        msg = f"{name} is missing; please run: sudo apt install {package}"
        raise Failed(msg)
    return Path(found)


def _needed(module: bytes) -> list[str]:
    """Return what a module says it depends on, in its section ``.modinfo``."""
    _, found, rest = module.partition(b"\0depends=")
    names = rest.partition(b"\0")[0].decode() if found else ""
    return [name.replace("-", "_") for name in names.split(",") if name]


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content
