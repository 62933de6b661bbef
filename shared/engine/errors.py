"""What can go wrong in the engine, and nothing else does.

PictureError                the caller's bytes
├── UnsupportedPicture      not JPEG, PNG, GIF or BMP, or damaged
└── PictureTooLarge         too many pixels; refused from the header
ModelError                  the installation
├── ManifestInvalid         the manifest contradicts itself
├── ModelsMissing           a model file is nowhere to be found
├── ModelCorrupt            a model file is not the pinned one
├── ModelUnsafe             a model file is no ONNX file that is all in itself
├── ModelUnusable           a model file does not load, or does not run
└── UnknownModel            no such detection, recognition or file entry
"""


class PictureError(Exception):
    """The bytes are no picture that the engine takes."""


class UnsupportedPicture(PictureError):
    """Not a JPEG, PNG, GIF or BMP picture, or one that does not decode to its end."""


class PictureTooLarge(PictureError):
    """The picture declares more pixels than may be decoded."""


class ModelError(Exception):
    """The models, or the manifest that names them, are not as they must be."""


class ManifestInvalid(ModelError):
    """The manifest is not well-formed; the text names the entry."""


class ModelsMissing(ModelError):
    """Model files were not found; the text says which, where it looked and where to put them."""


class ModelCorrupt(ModelError):
    """A model file's hash is not the manifest's; the file was not parsed."""


class ModelUnsafe(ModelError):
    """A file is no ONNX file, names other files, or declares what it cannot hold. It was not loaded."""


class ModelUnusable(ModelError):
    """ONNX Runtime does not load a file whose hash is right, or does not run it on what the manifest says."""


class UnknownModel(ModelError):
    """The manifest has no entry of that name."""
