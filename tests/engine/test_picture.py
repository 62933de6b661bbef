"""Any bytes to a picture or to a PictureError."""

import random
from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.engine import Engine, Picture, PictureError, PictureTooLarge, UnsupportedPicture, decode
from tests import faces
from tests.engine import samples
from tests.engine.opencv_reference import OpenCvPipeline

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\..*")


def _pixels(picture: Picture) -> NDArray[np.int16]:
    return np.asarray(picture.layer(1.0).image.convert("RGB")).astype(np.int16)


@pytest.mark.parametrize("bad", faces.bad_inputs(), ids=lambda bad: bad.path.name)
def test_every_hostile_file_gets_the_answer_it_was_labelled_with(bad: faces.BadInput, engine: Engine) -> None:
    try:
        found = len(engine.detect(decode(bad.path.read_bytes())))
    except PictureError:
        assert bad.expect in {"reject", "no_crash"}
        return
    assert bad.expect in {"accept", "zero_faces", "no_crash"}
    if bad.expect == "accept":
        assert found == 1
    if bad.expect == "zero_faces":
        assert found == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_damaged_pictures_raise_picture_errors_and_nothing_else(kind: str) -> None:
    good = samples.encoded(samples.portrait().resize((160, 120)), kind)
    chance = random.Random(kind)  # noqa: S311
    refused = 0
    for _ in range(300):
        damaged = bytearray(good[: chance.randrange(len(good))] if chance.random() < 0.3 else good)
        for _ in range(chance.randrange(1, 12)):
            # Headers break in more ways than pixels do.
            reach = min(len(damaged), 400) if chance.random() < 0.6 else len(damaged)
            if reach:
                damaged[chance.randrange(reach)] = chance.randrange(256)
        try:
            decode(bytes(damaged)).layer(1.0)
        except PictureError:
            refused += 1
    assert refused >= 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_picture_that_ends_early_is_refused(kind: str) -> None:
    good = samples.encoded(samples.portrait(), kind)
    picture = decode(good[: len(good) // 2])
    with pytest.raises(UnsupportedPicture):
        picture.layer(0.0)


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "PPM", "ICO"])
def test_other_formats_are_refused_even_where_pillow_reads_them(kind: str) -> None:
    with pytest.raises(UnsupportedPicture):
        decode(samples.encoded(samples.portrait(), kind))


def test_transparent_pixels_become_white() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((10, 200, 30, 255), (0, 0, 20, 40))
    pixels = _pixels(decode(samples.encoded(image, "PNG")))
    assert pixels[0, 0].tolist() == [10, 200, 30]
    assert pixels[0, 39].tolist() == [255, 255, 255]


def test_transparent_grey_becomes_white() -> None:
    image = Image.new("LA", (40, 40), (0, 0))
    image.paste((70, 255), (0, 0, 20, 40))
    image.paste((0, 128), (0, 0, 20, 10))
    pixels = _pixels(decode(samples.encoded(image, "PNG")))
    assert [pixels[30, 0, 0], pixels[30, 39, 0], pixels[0, 0, 0]] == [70, 255, 127]


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_a_transparent_palette_entry_becomes_white(kind: str) -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((3, 3), 0)
    pixels = _pixels(decode(samples.encoded(image, kind, transparency=0)))
    assert pixels[3, 3].tolist() == [255, 255, 255]
    assert pixels[0, 0].tolist() == [200, 0, 0]


def test_sixteen_bit_grey_keeps_its_upper_byte() -> None:
    wide = (np.arange(64 * 64, dtype=np.uint16) * 16).reshape(64, 64)
    data = cv2.imencode(".png", wide)[1].tobytes()
    assert np.array_equal(_pixels(decode(data))[:, :, 0], wide >> 8)


def test_sixteen_bit_colour_keeps_its_upper_byte() -> None:
    wide = (np.arange(64 * 64 * 3, dtype=np.uint16) * 5).reshape(64, 64, 3)
    data = cv2.imencode(".png", wide)[1].tobytes()
    assert np.array_equal(_pixels(decode(data)), wide[:, :, ::-1] >> 8)


@pytest.mark.parametrize(("mode", "kind"), [("1", "PNG"), ("1", "BMP"), ("L", "BMP"), ("LA", "PNG"), ("P", "BMP")])
def test_other_modes_decode_to_what_pillow_shows(mode: str, kind: str) -> None:
    image = samples.portrait().resize((90, 60)).convert(mode)
    assert np.array_equal(_pixels(decode(samples.encoded(image, kind))), np.asarray(image.convert("RGB")))


def test_cmyk_jpeg_has_the_colours_of_the_photo() -> None:
    photo = samples.portrait()
    pixels = _pixels(decode(samples.encoded(photo.convert("CMYK"), "JPEG", quality=95)))
    assert np.abs(pixels - np.asarray(photo)).mean() < 3


def test_only_the_first_frame_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (50, 40), colour) for colour in ("red", "blue")]
    data = samples.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert _pixels(decode(data))[20, 25].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(301, 200), (3003, 2001)])
def test_an_orientation_turns_the_picture_whatever_scale_is_decoded(orientation: int, size: tuple[int, int]) -> None:
    """Against OpenCV's own handling, also where a scaled decode ends in a fraction of a pixel."""
    data = samples.with_orientation(samples.portrait().resize(size), orientation)
    upright = OpenCvPipeline.decode(data)[:, :, ::-1]
    picture = decode(data)
    assert (picture.width, picture.height) == (upright.shape[1], upright.shape[0])
    layer = picture.layer(min(1280 / max(size), 1))
    width, height = layer.image.size
    small = cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA).astype(np.int16)
    assert np.abs(small - np.asarray(layer.image)).mean() < 1.5
    assert np.array_equal(_pixels(picture), upright)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12", b"\x00" * 40]
)
def test_broken_exif_leaves_the_picture_as_it_is(exif: bytes) -> None:
    data = samples.encoded(samples.portrait(), "JPEG", exif=exif)
    picture = decode(data)
    assert (picture.width, picture.height) == samples.portrait().size


def test_a_png_may_carry_an_orientation_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(samples.encoded(Image.new("RGB", (30, 20)), "PNG", exif=exif))
    assert (picture.width, picture.height) == (20, 30)


def test_a_large_jpeg_is_decoded_no_larger_than_asked_for() -> None:
    data = samples.encoded(samples.gradient(6000, 4000), "JPEG")
    picture = decode(data)
    assert (picture.width, picture.height) == (6000, 4000)
    assert picture.layer(0.2).image.size == (1500, 1000)
    assert picture.layer(0.0).image.size == (1500, 1000), "what is at hand serves smaller needs"
    assert picture.layer(0.4).image.size == (3000, 2000)
    assert picture.layer(1.0).image.size == (6000, 4000)


def test_a_thin_jpeg_survives_scaling() -> None:
    picture = decode(samples.encoded(samples.gradient(20000, 3), "JPEG"))
    assert (picture.width, picture.height) == (20000, 3)
    assert picture.layer(1.0).image.size == (20000, 3)


def test_only_picture_errors_escape_from_junk() -> None:
    chance = random.Random(1)  # noqa: S311
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b""):
        for _ in range(60):
            with pytest.raises((UnsupportedPicture, PictureTooLarge)):
                decode(start + chance.randbytes(chance.randrange(300)))


def test_an_error_says_nothing_of_the_content() -> None:
    with pytest.raises(UnsupportedPicture) as caught:
        decode(b"\xff\xd8\xffsecret words")
    assert "secret" not in str(caught.value)
    with pytest.raises(UnsupportedPicture):
        decode(BytesIO(b"").getvalue())
