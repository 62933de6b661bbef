"""Same-person and different-person pairs of real pictures, end to end over HTTP: two detects and a verify each."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.contract.conftest import Service
from tests.faces import Pair, pairs

LFW_SAMPLE = 50  # of each kind


def confidences(service: Service, chosen: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Confidences of same-person and of different-person pairs. A picture is detected once; its largest face counts."""
    files: dict[Path, str] = {}

    def face_id(path: Path) -> str:
        if path not in files:
            files[path] = service.face_id(path, recognitionModel="recognition_04")
        return files[path]

    def confidence(pair: Pair) -> float:
        body = {"faceId1": face_id(pair.first), "faceId2": face_id(pair.second)}
        answer = service.http.post("/face/v1.2/verify", json=body).json()
        assert answer["isIdentical"] is (answer["confidence"] >= 0.5)
        return float(answer["confidence"])

    scored = [(pair.same, confidence(pair)) for pair in chosen]
    return (
        np.array([value for same, value in scored if same]),
        np.array([value for same, value in scored if not same]),
    )


def best_accuracy(same: np.ndarray, different: np.ndarray) -> float:
    """The share of right verdicts at the threshold where it is greatest."""
    thresholds = np.unique(np.concatenate([same, different, [1.1]]))
    right = (same[:, None] >= thresholds).sum(0) + (different[:, None] < thresholds).sum(0)
    return float(right.max() / (len(same) + len(different)))


def told(name: str, same: np.ndarray, different: np.ndarray) -> float:
    accuracy = best_accuracy(same, different)
    print(
        f"\n{name}: {len(same)} same, {len(different)} different; best accuracy {accuracy:.2%}; at 0.5: "
        f"{np.mean(same >= 0.5):.2%} of same and {np.mean(different >= 0.5):.3%} of different are identical; "
        f"lowest same {same.min():.3f}, highest different {different.max():.3f}"
    )
    return accuracy


@pytest.fixture(autouse=True)
def shown(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Accuracy is printed also where the tests pass."""
    yield
    output = capsys.readouterr().out
    with capsys.disabled():
        print(output, end="")


@pytest.mark.slow
def test_all_deepface_pairs_are_separable(service: Service) -> None:
    same, different = confidences(service, pairs("deepface"))
    told("deepface", same, different)
    assert same.min() > different.max()


def test_lfw_pairs_are_told_apart(service: Service) -> None:
    kinds = ([pair for pair in pairs("lfw") if pair.same is same] for same in (True, False))
    chosen = [pair for kind in kinds for pair in kind[:: len(kind) // LFW_SAMPLE]]
    assert told("LFW, sample", *confidences(service, chosen)) >= 0.992


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_all_lfw_pairs_are_told_apart(service: Service) -> None:
    assert told("LFW, all pairs", *confidences(service, pairs("lfw"))) >= 0.992
