"""Groups are persons: on constructed templates exactly, on real pictures nearly."""

from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.engine import Engine, ModelLibrary, decode
from shared.gallery.confidence import ConfidenceScale
from shared.gallery.grouping import TOGETHER, group
from tests import faces

Templates = NDArray[np.float32]


def unit(rows: NDArray[np.float64]) -> Templates:
    lengths: NDArray[np.float64] = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / lengths).astype(np.float32)


def people(sizes: list[int], noise: float, seed: int = 0) -> tuple[Templates, list[int]]:
    """Templates of people with so many faces each, shuffled, and whose each is. Mean cosine within: 1/(1+noise²)."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    rng.shuffle(owners)
    centres = rng.standard_normal((len(sizes), 384)) / np.sqrt(384)
    return unit(centres[owners] + noise * rng.standard_normal((len(owners), 384)) / np.sqrt(384)), owners.tolist()


def partition(groups: list[list[int]]) -> set[frozenset[int]]:
    return {frozenset(rows) for rows in groups}


def by_owner(owners: list[int]) -> set[frozenset[int]]:
    return {frozenset(row for row, who in enumerate(owners) if who == owner) for owner in set(owners)}


def arc(*degrees: float) -> Templates:
    """Templates in one plane, at these angles."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def direct_average_linkage(templates: Templates, minimum: float) -> set[frozenset[int]]:
    """By the definition, with nothing remembered: merge the two groups of the highest mean cosine, again and again."""
    cosines = templates.astype(np.float64) @ templates.T
    groups = {frozenset([row]) for row in range(len(templates))}
    while len(groups) > 1:
        means = {pair: cosines[np.ix_(list(pair[0]), list(pair[1]))].mean() for pair in combinations(groups, 2)}
        nearest = max(means, key=means.__getitem__)
        if means[nearest] < minimum:
            break
        groups = groups - set(nearest) | {nearest[0] | nearest[1]}
    return groups


def test_each_person_becomes_a_group() -> None:
    templates, owners = people([1, 30, 2, 7, 1, 12, 1, 3], noise=0.8)
    assert partition(group(templates, 0.4)) == by_owner(owners)


def test_the_largest_group_comes_first_and_rows_ascend() -> None:
    templates = np.eye(6, dtype=np.float32)[[5, 0, 0, 4, 1, 1, 3, 1, 2, 3, 2, 3]]
    assert group(templates, 0.4) == [[4, 5, 7], [6, 9, 11], [1, 2], [8, 10], [0], [3]]


@pytest.mark.parametrize("minimum", [0.1, 0.3, 0.45, 0.6])
@pytest.mark.parametrize("seed", range(6))
def test_groups_are_those_of_average_linkage(seed: int, minimum: float) -> None:
    templates = people([5, 4, 4, 3, 2, 1, 1, 1, 1], noise=1.3, seed=seed)[0]
    templates = unit(templates + 0.6 * templates[seed])
    assert partition(group(templates, minimum)) == direct_average_linkage(templates, minimum)


def test_a_chain_of_look_alikes_does_not_make_two_people_one() -> None:
    """Each face is 18 degrees (cosine 0.95) from the next: any two neighbours are alike, the ends are opposite."""
    groups = group(arc(*range(0, 181, 18)), minimum=0.6)
    assert len(groups) > 1
    assert not any({0, 10} <= set(rows) for rows in groups)


def test_one_face_between_two_people_does_not_join_them() -> None:
    templates = arc(0, 4, 8, 12, 52, 92, 96, 100, 104)
    groups = partition(group(templates, minimum=0.7))
    assert any({0, 1, 2, 3} <= rows for rows in groups)
    assert not any({0, 8} <= rows for rows in groups)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_faces_does_not_matter(seed: int) -> None:
    templates = np.concatenate([people([9, 5, 5, 2, 1, 1], noise=1.2)[0], np.eye(4, 384, dtype=np.float32)])
    templates = np.concatenate([templates, templates[:3], arc(*range(0, 360, 30)) @ np.eye(2, 384, dtype=np.float32)])
    shuffled = np.random.default_rng(seed).permutation(len(templates))
    expected = partition(group(templates, 0.35))
    found = group(templates[shuffled], 0.35)
    assert partition([shuffled[rows].tolist() for rows in found]) == expected


def test_strangers_are_all_alone() -> None:
    templates, _ = people([1] * 200, noise=0.1)
    assert group(templates, 0.4) == [[row] for row in range(200)]


@pytest.mark.parametrize("noise", [0.0, 0.8])
def test_one_person_is_one_group(noise: float) -> None:
    templates, _ = people([300], noise)
    assert group(templates, 0.4) == [list(range(300))]


def test_everything_is_together_at_the_least_minimum_and_nothing_at_more_than_the_greatest() -> None:
    templates, _ = people([4, 3, 2], noise=0.5)
    assert group(templates, -1.01) == [list(range(9))]
    assert group(templates, 1.01) == [[row] for row in range(9)]


def test_as_many_faces_as_a_call_may_have_are_each_in_one_group() -> None:
    templates, owners = people([60, 40, *[9] * 50, *[2] * 100, *[1] * 250], noise=0.8)
    groups = group(templates, 0.35)
    assert sorted(chain.from_iterable(groups)) == list(range(1000))
    assert partition(groups) == by_owner(owners)


def test_no_faces_make_no_groups() -> None:
    assert group(np.zeros((0, 384), np.float32), 0.4) == []


def test_a_template_that_is_no_number_ends_alone() -> None:
    templates, _ = people([3], noise=0.1)
    templates[1] = np.nan
    assert [1] in group(templates, 0.4)


@pytest.fixture(scope="module")
def pictures() -> dict[Path, str]:
    """LFW's pictures for grouping, people with one picture among them, and Azure's of families."""
    folder = faces.folder("lfw")
    lfw = {folder / row["file"]: row["person"] for row in faces.rows("lfw", "group")}
    return lfw | faces.identities("azure")


@pytest.fixture(scope="module")
def templates(pictures: dict[Path, str]) -> Templates:
    """Of the largest face in each picture."""
    engine = Engine(ModelLibrary.find())
    rows = []
    for path in pictures:
        picture = decode(path.read_bytes())
        rows.append(engine.embed(picture, engine.detect(picture, limit=1)))
    return np.concatenate(rows)


def pairs(sets: set[frozenset[int]]) -> set[tuple[int, int]]:
    return set(chain.from_iterable(combinations(sorted(rows), 2) for rows in sets))


@pytest.mark.slow
def test_real_faces_are_grouped_by_person(templates: Templates, pictures: dict[Path, str]) -> None:
    """Measured: no two people together, 0.96 of the pairs of one person together, BCubed F 0.99."""
    people_of_row = list(pictures.values())
    true = {frozenset(np.flatnonzero(np.array(people_of_row) == who).tolist()) for who in set(people_of_row)}
    found = partition(group(templates, ConfidenceScale.load("fused-384").cosine_at(TOGETHER)))
    assert len(people_of_row) > 300
    right = len(pairs(true) & pairs(found))
    assert right / len(pairs(found)) >= 0.995
    assert right / len(pairs(true)) >= 0.94
    overlaps = [(len(one & other), len(one), len(other)) for one in true for other in found if one & other]
    precision = sum(both**2 / size for both, _, size in overlaps) / len(people_of_row)
    recall = sum(both**2 / size for both, size, _ in overlaps) / len(people_of_row)
    assert 2 * precision * recall / (precision + recall) >= 0.98
