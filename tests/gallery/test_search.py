import os
import weakref
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.gallery.search import FaceMatch, PersonMatch, best_faces, best_persons, cosines
from shared.gallery.segment import NOBODY, Entry, Segment, guids

SPACE = "recognition_04/fused-384"
OTHER = "recognition_01/small"
Templates = NDArray[np.float32]


def guid(number: int) -> bytes:
    return number.to_bytes(16, "big")


def unit(rows: NDArray[np.float64]) -> Templates:
    lengths: NDArray[np.float64] = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / lengths).astype(np.float32)


def random_templates(count: int, seed: int = 0, dimension: int = 384) -> Templates:
    return unit(np.random.default_rng(seed).standard_normal((count, dimension)))


def at_cosines(wanted: NDArray[np.float64], probe: Templates, seed: int = 0) -> Templates:
    """Templates with these cosines to the probe."""
    noise = random_templates(len(wanted), seed).astype(np.float64)
    noise -= (noise @ probe)[:, None] * probe
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return unit(wanted[:, None] * probe + np.sqrt(1 - wanted**2)[:, None] * noise)


def cut(entries: list[Entry], *sizes: int) -> list[Segment]:
    """Segments of these sizes, and one with the rest."""
    ends = [0, *np.cumsum(sizes).tolist(), len(entries)]
    return [Segment.of(entries[start:end]) for start, end in pairwise(ends)]


class Gallery:
    """2,000 faces of 300 persons with up to 12 faces each, and one person with 248; templates cluster by person."""

    def __init__(self) -> None:
        rng = np.random.default_rng(4)
        owners = [number for number in range(300) for _ in range(rng.integers(1, 12))] + [300] * 248
        centres = random_templates(301, seed=5)[owners]
        templates = unit(centres + 0.9 * random_templates(len(owners), seed=6))
        faces = rng.permutation(len(owners))
        self.entries = [
            Entry(guid(7 * int(face)), guid(1000 + owner), SPACE, row)
            for face, owner, row in zip(faces, owners, templates, strict=True)
        ]
        rng.shuffle(self.entries)
        self.probes = unit(centres[[-1, 3, 500]] + 0.9 * random_templates(3, seed=8))

    def faces(self, probe: Templates) -> list[FaceMatch]:
        """All faces, best first, by another way."""
        scored = [FaceMatch(e.face, e.person, float(cosines(e.template[None], probe)[0])) for e in self.entries]
        return sorted(scored, key=lambda match: (-match.cosine, match.face))

    def persons(self, probe: Templates) -> list[PersonMatch]:
        best: dict[bytes, float] = {}
        for match in self.faces(probe):
            best.setdefault(match.person, match.cosine)
        return sorted((PersonMatch(*item) for item in best.items()), key=lambda match: (-match.cosine, match.person))


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return Gallery()


@pytest.mark.parametrize("limit", [1, 20, 1000, 5000])
@pytest.mark.parametrize("minimum", [-1.0, 0.0, 0.3])
def test_the_best_faces_are_those_that_sorting_all_gives(gallery: Gallery, limit: int, minimum: float) -> None:
    found = best_faces(cut(gallery.entries, 900, 3, 600), gallery.probes, SPACE, limit, minimum)
    expected = [[m for m in gallery.faces(probe) if m.cosine >= minimum][:limit] for probe in gallery.probes]
    assert found == expected


@pytest.mark.parametrize("limit", [1, 2, 100, 400])
@pytest.mark.parametrize("minimum", [-1.0, 0.0, 0.3])
def test_a_person_has_the_score_of_the_best_face(gallery: Gallery, limit: int, minimum: float) -> None:
    found = best_persons(cut(gallery.entries, 900, 3, 600), gallery.probes, SPACE, limit, minimum)
    expected = [[m for m in gallery.persons(probe) if m.cosine >= minimum][:limit] for probe in gallery.probes]
    assert found == expected


def test_a_person_with_all_the_top_faces_leaves_room_for_the_others(gallery: Gallery) -> None:
    probe = gallery.probes[:1]
    [faces] = best_faces(cut(gallery.entries), probe, SPACE, 248, -1)
    assert {match.person for match in faces} == {guid(1300)}
    [persons] = best_persons(cut(gallery.entries, 500), probe, SPACE, 100, -1)
    assert len({match.person for match in persons}) == 100


