"""What a client sends of a capture: the digest of the protocol page, and what is wrong with times and order."""

import hashlib
from datetime import timedelta

import pytest

from shared.engine.liveness import Reason
from shared.people.captures import Capture, Sent, digest, digest_of, fault

SECONDS = timedelta(seconds=1)
FRAMES = tuple(f"frame {at}".encode() for at in range(8))
TIMES = tuple(at * 150 for at in range(8))


def test_digest_is_the_chain_of_the_protocol() -> None:
    first = hashlib.sha256(b"nonce").digest()
    second = hashlib.sha256(first + b"0|one").digest()
    third = hashlib.sha256(second + b"150|two").digest()
    assert digest("nonce", (b"one", b"two"), (0, 150)) == third.hex().upper()


def test_digest_changes_with_nonce_order_time_and_any_byte() -> None:
    usual = digest("nonce", FRAMES, TIMES)
    others = [
        digest("another", FRAMES, TIMES),
        digest("nonce", FRAMES[::-1], TIMES),
        digest("nonce", FRAMES, (*TIMES[:-1], TIMES[-1] + 1)),
        digest("nonce", (*FRAMES[:-1], FRAMES[-1] + b"!"), TIMES),
        digest("nonce", FRAMES[:-1], TIMES[:-1]),
    ]
    assert len({usual, *others}) == 6


def wrong(times: tuple[int, ...] = TIMES, elapsed: timedelta = 2 * SECONDS, signed: str = "") -> Reason | None:
    sent = Sent("nonce", signed or digest("nonce", FRAMES, times).lower(), FRAMES, times)
    return fault(sent, Capture(FRAMES, times, ()), digest_of(sent), elapsed)


def test_nothing_is_wrong_with_a_capture_as_it_should_be() -> None:
    assert wrong() is None
    assert wrong(elapsed=timedelta(milliseconds=TIMES[-1])) is None


@pytest.mark.parametrize(
    ("times", "elapsed", "expected"),
    [
        (TIMES[::-1], 2 * SECONDS, Reason.OUT_OF_ORDER),
        ((0, *TIMES[:-1]), 2 * SECONDS, Reason.OUT_OF_ORDER),
        (tuple(range(8)), 2 * SECONDS, Reason.IMPLAUSIBLE_TIME),
        (TIMES, 0.5 * SECONDS, Reason.IMPLAUSIBLE_TIME),
    ],
    ids=["backwards", "twice", "in no time", "longer than since the start"],
)
def test_times_that_no_capture_has_are_told_by_their_reason(
    times: tuple[int, ...], elapsed: timedelta, expected: Reason
) -> None:
    assert wrong(times, elapsed) is expected


def test_another_digest_means_that_something_was_altered() -> None:
    assert wrong(signed="0" * 64) is Reason.ALTERED
    assert wrong(signed="no digest") is Reason.ALTERED
