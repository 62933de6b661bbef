"""The three pictures that a service is tried with."""

import io
import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

BUNDLE = Path(__file__).resolve().parents[3] / "shared" / "faces" / "azure" / "images"
DEFAULT = tuple(BUNDLE / name for name in ("Family1-Dad1.jpg", "Family1-Dad2.jpg", "Family1-Mom1.jpg"))
"""What a checkout of ours has beside it; an owner names three of his own."""

LARGE_BYTES = 5_000_000
"""More than the 4 MB at which some front ends cut, less than the contract's 6 MB."""


class PicturesMissing(Exception):
    """There is no picture to try the service with. The text says how to name some."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """One face in each: two pictures of one person, and one of somebody else."""

    person: bytes
    again: bytes
    other: bytes

    @classmethod
    def read(cls, paths: tuple[Path, ...]) -> "Pictures":
        """Raises PicturesMissing."""
        try:
            return cls(*(path.read_bytes() for path in paths))
        except OSError as error:
            raise PicturesMissing(
                f"{error.filename}: {error.strerror}; name three with --pictures: two of one person, one of another"
            ) from None

    def large(self) -> bytes:
        """The first as a BMP of LARGE_BYTES or a little less."""
        with Image.open(io.BytesIO(self.person)) as picture:
            pixels = LARGE_BYTES / 3
            ratio = math.sqrt(pixels / (picture.width * picture.height))
            size = int(picture.width * ratio), int(picture.height * ratio)
            target = io.BytesIO()
            picture.convert("RGB").resize(size).save(target, "BMP")
        return target.getvalue()
