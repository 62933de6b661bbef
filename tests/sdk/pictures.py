"""The pictures that Microsoft's tests and samples read, where they look for them."""

import shutil
from pathlib import Path

from PIL import Image, ImageOps

from tests.faces import folder

TILE = 300  # pixels
# Four people with two pictures each, and one with a single picture.
NINE = (
    "Family1-Dad1",
    "Family1-Dad3",
    "Family1-Mom1",
    "Family1-Mom2",
    "Family2-Lady1",
    "Family2-Lady2",
    "Family2-Man1",
    "Family2-Man2",
    "Family3-Lady1",
)


def place(into: Path) -> None:
    """The quickstart pictures, and `nine-faces.png`, which Microsoft does not publish with them."""
    pictures = folder("azure") / "images"
    shutil.copytree(pictures, into)
    nine = Image.new("RGB", (3 * TILE, 3 * TILE))
    for number, name in enumerate(NINE):
        with Image.open(pictures / f"{name}.jpg") as picture:
            row, column = divmod(number, 3)
            nine.paste(ImageOps.pad(picture.convert("RGB"), (TILE, TILE)), (column * TILE, row * TILE))
    nine.save(into / "nine-faces.png")