def test_the_answer_is_the_same_however_the_gallery_is_cut(gallery: Gallery) -> None:
    whole = [Segment.of(gallery.entries)]
    faces = best_faces(whole, gallery.probes, SPACE, 50, -1)
    persons = best_persons(whole, gallery.probes, SPACE, 50, -1)
    rng = np.random.default_rng(1)
    for _ in range(5):
        entries = [gallery.entries[at] for at in rng.permutation(len(gallery.entries))]
        parts = cut(entries, *rng.integers(0, 300, 6).tolist())
        assert best_faces(parts, gallery.probes, SPACE, 50, -1) == faces
        assert best_persons(parts, gallery.probes, SPACE, 50, -1) == persons


def test_each_probe_gets_the_answer_it_gets_alone(gallery: Gallery) -> None:
    parts = cut(gallery.entries, 700)
    together = best_persons(parts, gallery.probes, SPACE, 10, 0.1)
    assert together == [best_persons(parts, probe[None], SPACE, 10, 0.1)[0] for probe in gallery.probes]
    assert best_persons(parts, gallery.probes[:0], SPACE, 10, 0.1) == []


def test_equal_scores_are_ordered_by_id_in_every_segment() -> None:
    template, probe = random_templates(2, seed=2)
    numbers = np.random.default_rng(3).permutation(600).tolist()
    entries = [Entry(guid(number), guid(9000 - number), SPACE, template) for number in numbers]
    parts = cut(entries, 1, 250, 99)
    [faces] = best_faces(parts, probe[None], SPACE, 100, -1)
    assert [match.face for match in faces] == [guid(number) for number in range(100)]
    assert len({match.cosine for match in faces}) == 1
    [persons] = best_persons(parts, probe[None], SPACE, 100, -1)
    assert [match.person for match in persons] == [guid(9000 - number) for number in range(599, 499, -1)]


