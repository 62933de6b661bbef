"""Templates are turned by a secret rotation: nothing that matters changes, and nothing can be linked."""

from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.gallery.search import best_faces, best_persons, cosines
from shared.gallery.segment import Entry, Segment
from shared.store.turning import GRID, Turning, rotation, rounded

KNOWN = [
    0.033576294532404294,
    0.047255501271624256,
    0.0053682486099100165,
]
"""As it was first: what is stored depends on it."""
SECRETS = [bytes([number]) * 32 for number in range(1, 6)]


def units(count: int, size: int = 384) -> NDArray[np.float32]:
    rows = np.random.default_rng(size).standard_normal((count, size)).astype(np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize("size", [1, 2, 128, 256, 384, 512])
def test_rotation_keeps_lengths_and_angles(size: int) -> None:
    made = rotation(SECRETS[0], size)
    assert np.abs(made @ made.T - np.eye(size)).max() < 1e-13


def test_rotation_is_a_function_of_the_secret_alone() -> None:
    first = rotation(SECRETS[0], 384).copy()
    rotation.cache_clear()
    assert np.abs(rotation(SECRETS[0], 384) - first).max() < 1e-13
    assert rotation(bytes(32), 384)[0, :3] == pytest.approx(KNOWN, abs=1e-12)


def test_what_comes_back_is_what_went_in_to_the_last_bit_however_often_and_under_whichever_secrets() -> None:
    whole = rounded(np.concatenate([units(2000), np.eye(384, dtype=np.float32), -np.eye(384, dtype=np.float32)]))
    now = whole
    for secret in SECRETS * 2:
        now = Turning(secret).back(Turning(secret).turn(now))
        assert np.array_equal(now, whole)


def test_rounding_moves_no_number_by_more_than_half_a_grid_and_no_cosine_by_more_than_float32_can_tell() -> None:
    exact = units(200)
    assert np.abs(rounded(exact).astype(np.float64) - exact).max() <= GRID / 2
    for probe in exact[:20]:
        moved = np.abs(cosines(rounded(exact), rounded(probe)) - cosines(exact, probe))
        assert moved.max() < 2.0**-20


def test_one_template_under_two_secrets_is_as_unlike_as_two_strangers() -> None:
    """A cosine of independent directions in 384 dimensions has a standard deviation of 0.051."""
    rows = units(300)
    one, other = Turning(SECRETS[0]).turn(rows), Turning(SECRETS[1]).turn(rows)
    for left, right in ((one, other), (one, rows)):
        alike = (left * right).sum(axis=1)
        assert np.abs(alike).max() < 0.26  # five of them
        assert 0.04 < alike.std() < 0.06


def test_rows_turn_alike_whichever_others_are_with_them() -> None:
    rows = rounded(units(50))
    turning = Turning(SECRETS[0])
    stored = turning.turn(rows)
    for number in range(50):
        assert np.array_equal(turning.back(stored[number : number + 1])[0], rows[number])


def test_search_answers_the_same_to_the_last_bit_however_segments_are_turned() -> None:
    """Also where some of a gallery are turned by one secret, some by another, some not at all."""
    rows = rounded(units(900))
    probes = rounded(np.stack([rows[0], rows[899], (rows[1] + rows[500]) / np.linalg.norm(rows[1] + rows[500])]))
    entries = [Entry(uuid4().bytes, uuid4().bytes, "a", row) for row in rows]
    plain = [Segment.of(entries[at : at + 300]) for at in range(0, 900, 300)]
    kept = [plain[0], *(as_kept(part, Turning(secret)) for part, secret in zip(plain[1:], SECRETS, strict=False))]
    for minimum in (-1.0, 0.3):
        assert best_faces(kept, probes, "a", 50, minimum) == best_faces(plain, probes, "a", 50, minimum)
        assert best_persons(kept, probes, "a", 50, minimum) == best_persons(plain, probes, "a", 50, minimum)
    assert Segment.concat(kept).template_bytes() == Segment.concat(plain).template_bytes()
    one = entries[500].face
    assert (
        Segment.concat([kept[1].without({one}, set())]).template_bytes()
        == plain[1].without({one}, set()).template_bytes()
    )


def as_kept(part: Segment, turning: Turning) -> Segment:
    (block,) = part.blocks
    return Segment.from_bytes(part.index_bytes(), turning.turn(block.templates), turning)
