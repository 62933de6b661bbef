"""What Chromium's fake camera shows: films made from the test pictures, as Y4M, which it plays again and again.

Each is two seconds long, and the capture of an attempt three: so it shows all of a film, whenever it begins.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import Image

from tests.captures import Stance, Subject, still, subject
from tests.faces import ROOT as PICTURES

SIZE = (480, 640)
RATE = 7  # frames a second
FRAMES = 2 * RATE
MOVES = {"": {}, "TurnLeft": {"yaw": 27.0}, "TurnRight": {"yaw": -27.0}, "LookUp": {"pitch": 22.0}}
CLOSER = 1.5

PERSON = "face_recognition/images/obama_1.jpg"
SAME_PERSON = "face_recognition/images/obama_2.jpg"
ANOTHER = "face_recognition/images/kit_harington_1.jpg"
PRINT = "liveness/images/sf_spoof_image_F1.jpg"
SCREEN = "liveness/images/sf_spoof_image_F2.jpg"
ROOM = "no_face/images/1823312.jpg"


def write(path: Path, frames: Sequence[Image.Image]) -> Path:
    """Y4M, 4:2:0."""
    width, height = frames[0].size
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            light, *colours = frame.convert("YCbCr").split()
            file.write(b"FRAME\n" + light.tobytes())
            for colour in colours:
                file.write(colour.resize((width // 2, height // 2), Image.Resampling.BOX).tobytes())
    return path


@cache
def somebody(name: str) -> list[Image.Image]:
    """A person, or the picture of one, in front of the camera, never quite still."""
    return swaying(subject(name, SIZE))


def printed() -> list[Image.Image]:
    """A printed photo; whom it shows looks aside, and is turned to the camera."""
    shown = subject(PRINT, SIZE)
    turned = shown.frame(Stance(yaw=18), seed=0, noise=0, quality=98)
    return swaying(Subject(Image.open(io.BytesIO(turned)).convert("RGB"), shown.mesh))


def two_people() -> list[Image.Image]:
    return [joined(left, right) for left, right in zip(somebody(PERSON), somebody(ANOTHER), strict=True)]


def swap() -> list[Image.Image]:
    """Another person from the middle on."""
    half = FRAMES // 2
    return somebody(PERSON)[:half] + somebody(ANOTHER)[half:]


def nobody() -> list[Image.Image]:
    """A place without people, whose light changes a little."""
    room = Image.open(PICTURES / ROOM).convert("RGB").resize(SIZE)
    return [room.point([min(level * (100 + at % 5) // 100, 255) for level in range(256)] * 3) for at in range(FRAMES)]


def moves() -> dict[str, list[bytes]]:
    """By movement: JPEGs of a person who is on the way to it, then has done it and sways there; "" looks straight."""
    shown = subject(PERSON, SIZE)
    found = {move: [pose(shown, 0.5, **turn), *swaying_at(shown, **turn)] for move, turn in MOVES.items()}
    closer = [Stance(size=1 + (CLOSER - 1) * share) for share in (0.5, 1, 1, 1)]
    return found | {"MoveCloser": [shown.frame(replace(one, shift=(at, 0)), at) for at, one in enumerate(closer)]}


def pose(shown: Subject, share: float, **turn: float) -> bytes:
    turned = replace(Stance(), **{name: share * degrees for name, degrees in turn.items()})  # type: ignore[arg-type]
    return shown.frame(turned, 0, 0, 95)


def swaying_at(shown: Subject, **turn: float) -> list[bytes]:
    turned = Subject(Image.open(io.BytesIO(pose(shown, 1, **turn))).convert("RGB"), shown.mesh)
    return [turned.frame(replace(one, yaw=0.0, pitch=0.0), at) for at, one in enumerate(still(6))]


def swaying(shown: Subject) -> list[Image.Image]:
    """Without turns of the head, which take long to make."""
    stances = [replace(stance, yaw=0.0, pitch=0.0) for stance in still(FRAMES)]
    return [Image.open(io.BytesIO(shown.frame(stance, at, quality=95))) for at, stance in enumerate(stances)]


def joined(left: Image.Image, right: Image.Image) -> Image.Image:
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both
