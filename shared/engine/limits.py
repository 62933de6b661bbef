"""What may be decoded, judged from a picture's header before any pixel is.

One picture works within `WORKING_BYTES`:

| picture                                 | bytes a pixel                                       | largest (about) |
|-----------------------------------------|-----------------------------------------------------|-----------------|
| JPEG, one scan                          | 8 for each pixel of the layer, which may be 1/8     | 100 megapixels  |
| JPEG, progressive or with several scans | 2 for each channel (coefficients), and 4 of a layer | 54 megapixels   |
| PNG, GIF, BMP                           | 9: palette, RGBA and the flattened copy             | 37 megapixels   |
| PNG, 16 bits a colour                   | 18, for the time that their filters take            | 18 megapixels   |

Pillow holds an RGB pixel in 4 bytes, and turning a picture upright takes a second copy.
"""

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from .contents import Contents
from .errors import PictureTooLarge, UnsupportedPicture

WORKING_BYTES = 320 * 1024 * 1024
MAX_PIXELS = 100_000_000
MAX_SIDE = 65_535
MAX_SCANS = 64  # encoders write about ten; thousands of scans are an attack on the processor
MAX_SCANNED = 800_000_000  # scans times pixels: every scan visits the whole picture, a billion pixels a second
# Pillow decodes run-length BMP in Python, pixel by pixel and code by code.
MAX_RLE_PIXELS = 2_000_000
MAX_RLE_BYTES = 3_000_000

_SHRINKS = (1, 2, 4, 8)  # what libjpeg's scaled decoding offers


def shrink(image: ImageFile, contents: Contents, scale: float) -> int:
    """By how much to shrink while decoding `contents`, whose header `image` has read: 1, 2, 4 or 8.

    As much as leaves `scale` pixels per full-size pixel, more where memory demands it; formats other than JPEG do not
    shrink. Raises PictureTooLarge where nothing fits, UnsupportedPicture for more scans than encoders write.
    """
    width, height = image.size
    if width * height <= MAX_PIXELS and max(width, height) <= MAX_SIDE:
        if contents.scans > min(MAX_SCANS, MAX_SCANNED // (width * height)):
            raise UnsupportedPicture(f"the picture has {contents.scans} scans")
        wanted = _wanted(image, scale)
        for step in _SHRINKS if isinstance(image, JpegImageFile) else (1,):
            if step >= wanted and _fits(image, contents, step):
                return step
    raise PictureTooLarge(f"the picture has {width} x {height} pixels")


def _wanted(image: ImageFile, scale: float) -> int:
    if not isinstance(image, JpegImageFile):
        return 1
    return max(step for step in _SHRINKS if step == 1 or (1 / step >= scale and step <= min(image.size)))


def _fits(image: ImageFile, contents: Contents, step: int) -> bool:
    pixels = image.width * image.height
    if isinstance(image, JpegImageFile):
        layer = pixels // step**2
        return max(_coefficients(image, contents.scans) + 4 * layer, 8 * layer) <= WORKING_BYTES
    if any(tile.codec_name == "bmp_rle" for tile in image.tile):
        return pixels <= MAX_RLE_PIXELS and len(contents.data) <= MAX_RLE_BYTES
    deep = image.mode in {"RGB", "RGBA"} and any("16B" in str(tile.args) for tile in image.tile)
    return pixels * (18 if deep else 9) <= WORKING_BYTES


def _coefficients(image: JpegImageFile, scans: int) -> int:
    """How many bytes libjpeg holds for the whole picture: none when everything comes in one scan."""
    if scans == 1 and "progression" not in image.info:
        return 0
    return 2 * len(image.getbands()) * image.width * image.height
