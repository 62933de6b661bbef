"""Picture -> faces -> templates, with ONNX Runtime, NumPy and Pillow.

Knows no storage, no HTTP and no settings, and imports nothing outside this package:

    engine = Engine(ModelLibrary.find())
    picture = decode(data)
    faces = engine.detect(picture)
    templates = engine.embed(picture, faces)
"""

from .attributes import Accessory, Attributes, Blur, Exposure, HeadPose, Mask, Noise, Occlusion
from .engine import Engine
from .errors import (
    ManifestInvalid,
    ModelCorrupt,
    ModelError,
    ModelsMissing,
    ModelUnsafe,
    ModelUnusable,
    PictureError,
    PictureTooLarge,
    UnknownModel,
    UnsupportedPicture,
)
from .face import Face
from .geometry import Box
from .models import ModelLibrary
from .picture import Picture, decode
from .points import named_landmarks

__all__ = [
    "Accessory",
    "Attributes",
    "Blur",
    "Box",
    "Engine",
    "Exposure",
    "Face",
    "HeadPose",
    "ManifestInvalid",
    "Mask",
    "ModelCorrupt",
    "ModelError",
    "ModelLibrary",
    "ModelUnsafe",
    "ModelUnusable",
    "ModelsMissing",
    "Noise",
    "Occlusion",
    "Picture",
    "PictureError",
    "PictureTooLarge",
    "UnknownModel",
    "UnsupportedPicture",
    "decode",
    "named_landmarks",
]
