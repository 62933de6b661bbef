"""Secrets that a test gives away, each known again wherever it turns up."""

import io
import secrets
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

WINDOW = 24
FILE_STEP, PIXEL_STEP = 128, 8192  # a leak of so many bytes is seen, wherever in the picture they are from
LEAST_VARIETY = 14  # different bytes in a window: a stretch of one colour turns up anywhere


class Canaries:
    """`kinds`: byte sequence -> what it was given away as. Safe to use from several threads."""

    def __init__(self) -> None:
        self.kinds: dict[bytes, str] = {}
        self._lock = threading.Lock()

    def text(self, kind: str) -> str:
        """A new one, of letters and digits, which nothing escapes."""
        made = secrets.token_hex(WINDOW // 2)
        self.note(made.encode(), kind)
        return made

    def note(self, secret: bytes, kind: str) -> None:
        with self._lock:
            self.kinds[secret] = kind

    def over(self, text: str, kind: str) -> None:
        """It was declared to be kept, and that has ended."""
        self.note(text.encode(), kind)

    def token(self, token: str, kind: str) -> str:
        """What a token says and what it is signed with; its head is the same in all."""
        for part in token.split(".")[1:]:
            self.note(part[-2 * WINDOW :].encode(), kind)
            self.note(part[: 2 * WINDOW].encode(), kind)
        return token

    def picture(self, path: Path) -> "Showing":
        """One whose bytes and pixels are known again."""
        return self.showing(path.read_bytes(), path.name)

    def showing(self, data: bytes, called: str) -> "Showing":
        for window in _windows(data[len(data) // 10 :], FILE_STEP):
            self.note(window, f"file of {called}")
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGB"))
        for order in (pixels, pixels[:, :, ::-1]):
            for window in _windows(order.tobytes(), PIXEL_STEP):
                self.note(window, f"pixels of {called}")
        return Showing(self, data)


class Showing:
    """A picture, in copies that each carry a remark of their own."""

    def __init__(self, canaries: Canaries, data: bytes) -> None:
        self._canaries, self._data = canaries, data

    def copy(self) -> bytes:
        remark = self._canaries.text("remark in a picture").encode()
        return remarked(self._data, remark)


def remarked(data: bytes, remark: bytes) -> bytes:
    """The same JPEG or PNG with a comment."""
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xfe" + (len(remark) + 2).to_bytes(2, "big") + remark + data[2:]
    chunk = b"tEXtComment\0" + remark
    length, check = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
    return data[:33] + length + chunk + check + data[33:]  # after the signature and the header


def _windows(data: bytes, step: int) -> Iterator[bytes]:
    """One in every step, where there is one that is not all alike."""
    for start in range(0, len(data) - WINDOW, step):
        for place in range(start, min(start + step, len(data) - WINDOW), 7):
            window = data[place : place + WINDOW]
            if len(set(window)) >= LEAST_VARIETY:
                yield window
                break
