"""Any Pillow mode to the two that the engine works with: "RGB" and "L", 8 bits a channel."""

from PIL import Image

# What shows through transparent pixels. White is what a portrait with its background removed is usually shown on.
_BACKGROUND = (255, 255, 255)


def plain(image: Image.Image) -> Image.Image:
    """The same picture in mode "RGB" or "L".

    Transparent pixels become white, 16-bit grey keeps its upper 8 bits, CMYK and palettes become RGB.
    Colour profiles are ignored, as the models were trained.
    """
    if image.mode.startswith("I;16") or image.mode == "I":
        return _upper_byte(image)
    if image.has_transparency_data:
        return _on_background(image.convert("RGBA"))
    if image.mode in {"RGB", "L"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_background(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", image.size, _BACKGROUND)
    canvas.paste(image, mask=image)
    return canvas


def _upper_byte(image: Image.Image) -> Image.Image:
    wide = image if image.mode == "I" else image.convert("I")
    return wide.point(lambda value: value * (1 / 256)).convert("L")
