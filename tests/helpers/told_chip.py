"""A chip that does as a test tells it, and counts what is asked of it."""

import time


class ToldChip:
    """Answers every command with the same bytes, at its own pace."""

    def __init__(self, *, delay_s: float = 0.0, answer: bytes = b"chip\x90\x00") -> None:
        self.commands, self.resets, self.delay_s, self.answer = 0, 0, delay_s, answer

    def process(self, command: bytes) -> bytes:
        self.commands += 1
        time.sleep(self.delay_s)
        return self.answer

    def reset(self) -> None:
        self.resets += 1
