import numpy as np
import pytest
from numpy.typing import NDArray

from shared.gallery.segment import NOBODY, Entry, Segment, among, guids

OLD, NEW = "recognition_01/small", "recognition_04/fused-384"


def guid(number: int) -> bytes:
    """Begins with zeros and, for multiples of 256, ends with them: ids are not text."""
    return number.to_bytes(16, "big")


def template(number: int, dimension: int = 384) -> NDArray[np.float32]:
    values = np.random.default_rng(number).standard_normal(dimension)
    return (values / np.linalg.norm(values)).astype(np.float32)


def entry(number: int, person: bytes = NOBODY, space: str = NEW) -> Entry:
    return Entry(guid(number), person, space, template(number, 384 if space == NEW else 8))


def same(one: Segment, other: Segment) -> bool:
    return one.index_bytes() == other.index_bytes() and one.template_bytes() == other.template_bytes()


@pytest.fixture
def mixed() -> Segment:
    """Faces 0 to 599, three in four of the new space; face n is of person n modulo 7."""
    return Segment.of(entry(n, guid(1000 + n % 7), NEW if n % 4 else OLD) for n in range(600))


def test_each_face_keeps_its_person_and_template(mixed: Segment) -> None:
    assert [block.space for block in mixed.blocks] == [OLD, NEW]
    for block in mixed.blocks:
        numbers = [int.from_bytes(face, "big") for face in guids(block.faces)]
        assert numbers == [n for n in range(600) if (block.space == NEW) == bool(n % 4)]
        assert guids(block.persons) == [guid(1000 + n % 7) for n in numbers]
        dimension = block.templates.shape[1]
        assert all(np.array_equal(row, template(n, dimension)) for n, row in zip(numbers, block.templates, strict=True))


def test_what_is_stored_is_what_is_read(mixed: Segment) -> None:
    read = Segment.from_bytes(mixed.index_bytes(), mixed.template_bytes())
    assert same(read, mixed)
    assert [block.templates.shape for block in read.blocks] == [(150, 8), (450, 384)]


def test_a_segment_is_little_more_than_its_ids_and_templates(mixed: Segment) -> None:
    assert len(mixed.index_bytes()) < 600 * 32 + 100
    assert len(mixed.template_bytes()) == (150 * 8 + 450 * 384) * 4


def test_the_ids_are_read_without_the_templates(mixed: Segment) -> None:
    faces, persons = Segment.ids_of(mixed.index_bytes())
    assert np.array_equal(faces, mixed.faces)
    assert np.array_equal(persons, mixed.persons)
    assert sorted(guids(faces)) == [guid(n) for n in range(600)]


def test_the_layout_is_the_documented_one() -> None:
    face, person = bytes(range(16)), bytes(range(16, 32))
    segment = Segment.of([Entry(face, person, "m/r", np.array([1, 0], np.float32))])
    head = b"OFSG" + bytes([1, 0, 1, 0]) + bytes([1, 0, 0, 0, 2, 0, 3, 0]) + b"m/r"
    assert segment.index_bytes() == head + face + person
    assert segment.template_bytes() == bytes([0, 0, 0x80, 0x3F, 0, 0, 0, 0])


def test_a_segment_without_faces_is_stored_too() -> None:
    empty = Segment.of([])
    assert len(Segment.from_bytes(empty.index_bytes(), empty.template_bytes())) == 0
    assert empty.faces.shape == empty.persons.shape == (0, 16)
    assert empty.without({guid(1)}, {guid(2)}) is empty


def test_every_truncated_index_is_refused(mixed: Segment) -> None:
    index, templates = mixed.index_bytes(), mixed.template_bytes()
    for end in [*range(120), *range(120, len(index), 997)]:
        with pytest.raises(ValueError, match=r"^segment: "):
            Segment.from_bytes(index[:end], templates)
        with pytest.raises(ValueError, match=r"^segment: "):
            Segment.ids_of(index[:end])


