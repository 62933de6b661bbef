"""Any Pillow mode to the two that the engine works with: "RGB" and "L", 8 bits a channel."""

from PIL import Image

# What shows through transparent pixels. White is what a portrait with its background removed is usually shown on.
_WHITE = 255


def plain(image: Image.Image) -> Image.Image:
    """The same picture in mode "RGB" or "L".

    Transparent pixels become white, 16-bit grey keeps its upper 8 bits, CMYK and palettes become RGB.
    Colour profiles are ignored, as the models were trained.
    """
    if image.mode == "I;16":
        return image.point(lambda value: value * (1 / 256)).convert("L")  # convert alone would cut off at 255
    if image.has_transparency_data:
        return _grey_on_background(image) if image.mode == "LA" else _on_background(image)
    if image.mode in {"RGB", "L"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_background(image: Image.Image) -> Image.Image:
    colours = image if image.mode == "RGBA" else image.convert("RGBA")  # converting would copy
    canvas = Image.new("RGB", image.size, (_WHITE, _WHITE, _WHITE))
    canvas.paste(colours, mask=colours)
    return canvas


def _grey_on_background(image: Image.Image) -> Image.Image:
    canvas = Image.new("L", image.size, _WHITE)
    canvas.paste(image.getchannel("L"), mask=image.getchannel("A"))
    return canvas
