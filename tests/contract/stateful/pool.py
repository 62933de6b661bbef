"""A few people whose pictures leave no doubt who is who: of one person they are 0.8 or more confident, of two 0.3 or
less. Small, so that enrolling one is quick."""

import io
from functools import cache

from PIL import Image

from tests.faces import folder

WIDTH = 160
ENROLLED = {
    "Dad": ("Family1-Dad2", "Family1-Dad3"),
    "Mom": ("Family1-Mom2", "Family1-Mom1"),
    "Son": ("Family1-Son2", "Family1-Son1"),
    "Man": ("Family2-Man1", "Family2-Man2"),
}
PROBES = {"Dad": "Family1-Dad1", "Mom": "Family1-Mom1", "Son": "Family1-Son1", "Man": "Family2-Man2"}
WHO = tuple(ENROLLED)


@cache
def picture(name: str) -> bytes:
    """A JPEG file."""
    with Image.open(folder("azure") / "images" / f"{name}.jpg") as image:
        image.thumbnail((WIDTH, WIDTH))
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()
