"""The EXIF orientation tag, read without trusting anything else in the EXIF block.

Pillow parses the whole block and warns about or trips over broken ones; a picture with damaged metadata is still a
picture, so only the one tag is looked for here and anything unreadable means "upright".
"""

from typing import Literal

from PIL.Image import Transpose

_TAG = 0x0112
_SHORT, _LONG = 3, 4
_ENTRY = 12
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}

# What has to be done to the stored pixels to see the picture upright (EXIF 2.32, table 6). 1 needs nothing.
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def turn(exif: bytes) -> Transpose | None:
    """The turn that makes a picture with this EXIF block upright; None when it is, or nothing readable says."""
    return _TURNS.get(_orientation(exif.removeprefix(b"Exif\0\0")))


def swaps_sides(turned: Transpose | None) -> bool:
    """Whether the turn exchanges width and height."""
    return turned in {Transpose.TRANSPOSE, Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90}


def _orientation(tiff: bytes) -> int:
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)  # short at the end of the block, never an error

    directory = number(4, 4)
    for entry in range(directory + 2, directory + 2 + number(directory, 2) * _ENTRY, _ENTRY):
        if entry + _ENTRY > len(tiff):
            break
        if number(entry, 2) == _TAG and number(entry + 2, 2) in {_SHORT, _LONG}:
            return number(entry + 8, 2 if number(entry + 2, 2) == _SHORT else 4)
    return 1
