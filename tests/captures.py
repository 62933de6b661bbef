"""Frames as a camera would deliver them, made from one picture: tests have no moving people at hand.

A small camera motion shifts, scales and lights the picture and adds noise. The head is turned by turning its dense
landmarks in space and bending the picture after them (thin-plate splines): good for about 25 degrees.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.liveness.challenge import Action
from tests.faces import ROOT

SIZE = (480, 640)
_CONTROL = 12  # every so many points of the mesh steer the bending
_RING = 24  # points around the head that stay where they are
_GRID = 36  # cells of the bent picture, along each side

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stance:
    """Where head and camera are: degrees (as Engine measures them: yaw to the viewer's right, pitch up), size as a
    factor, shift in pixels, light as a factor."""

    yaw: float = 0.0
    pitch: float = 0.0
    size: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    light: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A person as one picture shows them, with the mesh of the face, [478,3]."""

    image: Image.Image
    mesh: Points

    def frame(self, stance: Stance, seed: int, noise: float = 2.0, quality: int = 88) -> bytes:
        """One JPEG of the picture's own size."""
        shown = self._turned(stance) if stance.yaw or stance.pitch else self.image
        width, height = shown.size
        x, y = self.mesh[:, 0].mean(), self.mesh[:, 1].mean()
        step = 1 / stance.size
        matrix = (step, 0, x - (x + stance.shift[0]) * step, 0, step, y - (y + stance.shift[1]) * step)
        moved = shown.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
        grain = np.random.default_rng(seed).normal(0, noise, (height, width, 3))
        pixels = (np.asarray(moved, np.float64) * stance.light + grain).clip(0, 255).astype(np.uint8)
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "JPEG", quality=quality)
        return data.getvalue()

    def _turned(self, stance: Stance) -> Image.Image:
        control = self.mesh[:468:_CONTROL]
        middle = np.array([*self.mesh[:468, :2].mean(axis=0), self.mesh[:468, 2].max()])
        moved = (control - middle) @ _rotation(stance.yaw, stance.pitch).T + middle
        reach = 1.7 * np.abs(self.mesh[:468, :2] - middle[:2]).max()
        angles = np.linspace(0, 2 * np.pi, _RING, endpoint=False)
        around = middle[:2] + reach * np.stack((np.cos(angles), np.sin(angles)), axis=1)
        ring = np.concatenate((around, _edge(*self.image.size)))
        return _bent(self.image, np.concatenate((moved[:, :2], ring)), np.concatenate((control[:, :2], ring)))


@cache
def subject(name: str, size: tuple[int, int] = SIZE, face: float = 0.36) -> Subject:
    """From a picture of one person under shared/faces, placed so that the face takes that share of the frame's
    width."""
    image = ImageOps.exif_transpose(Image.open(ROOT / name)).convert("RGB")
    engine = _engine()
    (box, *_) = (one.box for one in engine.detect(_picture(image), limit=1))
    scale = face * size[0] / box.width
    x, y = (box.left + box.width / 2) * scale, (box.top + box.height / 2) * scale
    grown = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    corner = (round(x - size[0] / 2), round(y - size[1] / 2))
    placed = _around(grown, corner, size)
    seen = _picture(placed)
    (mesh,) = engine.landmarks(seen, engine.detect(seen, limit=1))
    return Subject(placed, mesh.astype(np.float64))


@cache
def scene(name: str) -> Subject:
    """A picture of a whole frame, as it is: for what was taken by a camera before."""
    image = ImageOps.exif_transpose(Image.open(ROOT / name)).convert("RGB")
    seen = _picture(image)
    (mesh,) = _engine().landmarks(seen, _engine().detect(seen, limit=1))
    return Subject(image, mesh.astype(np.float64))


def still(count: int = 10, seed: int = 0) -> list[Stance]:
    """A person who looks into the camera: never quite still, and never twice the same way."""
    draw = np.random.default_rng(seed + 5)
    sway = np.cumsum(draw.normal(0, 1.2, (count, 2)), axis=0)
    turns = np.cumsum(draw.normal(0, 0.7, (count, 2)), axis=0)
    return [
        Stance(yaw=yaw, pitch=pitch, shift=(x, y), size=1 + 0.004 * np.sin(at), light=1 + 0.01 * np.cos(at))
        for at, ((x, y), (yaw, pitch)) in enumerate(zip(sway.tolist(), turns.tolist(), strict=True))
    ]


