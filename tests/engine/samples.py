"""Pictures made for a test: encoded in memory, never written."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from tests import faces

PORTRAIT = faces.folder("azure") / "images" / "detection1.jpg"
FAMILY = faces.folder("azure") / "images" / "identification1.jpg"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture's bytes in that format."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait() -> Image.Image:
    """A photo of one large face."""
    return Image.open(PORTRAIT).convert("RGB")


def with_orientation(image: Image.Image, orientation: int) -> bytes:
    """A JPEG of the picture, stored as it is, that says it is turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, "JPEG", quality=95, exif=exif)


def collage(size: tuple[int, int], face_height: int, count: int) -> Image.Image:
    """A large grey picture with `count` copies of one face of about that height, far apart."""
    photo = Image.open(faces.folder("lfw") / "images" / "AJ_Cook_0001.jpg").convert("RGB")
    side = round(250 * face_height / 138)
    tile = photo.resize((side, side), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", size, (127, 127, 127))
    for index in range(count):
        canvas.paste(tile, ((index + 1) * size[0] // (count + 1) - side // 2, (size[1] - side) // 2))
    return canvas


def gradient(width: int, height: int) -> Image.Image:
    """A smooth picture that compresses well at any size."""
    row = np.linspace(0, 255, width).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(row, (height, width)).copy())
