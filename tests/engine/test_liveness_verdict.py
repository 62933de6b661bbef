"""From frames to a verdict or a reason, with the real models."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from shared.engine import Engine
from shared.engine.liveness import Hint, Look, Reason, Verdict, hints, verdict
from shared.engine.liveness.likeness import Mark, is_replay, is_still, mark
from shared.engine.liveness.verdict import problem
from tests import captures
from tests.captures import Stance, Subject

WOMAN, OTHER = "deepface/images/img33.jpg", "azure/images/Family2-Man1.jpg"
ALIKE = 0.32


def looks(engine: Engine, frames: tuple[bytes, ...]) -> list[Look]:
    return engine.looks(engine.decode(frames), "recognition_04")


def judge(shown: list[Look]) -> Verdict:
    return verdict.judge(shown, ALIKE)


@pytest.fixture(scope="module")
def woman(engine: Engine) -> list[Look]:
    return looks(engine, captures.frames(WOMAN))


@pytest.fixture(scope="module")
def man(engine: Engine) -> list[Look]:
    return looks(engine, captures.frames(OTHER, 8))


def test_person_before_the_camera_is_real(woman: list[Look]) -> None:
    found = judge(woman)
    assert (found.decision, found.reason) == ("realface", None)
    assert found.score > 0.8
    assert found.template is not None
    assert np.linalg.norm(found.template) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["sf_spoof_image_F2", "mk_spoof_video_f0000"])
def test_screen_before_the_camera_is_a_spoof(engine: Engine, name: str) -> None:
    assert judge(looks(engine, captures.whole_frames(f"liveness/images/{name}.jpg"))).decision == "spoofface"


def test_one_bad_frame_decides_nothing(engine: Engine, woman: list[Look]) -> None:
    dark = captures.subject(WOMAN).frame(Stance(light=0.1), 1)
    assert judge([*woman[:9], *looks(engine, (dark,))]).decision == "realface"


def test_two_persons_one_after_the_other_are_not_one_face(woman: list[Look], man: list[Look]) -> None:
    for at in (1, 3, 5, 7):
        assert judge([*woman[:at], *man[at:]]).reason is Reason.NOT_ONE_FACE
    assert judge([*man[:4], woman[4], *man[4:]]).reason is Reason.NOT_ONE_FACE


def test_same_picture_again_and_again_does_not_move(engine: Engine) -> None:
    frame = captures.frames(WOMAN)[0]
    assert judge(looks(engine, (frame,) * 8)).reason is Reason.NO_MOTION


def seen(engine: Engine, stance: Stance, shown: Subject | None = None) -> Reason | None:
    (picture,) = engine.decode([(shown or captures.subject(WOMAN)).frame(stance, 1)])
    return problem(engine.glimpse(picture))


def beside(name: str) -> Subject:
    """Two people in one frame."""
    shown = captures.subject(WOMAN)
    both = Image.new("RGB", (shown.image.width * 2, shown.image.height))
    both.paste(shown.image, (0, 0))
    both.paste(captures.subject(name).image, (shown.image.width, 0))
    return Subject(both, shown.mesh)


@pytest.mark.parametrize(
    ("stance", "expected"),
    [
        (Stance(), None),
        (Stance(light=0.1), Reason.TOO_DARK),
        (Stance(light=3.0), Reason.TOO_BRIGHT),
        (Stance(size=0.4), Reason.TOO_SMALL),
        (Stance(size=1.6), Reason.TOO_CLOSE),
        (Stance(shift=(-200, 0)), Reason.CUT_OFF),
        (Stance(yaw=38), Reason.NOT_FRONTAL),
        (Stance(size=0.02), Reason.NO_FACE),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_frame_is_refused_for_what_is_wrong_with_it(engine: Engine, stance: Stance, expected: Reason | None) -> None:
    assert seen(engine, stance) is expected


def test_second_person_is_seen_and_one_far_behind_is_not(engine: Engine) -> None:
    assert seen(engine, Stance(), beside(OTHER)) is Reason.SEVERAL_FACES
    shown = captures.subject(WOMAN)
    behind = shown.image.copy()
    far = captures.subject(OTHER).image.resize((96, 128))
    behind.paste(far, (0, 0))
    assert seen(engine, Stance(), Subject(behind, shown.mesh)) is None


def test_mask_is_the_reason_why(engine: Engine) -> None:
    shown = captures.subject("mask/images/mask_001.jpg")
    found = judge(looks(engine, captures.of(shown, captures.still(8))))
    assert found.reason is Reason.MASK


def test_hints_say_what_to_do_the_most_important_first(engine: Engine) -> None:
    def hinted(stance: Stance) -> list[Hint]:
        (picture,) = engine.decode([captures.subject(WOMAN).frame(stance, 1)])
        return hints(engine.glimpse(picture))

    assert hinted(Stance()) == []
    assert hinted(Stance(size=0.5))[0] is Hint.MOVE_CLOSER
    assert hinted(Stance(size=1.7))[0] is Hint.MOVE_AWAY
    assert hinted(Stance(shift=(-110, 0))) == [Hint.CENTER]
    assert hinted(Stance(light=0.12, shift=(110, 0))) == [Hint.CENTER, Hint.MORE_LIGHT]


def recompressed(frame: bytes, quality: int, scale: float) -> bytes:
    image, data = Image.open(io.BytesIO(frame)), io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale))).save(data, "JPEG", quality=quality)
    return data.getvalue()


def mirrored(frame: bytes) -> bytes:
    data = io.BytesIO()
    ImageOps.mirror(Image.open(io.BytesIO(frame))).save(data, "JPEG", quality=88)
    return data.getvalue()


def marks(engine: Engine, frames: tuple[bytes, ...]) -> list[Mark]:
    return [mark(frame, engine.glimpse(picture)) for frame, picture in zip(frames, engine.decode(frames), strict=True)]


def test_frames_are_known_again_compressed_anew_or_mirrored_and_a_second_attempt_is_not_taken_for_them(
    engine: Engine,
) -> None:
    first = captures.frames(WOMAN)
    known = marks(engine, first)
    assert is_replay(known[:1], known)
    for quality, scale in ((50, 1.0), (75, 0.8)):
        assert is_replay(marks(engine, tuple(recompressed(frame, quality, scale) for frame in first)), known)
    assert is_replay(marks(engine, tuple(map(mirrored, first))), known)
    assert not is_replay(marks(engine, captures.frames(WOMAN, seed=1)), known)
    assert not is_replay(known, [])
    assert [Mark.of(one.text()) for one in known] == known


def test_frames_that_were_looked_at_are_held_as_bytes_alone(engine: Engine) -> None:
    """Decoded, 24 frames of the largest size would fill 265 MB until their verdict."""
    seen = looks(engine, captures.frames(WOMAN))
    assert not any(look.picture._layers for look in seen)


def test_marks_are_small_and_hold_no_picture(woman: list[Look]) -> None:
    text = mark(b"frame", woman[0]).text()
    assert len(text) < 120
    assert not is_still(woman)
