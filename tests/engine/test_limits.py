"""No picture takes more memory or time than was decided beforehand."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shared.engine import PictureError, PictureTooLarge, UnsupportedPicture, decode
from shared.engine.limits import MAX_RLE_BYTES, MAX_RLE_PIXELS, MAX_SCANNED, MAX_SCANS
from tests import faces
from tests.engine import samples

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 350_000_000

_MEASURE = """
import sys
from pathlib import Path
from shared.engine import decode
def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
data = Path(sys.argv[1]).read_bytes()
decode(Path(sys.argv[2]).read_bytes()).layer(1.0)
before = kilobytes("VmRSS")
picture = decode(data)
picture.layer(1.0)
print((kilobytes("VmHWM") - before) * 1024)
"""


def _png_header(width: int, height: int, bits: int = 8, colours: int = 2) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    end = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + end


def _bmp(width: int, height: int, compression: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, compression, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 14 + 40 + 1024, 0, 0, 14 + 40 + 1024) + info + bytes(1024)


def _peak(data: bytes, folder: Path) -> int:
    file = folder / "picture"
    file.write_bytes(data)
    command = [sys.executable, "-c", _MEASURE, str(file), str(samples.PORTRAIT)]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def test_a_decompression_bomb_is_refused_from_its_header() -> None:
    with pytest.raises(PictureTooLarge):
        decode((faces.folder("bad_inputs") / "files" / "bomb_20000x20000_1bit.png").read_bytes())


@pytest.mark.parametrize("size", [(20_000, 20_000), (2**31 - 1, 2**31 - 1), (70_000, 1), (9_000, 9_000)])
def test_a_png_of_absurd_size_is_refused_from_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge):
        decode(_png_header(*size))


@pytest.mark.parametrize(("bits", "colours", "refusal"), [(16, 6, PictureTooLarge), (8, 6, UnsupportedPicture)])
def test_colours_of_sixteen_bits_halve_what_a_png_may_measure(
    bits: int, colours: int, refusal: type[PictureError]
) -> None:
    """Neither has pixels: the one that is not too large fails for want of them."""
    with pytest.raises(refusal):
        decode(_png_header(5000, 4000, bits, colours)).layer(0.0)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 1)])
def test_a_bmp_of_absurd_size_is_refused_from_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge):
        decode(_bmp(*size, compression=0))


def test_a_gif_of_absurd_size_is_refused_from_its_header() -> None:
    good = bytearray(samples.encoded(Image.new("P", (8, 8)), "GIF"))
    good[6:10] = b"\xff\xff\xff\xff"
    with pytest.raises(PictureTooLarge):
        decode(bytes(good))


def test_a_large_run_length_bmp_is_refused_for_its_slow_decoder() -> None:
    side = int(MAX_RLE_PIXELS**0.5) + 1
    with pytest.raises(PictureTooLarge):
        decode(_bmp(side, side, compression=1))


def test_a_run_length_bmp_of_very_many_runs_is_refused() -> None:
    runs = b"\0\0" * (MAX_RLE_BYTES // 2)  # ends of line, which yield no pixel
    with pytest.raises(PictureTooLarge):
        decode(_bmp(8, 8, compression=1) + runs)


def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    good = samples.encoded(samples.portrait(), "JPEG", progressive=True)
    scan = good.rindex(b"\xff\xda")
    with pytest.raises(UnsupportedPicture, match="scans"):
        decode(good[:scan] + good[scan:-2] * MAX_SCANS + b"\xff\xd9")


def test_scans_that_nothing_follows_count_too() -> None:
    """Sequential JPEGs may come in several scans as well, and an empty one takes eleven bytes."""
    good = samples.encoded(samples.portrait(), "JPEG")
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00"
    with pytest.raises(UnsupportedPicture, match="scans"):
        decode(good[:-2] + scan * MAX_SCANS + good[-2:])


def test_a_large_picture_may_have_fewer_scans_than_a_small_one() -> None:
    size = (5000, 4000)
    good = samples.encoded(samples.gradient(*size), "JPEG", progressive=True)
    scan = good.rindex(b"\xff\xda")
    most = MAX_SCANNED // (size[0] * size[1])
    assert most < MAX_SCANS
    before = good.count(b"\xff\xda")
    decode(good[:-2] + good[scan:-2] * (most - before) + good[-2:])
    with pytest.raises(UnsupportedPicture, match="scans"):
        decode(good[:-2] + good[scan:-2] * (most - before + 1) + good[-2:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "kind", "options"),
    [
        ((8200, 6500), "JPEG", {"progressive": True, "subsampling": 0}),
        ((7000, 4600), "JPEG", {"subsampling": 0}),
        ((11000, 9000), "JPEG", {}),
        ((7000, 5200), "PNG", {"compress_level": 1}),
        ((7000, 5200), "BMP", {}),
        ((7000, 5200), "GIF", {}),
        ((6300, 6300), "JPEG", {"progressive": True, "mode": "CMYK"}),
        ((7000, 5200), "PNG", {"mode": "I;16"}),
        ((7000, 5200), "PNG", {"mode": "LA"}),
        ((7000, 5200), "PNG", {"mode": "P", "transparency": 0}),
    ],
)
def test_the_largest_pictures_stay_within_the_memory_budget(
    size: tuple[int, int], kind: str, options: dict[str, Any], tmp_path: Path
) -> None:
    """Each turned by EXIF where the format can say so, with transparency where it can."""
    options = dict(options)
    mode = options.pop("mode", {"PNG": "RGBA", "GIF": "P"}.get(kind, "RGB"))
    image = samples.gradient(*size).convert(mode)
    if kind in {"JPEG", "PNG"}:
        exif = Image.Exif()
        exif[0x0112] = 6
        options["exif"] = exif
    if kind == "GIF":
        options["transparency"] = 0
    peak = _peak(samples.encoded(image, kind, **options), tmp_path)
    assert 100_000_000 < peak < MOST_BYTES


def test_a_twelve_megapixel_photo_takes_a_fraction_of_the_budget(tmp_path: Path) -> None:
    peak = _peak(samples.encoded(samples.gradient(4000, 3000).convert("RGB"), "JPEG"), tmp_path)
    assert 40_000_000 < peak < 120_000_000
