"""What of a picture file its reader gets to see."""

from dataclasses import dataclass, field

MAX_PARTS = 1_000  # segments or chunks outside image data; cameras write a few dozen


@dataclass(frozen=True, slots=True)
class Contents:
    """A picture file without what decoding does not need.

    `exif` is a TIFF block, empty where the file has none; readers never see it. `scans` are a JPEG's.
    """

    data: bytes = field(repr=False)
    exif: bytes = field(default=b"", repr=False)
    scans: int = 1
