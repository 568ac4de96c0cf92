"""A PN532 on a pseudo-terminal, for any driver that speaks its high speed UART."""

import logging
import os
import select
import tempfile
import termios
import tty
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from appliance.firmware_host.simulator.chip import Chip, UnknownCommand
from appliance.firmware_host.simulator.field import Field
from appliance.firmware_host.simulator.host_frames import (
    ACK,
    ERROR_FRAME,
    Command,
    HostFrameDecoder,
    Signal,
    encode_response,
)
from appliance.firmware_host.simulator.line_faults import CutAfterReceived, LineCut, LineFault
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.link_time import LinkTime, Part
from appliance.firmware_host.simulator.worker import Worker

log = logging.getLogger(__name__)


class SimulatedPn532:
    """A reader that can be plugged in and out. ``path`` is its device file as long as it is plugged in.

    One thread plays the reader, another the chip of the card; both end with ``close`` or the ``with`` block.

    Args:
        link: how long frames and chips take; ``None`` for no time at all.
        link_time: by which clock: ``RealTime``, which is meant by ``None``, or ``VirtualTime``.
        path: where the device file appears (a symbolic link); ``None`` for a temporary folder.
    """

    def __init__(
        self, *, link: LinkModel | None = None, link_time: LinkTime | None = None, path: Path | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pn532-") if path is None else None
        self._path = Path(self._folder.name) / "reader" if self._folder is not None else path or Path()
        self._worker = Worker(is_virtual=link_time is not None and link_time.is_virtual)
        self._lock = Lock()
        self._fault: LineFault | None = None
        self._cut: CutAfterReceived | None = None
        self.bytes_received = 0
        """Bytes that the host sent to the reader since the last ``disturb`` or ``plug_in``."""
        self.bytes_sent = 0
        self._frame_index = 0
        self._line: _Line | None = None
        self.field = Field(self._worker, link, link_time)
        self.chip = Chip(self.field)
        self.plug_in()

    @property
    def path(self) -> str:
        """The device file."""
        return str(self._path)

    @property
    def is_plugged_in(self) -> bool:
        """Whether the line is whole."""
        return self._line is not None and self._line.is_open

    @property
    def frames_sent(self) -> int:
        """Frames that the reader sent to the host since the last ``disturb`` or ``plug_in``."""
        return self._frame_index

    def plug_in(self) -> None:
        """Power the reader up on a new line under the same path; does nothing while it is plugged in."""
        if self.is_plugged_in:
            return
        self.unplug()
        self.chip = Chip(self.field)
        self.disturb(None)
        self._line = _Line(self)
        self._path.unlink(missing_ok=True)
        self._path.symlink_to(self._line.device)

    def unplug(self) -> None:
        """Pull the cable: the device file is gone, whoever has it open gets errors, and the field is off."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def disturb(self, fault: LineFault | None) -> None:
        """Let this happen to the line from now on; frames are counted from 0 again."""
        with self._lock:
            self._fault, self._cut, self._frame_index = fault, None, 0
            self.bytes_received = self.bytes_sent = 0

    def cut_after_received(self, count: int) -> None:
        """Let the reader be unplugged once the host has sent it so many bytes from now on."""
        self.disturb(None)
        with self._lock:
            self._cut = CutAfterReceived(count)

    def close(self) -> None:
        """Unplug the reader and end its threads."""
        self.unplug()
        self._worker.close()
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def on_hang_up(self) -> None:
        """The line is about to go, by ``unplug`` or by a fault."""
        self._path.unlink(missing_ok=True)
        self.field.power_off()

    def outgoing(self, frame: bytes) -> bytes:
        """Return what of a frame goes out; raise ``LineCut``."""
        with self._lock:
            index, self._frame_index = self._frame_index, self._frame_index + 1
            left = self._fault(index, frame) if self._fault is not None else frame
            self.bytes_sent += len(left)
            return left

    def incoming(self, received: bytes) -> bytes:
        """Return what of these bytes arrives; raise ``LineCut``."""
        with self._lock:
            arrived = self._cut.arriving(received) if self._cut is not None else received
            self.bytes_received += len(arrived)
            return arrived


def _speed_constant(baud: int | None) -> int | None:
    speed: int | None = getattr(termios, f"B{baud}", None)
    return speed


class _Line:
    """One pseudo-terminal and the thread behind it, from being plugged in until being unplugged."""

    def __init__(self, reader: SimulatedPn532) -> None:
        self._reader = reader
        self._chip = reader.chip
        self._decoder = HostFrameDecoder()
        self._last = b""
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
        self._set_speed(termios.B115200)
        self.device = os.ttyname(self._slave)
        self._wake_r, self._wake_w = os.pipe()
        self.is_open = True
        self._thread = Thread(target=self._run, name="simulated-pn532", daemon=True)
        self._thread.start()

    def _set_speed(self, speed: int) -> None:
        attributes = termios.tcgetattr(self._slave)
        attributes[4] = attributes[5] = speed
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)

    def close(self) -> None:
        """Hang up and wait for the thread."""
        os.write(self._wake_w, b"x")
        self._thread.join()
        for descriptor in (self._wake_r, self._wake_w):
            os.close(descriptor)

    def _run(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self._master, self._wake_r], [], [])
                if self._wake_r in ready:
                    break
                received = os.read(self._master, 4096)
                if not self._understands_host():
                    self._decoder.clear()
                    continue
                arrived = self._reader.incoming(received)
                self._pass_time(len(arrived))
                for message in self._decoder.feed(arrived):
                    self._take(message)
                if len(arrived) < len(received):
                    break
        except LineCut as cut:
            os.write(self._master, cut.last_words)
        finally:
            self.is_open = False
            self._reader.on_hang_up()
            os.close(self._slave)
            os.close(self._master)

    def _understands_host(self) -> bool:
        """Whether the host's end of the line has the chip's speed; at any other, bytes are noise.

        The host may have changed its end after the ACK for a new speed, before that ACK was read here.
        """
        speed = termios.tcgetattr(self._slave)[5]
        if speed == _speed_constant(self._chip.next_baud):
            self._chip.on_ack()
        return bool(speed == _speed_constant(self._chip.baud))

    def _take(self, message: Command | Signal) -> None:
        if message is Signal.ACK:
            self._chip.on_ack()
        elif message is Signal.NACK:
            self._send(self._last)
        elif isinstance(message, Command):
            self._send(ACK)
            try:
                content = self._chip.execute(message.code, message.parameters)
                self._last = encode_response(message.code, content)
            except UnknownCommand:
                self._last = ERROR_FRAME
            link = self._reader.field.link
            if link is not None:
                self._reader.field.time.spend(Part.READER, link.reader_s)
                self._reader.field.time.spend(Part.LINE, link.adapter_latency_s)
            self._send(self._last)

    def _send(self, frame: bytes) -> None:
        left = self._reader.outgoing(frame)
        self._pass_time(len(left))
        with suppress(BlockingIOError):  # nobody reads: lost, as on a real line
            os.write(self._master, left)

    def _pass_time(self, count: int) -> None:
        field = self._reader.field
        if field.link is not None:
            field.time.spend(Part.LINE, field.link.line_s(count, self._chip.baud))