def malformed() -> dict[str, tuple[bytes, bytes]]:
    index, templates = Segment.of([entry(1), entry(2, space=OLD)]).index_bytes(), bytes(4 * (384 + 8))
    first, second = index.index(OLD.encode()), index.index(NEW.encode())
    renamed = bytearray(index)
    renamed[first : first + 5] = b"\xff" * 5
    unnumbered = bytearray(index)
    unnumbered[second - 8 : second - 4] = bytes(4)
    pointless = bytearray(index)
    pointless[first - 4 : first - 2] = bytes(2)
    name = OLD.encode()
    twice = index[:8] + 2 * (index[8:16] + name) + bytes(64)
    return {
        "other file": (b"PNG!" + index[4:], templates),
        "later version": (index[:4] + b"\x02\x00" + index[6:], templates),
        "longer index": (index + b"\x00", templates),
        "longer templates": (index, templates + bytes(4)),
        "half a number": (index, templates + bytes(2)),
        "shorter templates": (index, templates[:-4]),
        "no templates": (index, b""),
        "name that is no text": (bytes(renamed), templates),
        "block without faces": (bytes(unnumbered[:-32]), templates),
        "templates without numbers": (bytes(pointless), templates[: 384 * 4]),
        "space twice": (twice, bytes(64)),
        "nothing": (b"", b""),
    }


@pytest.mark.parametrize("case", malformed())
def test_malformed_bytes_are_refused(case: str) -> None:
    index, templates = malformed()[case]
    with pytest.raises(ValueError, match=r"^segment: "):
        Segment.from_bytes(index, templates)


def test_removed_faces_and_persons_are_not_kept(mixed: Segment) -> None:
    left = mixed.without({guid(n) for n in range(0, 600, 3)} | {guid(9999)}, {guid(1002)})
    kept = [n for n in range(600) if n % 3 and n % 7 != 2]
    assert same(left, Segment.of(entry(n, guid(1000 + n % 7), NEW if n % 4 else OLD) for n in kept))


def test_a_space_without_faces_left_is_gone(mixed: Segment) -> None:
    left = mixed.without({guid(n) for n in range(0, 600, 4)}, frozenset())
    assert [block.space for block in left.blocks] == [NEW]
    assert left.block(OLD) is None
    assert same(Segment.from_bytes(left.index_bytes(), left.template_bytes()), left)


def test_nothing_is_copied_when_nothing_is_removed(mixed: Segment) -> None:
    assert mixed.without(frozenset(), frozenset()) is mixed
    assert mixed.without({guid(700)}, {guid(2000)}) is mixed


def test_segments_are_joined_in_their_order(mixed: Segment) -> None:
    entries = [entry(n, guid(1000 + n % 7), NEW if n % 4 else OLD) for n in range(600)]
    pieces = [Segment.of(entries[:100]), Segment.of([]), Segment.of(entries[100:101]), Segment.of(entries[101:])]
    assert same(Segment.concat(pieces), mixed)
    assert len(Segment.concat([])) == 0


def test_templates_of_one_space_have_one_length() -> None:
    short = Entry(guid(2), NOBODY, NEW, template(2, 128))
    with pytest.raises(ValueError, match="same shape"):
        Segment.of([entry(1), short])
    with pytest.raises(ValueError, match="dimension"):
        Segment.concat([Segment.of([entry(1)]), Segment.of([short])])


def test_ids_are_found_whatever_bytes_they_end_with(mixed: Segment) -> None:
    wanted = {guid(n) for n in (0, 1, 256, 512, 599)}
    found = among(mixed.faces, wanted)
    assert {face for face, is_wanted in zip(guids(mixed.faces), found, strict=True) if is_wanted} == wanted


def test_cut_gives_the_same_faces_in_parts_that_are_small_enough() -> None:
    segment = Segment.of([entry(number, space=space) for space in ("a", "b") for number in range(5)])
    parts = segment.cut(2)
    assert [len(part) for part in parts] == [2, 2, 1, 2, 2, 1]
    assert same(Segment.concat(parts), segment)