DONE = {
    Action.TURN_LEFT: {"yaw": 28.0},
    Action.TURN_RIGHT: {"yaw": -28.0},
    Action.LOOK_UP: {"pitch": 22.0},
    Action.MOVE_CLOSER: {"size": 1.4},
}


def acting(*actions: Action, seed: int = 0) -> list[Stance]:
    """A person who looks straight, then does each of these and goes back: five frames for each."""
    stances = still(3, seed)
    for action in actions:
        for share in (0.5, 1.0, 1.0, 1.0, 0.5):
            changed = {
                name: 1 + share * (end - 1) if name == "size" else share * end for name, end in DONE[action].items()
            }
            stances.append(replace(Stance(shift=(share + 7 * seed, len(stances) % 3 - 5 * seed)), **changed))  # type: ignore[arg-type]
    return stances


@cache
def frames(name: str, count: int = 10, seed: int = 0) -> tuple[bytes, ...]:
    """What a camera sees of a person who looks into it."""
    return of(subject(name), still(count, seed), seed)


@cache
def whole_frames(name: str, seed: int = 0) -> tuple[bytes, ...]:
    """The same of a picture of a whole frame: what a camera sees that is held in a hand."""
    moved = [replace(stance, yaw=0.0, pitch=0.0) for stance in still(10, seed)]
    return of(scene(name), moved, seed)


def of(shown: Subject, stances: Sequence[Stance], seed: int = 0) -> tuple[bytes, ...]:
    return tuple(shown.frame(stance, seed * 1000 + at) for at, stance in enumerate(stances))


def _around(image: Image.Image, corner: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """A window of the picture; beyond its edges the edges go on, blurred by stretching."""
    pixels = np.asarray(image)
    left, top = max(-corner[0], 0), max(-corner[1], 0)
    right = max(corner[0] + size[0] - image.width, 0)
    bottom = max(corner[1] + size[1] - image.height, 0)
    padded = np.pad(pixels, ((top, bottom), (left, right), (0, 0)), mode="edge")
    x, y = corner[0] + left, corner[1] + top
    return Image.fromarray(padded[y : y + size[1], x : x + size[0]])


def _edge(width: int, height: int) -> Points:
    """Points along the edge of a frame."""
    along = np.linspace(0, 1, 6)
    sides = [np.stack((along, np.full(6, end)), axis=1) for end in (0.0, 1.0)]
    return np.unique(np.concatenate((*sides, *(side[:, ::-1] for side in sides))), axis=0) * (width, height)


def _rotation(yaw: float, pitch: float) -> Points:
    """For points with x right, y down, z away: the nose goes to the viewer's right with yaw and up with pitch."""
    a, b = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    both: Points = about_y @ about_x
    return both


def _bent(image: Image.Image, to: Points, source: Points) -> Image.Image:
    """The picture with the points `source` moved to `to`."""
    nodes = [np.linspace(0, side, _GRID + 1) for side in image.size]
    grid = np.stack(np.meshgrid(*nodes), axis=-1)
    back = _spline(to, source, grid.reshape(-1, 2)).reshape(grid.shape)
    cells = []
    for row in range(_GRID):
        for column in range(_GRID):
            box = (*grid[row, column].round().astype(int), *grid[row + 1, column + 1].round().astype(int))
            corners = (back[row, column], back[row + 1, column], back[row + 1, column + 1], back[row, column + 1])
            cells.append((tuple(int(edge) for edge in box), tuple(float(value) for value in np.concatenate(corners))))
    return image.transform(image.size, Image.Transform.MESH, cells, Image.Resampling.BICUBIC)


def _spline(known: Points, values: Points, asked: Points) -> Points:
    """Thin-plate spline through the known points, at the points asked for."""
    count = len(known)
    affine = np.concatenate((np.ones((count, 1)), known), axis=1)
    system = np.block([[_bump(known, known), affine], [affine.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(system, np.concatenate((values, np.zeros((3, 2)))))
    found: Points = (
        _bump(asked, known) @ weights[:count]
        + np.concatenate((np.ones((len(asked), 1)), asked), axis=1) @ weights[count:]
    )
    return found


def _bump(one: Points, other: Points) -> Points:
    squared = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    bumps: Points = squared * np.log(np.maximum(squared, 1e-9)) / 2
    return bumps


def _picture(image: Image.Image):  # type: ignore[no-untyped-def]
    data = io.BytesIO()
    image.save(data, "PNG")
    return decode(data.getvalue())


@cache
def _engine() -> Engine:
    return Engine(ModelLibrary.find())
