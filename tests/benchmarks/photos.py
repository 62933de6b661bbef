"""The photos that benchmarks run on, made from test pictures: none of that size is among them."""

import io

import numpy as np
from PIL import Image

from tests.faces import ROOT

MEGABYTE = 1024 * 1024


def photo_1080p() -> bytes:
    """1920 x 1080, one face: a test picture as it is."""
    return (ROOT / "face_recognition/images/obama-1080p.jpg").read_bytes()


def photo_12_megapixels() -> bytes:
    """4032 x 3024, two faces, turned like a phone's (EXIF orientation 6), with sensor-like noise, below 6 MB."""
    with Image.open(ROOT / "face_recognition/images/obama_and_biden.jpg") as image:
        upright = image.convert("RGB").crop((166, 0, 1237, 1428)).resize((3024, 4032), Image.Resampling.LANCZOS)
    noise = np.random.default_rng(12).normal(0, 3, (4032, 3024, 1))
    noisy = Image.fromarray(np.clip(np.asarray(upright, np.float32) + noise, 0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for quality in (92, 88, 84, 80, 75, 70):
        data = io.BytesIO()
        noisy.transpose(Image.Transpose.ROTATE_90).save(data, "JPEG", quality=quality, exif=exif)
        if data.tell() < 6 * MEGABYTE:
            break
    return data.getvalue()
