"""Bytes to pixels, under limits.

**Formats.** JPEG, PNG, GIF (first frame) and BMP, told apart by their first bytes and opened with that one Pillow
reader: no other parser ever sees the data, and that one only what makes pixels (`jpeg`, `png`; the other two have no
metadata that costs anything). A file that ends early is refused; half a face is worse than a clear answer.

**Size.** What may be decoded at all is `limits`' to say, from the header.

**Layers.** Pixels are decoded when they are first asked for, a JPEG at 1/2, 1/4 or 1/8 of its size where that is all
that the asker needs (libjpeg's scaled inverse DCT, several times faster than the full decode); once more when a small
face needs it larger. Whoever looks for faces knows at what size, so nobody else has to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from struct import error as struct_error
from threading import Lock
from warnings import filterwarnings
from zlib import error as zlib_error

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from . import jpeg, png
from .contents import Contents
from .errors import PictureTooLarge, UnsupportedPicture
from .limits import shrink
from .orientation import swaps_sides, turn
from .pixels import plain

_Reader = type[ImageFile]
_READERS: dict[bytes, tuple[_Reader, Callable[[bytes], Contents]]] = {
    b"\xff\xd8\xff": (JpegImageFile, jpeg.contents),
    b"\x89PNG\r\n\x1a\n": (PngImageFile, png.contents),
    b"GIF87a": (GifImageFile, Contents),
    b"GIF89a": (GifImageFile, Contents),
    b"BM": (BmpImageFile, Contents),
}

# Pillow promises no exception type for damaged files: these are what its four readers and their decoders raise.
_DECODER_ERRORS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    MemoryError,
    struct_error,
    zlib_error,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Pillow warns about broken metadata, which is the sender's business and no reason to write a log line a picture.
filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The upright picture at some size: `image` is "RGB" or "L", `scale` its pixels per full-size pixel."""

    image: Image.Image
    scale: float


@dataclass(slots=True, eq=False)
class Picture:
    """A picture whose header was read. `width` and `height` are upright, in pixels, full size whatever is decoded."""

    width: int
    height: int
    _reader: _Reader = field(repr=False)
    _contents: Contents = field(repr=False)
    _layers: list[Layer] = field(default_factory=list, repr=False)  # sorted by scale
    _lock: Lock = field(default_factory=Lock, repr=False)

    def layer(self, scale: float) -> Layer:
        """The smallest layer with at least `scale` pixels per full-size pixel, or the largest that memory allows.

        Decodes when no layer at hand will do. Raises PictureError where the pixels are damaged.
        """
        with self._lock:
            for layer in self._layers:
                if layer.scale >= min(scale, 1.0):
                    return layer
            image = _open(self._reader, self._contents)
            step = shrink(image, self._contents, scale)
            if not self._layers or 1 / step > self._layers[-1].scale:
                self._layers.append(_load(image, step, turn(self._contents.exif)))
            return self._layers[-1]

    def forget(self) -> None:
        """Let go of what was decoded, a hundred times the memory of the bytes; it is decoded anew when asked for."""
        with self._lock:
            self._layers.clear()


def decode(data: bytes) -> Picture:
    """The picture in these bytes, judged by its header: what is no picture, or too large a one, is refused here.

    Raises PictureError only. Whether the pixels are whole shows when they are decoded, in `Picture.layer`.
    """
    reader, contents = _recognised(data)
    image = _open(reader, contents)
    shrink(image, contents, 0.0)
    width, height = image.size
    if swaps_sides(turn(contents.exif)):
        width, height = height, width
    return Picture(width, height, reader, contents)


def _recognised(data: bytes) -> tuple[_Reader, Contents]:
    for magic, (reader, contents) in _READERS.items():
        if data.startswith(magic):
            return reader, contents(data)
    raise UnsupportedPicture("the data is not a JPEG, PNG, GIF or BMP picture")


def _open(reader: _Reader, contents: Contents) -> ImageFile:
    """The reader at the start of the pixels; nothing is decoded yet."""
    try:
        return reader(BytesIO(contents.data))
    except _BOMBS as error:
        raise PictureTooLarge("the picture has too many pixels") from error
    except _DECODER_ERRORS as error:
        raise UnsupportedPicture("the picture's header cannot be read") from error


def _load(image: ImageFile, step: int, turned: Image.Transpose | None) -> Layer:
    whole = (image.width // step, image.height // step)
    try:
        if step > 1:
            image.draft(image.mode, whole)
        image.load()
        upright = plain(image)
        if upright is not image:
            image.close()  # its pixels are not needed beside the flattened copy and, below, the turned one
        if upright.size != whole:
            # A last row or column that covers less than a whole pixel would shift a picture that is then turned.
            upright = upright.crop((0, 0, *whole))
        if turned is not None:
            upright = upright.transpose(turned)
    except _BOMBS as error:
        raise PictureTooLarge("the picture has too many pixels") from error
    except _DECODER_ERRORS as error:
        raise UnsupportedPicture("the picture does not decode: it is damaged or cut off") from error
    return Layer(upright, 1 / step)