def test_scores_that_rise_from_segment_to_segment_are_all_seen() -> None:
    probe = random_templates(1, seed=9)[0]
    rising = at_cosines(np.linspace(-0.9, 0.9, 3000), probe)
    entries = [Entry(guid(number), guid(number // 10), SPACE, row) for number, row in enumerate(rising)]
    [faces] = best_faces(cut(entries, *[100] * 29), probe[None], SPACE, 40, -1)
    assert [match.face for match in faces] == [guid(number) for number in range(2999, 2959, -1)]


def test_the_minimum_itself_is_enough() -> None:
    probe, *templates = random_templates(40, seed=12)
    entries = [Entry(guid(number), NOBODY, SPACE, row) for number, row in enumerate(templates)]
    scores = {entry.face: float(cosines(entry.template[None], probe)[0]) for entry in entries}
    for face, score in scores.items():
        [found] = best_faces(cut(entries, 20), probe[None], SPACE, 1000, score)
        assert face in {match.face for match in found}
        [above] = best_faces(cut(entries, 20), probe[None], SPACE, 1000, float(np.nextafter(score, 1)))
        assert face not in {match.face for match in above}


def test_removed_faces_and_persons_are_never_found(gallery: Gallery) -> None:
    parts = cut(gallery.entries, 900)
    best = gallery.faces(gallery.probes[1])
    persons = {best[0].person, guid(1300)}
    faces = {match.face for match in best[:60]}
    kept = [entry for entry in gallery.entries if entry.face not in faces and entry.person not in persons]
    expected = best_faces([Segment.of(kept)], gallery.probes, SPACE, 80, -1)
    found = best_faces(parts, gallery.probes, SPACE, 80, -1, hidden_faces=faces, hidden_persons=persons)
    assert found == expected
    expected_persons = best_persons([Segment.of(kept)], gallery.probes, SPACE, 80, 0.2)
    hidden = best_persons(parts, gallery.probes, SPACE, 80, 0.2, hidden_faces=faces, hidden_persons=persons)
    assert hidden == expected_persons


def test_only_the_asked_for_persons_are_found(gallery: Gallery) -> None:
    parts = cut(gallery.entries, 900)
    members = {guid(number) for number in range(1100, 1140)}
    strangers = {os.urandom(16) for _ in range(1000)}
    expected = [[m for m in gallery.persons(probe) if m.person in members] for probe in gallery.probes]
    assert best_persons(parts, gallery.probes, SPACE, 100, -1, only=members | strangers) == expected
    assert best_persons(parts, gallery.probes, SPACE, 100, -1, only=strangers) == [[], [], []]
    assert best_persons(parts, gallery.probes, SPACE, 100, -1, only=set()) == [[], [], []]


def test_a_removed_person_is_not_found_as_a_member_either(gallery: Gallery) -> None:
    [first, *_] = gallery.persons(gallery.probes[1])
    members = {first.person}
    assert best_persons(cut(gallery.entries), gallery.probes[1:2], SPACE, 5, -1, only=members) == [[first]]
    found = best_persons(
        cut(gallery.entries), gallery.probes[1:2], SPACE, 5, -1, only=members, hidden_persons={first.person}
    )
    assert found == [[]]


def test_a_face_that_is_in_two_parts_counts_once(gallery: Gallery) -> None:
    parts = [*cut(gallery.entries, 900), Segment.of(gallery.entries[850:950])]
    expected = [gallery.faces(probe)[:300] for probe in gallery.probes]
    assert best_faces(parts, gallery.probes, SPACE, 300, -1) == expected


def test_templates_of_other_spaces_are_never_compared() -> None:
    probe = random_templates(1, seed=1)
    small = random_templates(1, seed=1, dimension=8)
    entries = [
        Entry(guid(1), NOBODY, SPACE, probe[0]),
        Entry(guid(2), NOBODY, OTHER, small[0]),
        Entry(guid(3), NOBODY, "recognition_02/fused-384", probe[0]),
    ]
    assert [match.face for match in best_faces(cut(entries, 1), probe, SPACE, 9, -1)[0]] == [guid(1)]
    assert [match.face for match in best_faces(cut(entries, 1), small, OTHER, 9, -1)[0]] == [guid(2)]
    assert best_faces(cut(entries, 1), small, "recognition_09/none", 9, -1) == [[]]


def test_no_parts_give_no_matches() -> None:
    probes = random_templates(2)
    assert best_faces([], probes, SPACE, 5, -1) == [[], []]
    assert best_persons([Segment.of([])], probes, SPACE, 5, -1) == [[], []]


def test_a_segment_is_let_go_when_the_next_one_is_there(gallery: Gallery) -> None:
    stored = [(part.index_bytes(), part.template_bytes()) for part in cut(gallery.entries, 400, 400, 400, 400)]
    seen: list[weakref.ref[Templates]] = []
    alive: list[int] = []

    def stream() -> Iterator[Segment]:
        for index, templates in stored:
            segment = Segment.from_bytes(index, templates)
            seen.append(weakref.ref(segment.blocks[0].templates))
            alive.append(sum(template() is not None for template in seen))
            yield segment

    assert best_faces(stream(), gallery.probes, SPACE, 5, -1) == [gallery.faces(p)[:5] for p in gallery.probes]
    assert alive == [1, 2, 2, 2, 2]


def test_stored_and_read_segments_give_the_same_answer(gallery: Gallery) -> None:
    parts = cut(gallery.entries, 600, 600)
    read = (Segment.from_bytes(part.index_bytes(), part.template_bytes()) for part in parts)
    assert best_faces(read, gallery.probes, SPACE, 5, -1) == best_faces(parts, gallery.probes, SPACE, 5, -1)


def test_a_cosine_does_not_depend_on_the_rows_around_it_nor_on_which_is_the_probe() -> None:
    templates = random_templates(300, seed=11)
    table = np.stack([cosines(templates, probe) for probe in templates])
    assert np.array_equal(table, table.T)
    assert table[17, 200] == cosines(templates[200:201], templates[17])[0]
    assert np.allclose(table, templates @ templates.T, atol=1e-6)


def test_a_template_of_nothing_matches_nothing() -> None:
    probe = random_templates(1)
    empty = np.full(384, np.nan, np.float32)
    entries = [Entry(guid(1), NOBODY, SPACE, empty), Entry(guid(2), NOBODY, SPACE, probe[0])]
    [found] = best_faces([Segment.of(entries)], probe, SPACE, 5, -1)
    assert [match.face for match in found] == [guid(2)]
    assert guids(Segment.of(entries).faces) == [guid(1), guid(2)]
