"""What each attribute adds to a detect without faceId, in the engine alone.

Contenders take turns on the same picture; each decodes it anew, because an attribute may need it at a larger scale.
"""

from collections.abc import Iterator
from functools import partial

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.attributes import MEASURES
from tests.benchmarks.photos import photo_1080p
from tests.benchmarks.report import ratio, table
from tests.benchmarks.timing import Contender, medians
from tests.faces import folder

PLAIN = "none"
COLUMNS = ("attribute", "one face adds", "whole / detect", "four faces add", "whole / detect")


def attributes(rounds: int) -> None:
    """Prints the table; its first row is the plain detect itself."""
    table("Attributes, medians in ms", COLUMNS, _rows(rounds))


def _rows(rounds: int) -> Iterator[list[object]]:
    four = (folder("azure") / "images" / "identification1.jpg").read_bytes()
    one_face, four_faces = _took(photo_1080p(), rounds), _took(four, rounds)
    yield [f"{PLAIN}: the detect", one_face[PLAIN], "1", four_faces[PLAIN], "1"]
    for name in (name for name in one_face if name != PLAIN):
        row: list[object] = [name]
        for took in (one_face, four_faces):
            row += [max(took[name] - took[PLAIN], 0.0), ratio(took[name], took[PLAIN])]
        yield row


def _took(data: bytes, rounds: int) -> dict[str, float]:
    engine = Engine(ModelLibrary.find())
    contenders: dict[str, Contender] = {PLAIN: partial(_measure, engine, data, [])}
    contenders |= {name: partial(_measure, engine, data, [name]) for name in MEASURES}
    contenders["all of them"] = partial(_measure, engine, data, list(MEASURES))
    return medians(contenders, rounds)


def _measure(engine: Engine, data: bytes, names: list[str]) -> object:
    picture = decode(data)
    return engine.attributes(picture, engine.detect(picture), names)
