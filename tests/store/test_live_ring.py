"""A ring that changes while a process runs."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.store.cipher import Cipher
from shared.store.key_ring import KeyRing, KeyRingError, create_key_ring, replace_key_ring
from shared.store.live_ring import FRESH_SECONDS, MISSED_SECONDS, MOST_MISSED, UNSEEN_SECONDS, LiveRing
from shared.store.tables import StoreUnavailable
from tests.clock import FakeClock


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Keeper:
    """Whoever has the ring: it counts how often it is asked."""

    def __init__(self) -> None:
        self.ring = KeyRing("k1", {"k1": b"1" * 32})
        self.asked = 0
        self.is_away = False

    def __call__(self) -> KeyRing:
        self.asked += 1
        if self.is_away:
            raise KeyRingError("the key ring is away")
        return self.ring

    def add(self) -> None:
        self.ring = KeyRing("k2", {**self.ring.keys, "k2": b"2" * 32})


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def live(keeper: Keeper, seconds: Seconds) -> LiveRing:
    return LiveRing(keeper, seconds)


def test_new_active_key_is_taken_up_within_a_minute(live: LiveRing, keeper: Keeper, seconds: Seconds) -> None:
    keeper.add()
    seconds.now += FRESH_SECONDS - 0.001
    assert live.now().active == "k1"
    assert keeper.asked == 1
    seconds.now += 0.001
    assert live.now().active == "k2"
    assert live.now().active == "k2"
    assert keeper.asked == 2


def test_key_that_another_process_seals_with_is_found_at_once(live: LiveRing, keeper: Keeper) -> None:
    keeper.add()
    assert live.key("k2") == b"2" * 32
    assert live.now().active == "k2"


def test_key_that_is_not_there_is_looked_for_once_in_a_while(live: LiveRing, keeper: Keeper, seconds: Seconds) -> None:
    for _ in range(100):
        with pytest.raises(KeyError):
            live.key("lost")
    assert keeper.asked == 2
    seconds.now += MISSED_SECONDS
    with pytest.raises(KeyError):
        live.key("lost")
    assert keeper.asked == 3


def test_many_names_of_no_ring_ask_for_it_a_few_times(live: LiveRing, keeper: Keeper, seconds: Seconds) -> None:
    for number in range(1000):
        assert not live.has(f"lost-{number}")
    assert keeper.asked == 1 + MOST_MISSED
    keeper.add()
    seconds.now += MISSED_SECONDS
    assert live.has("k2")


def test_names_that_anybody_may_make_up_do_not_make_it_look(live: LiveRing, keeper: Keeper, seconds: Seconds) -> None:
    for number in range(100):
        with pytest.raises(KeyError):
            live.key_of_caller(f"made-up-{number}")
    assert keeper.asked == 1
    seconds.now += MISSED_SECONDS
    keeper.add()
    assert live.key_of_caller("k2")


def test_nobody_waits_for_a_name_that_anybody_may_have_made_up(keeper: Keeper, seconds: Seconds) -> None:
    live = LiveRing(keeper, seconds)
    seconds.now += MISSED_SECONDS
    with live._lock, ThreadPoolExecutor(1) as caller:  # as while somebody waits for a vault
        assert isinstance(caller.submit(live.key_of_caller, "made-up").exception(timeout=5), KeyError)


def test_process_that_had_nothing_to_do_for_long_seals_under_no_key_of_then(keeper: Keeper, seconds: Seconds) -> None:
    """Also those of its calls that come while one of them asks for the ring."""
    live, asked = LiveRing(keeper, seconds), threading.Event()
    keeper.add()
    seconds.now += 2 * FRESH_SECONDS
    load = live._load

    def slowly() -> KeyRing:
        asked.set()
        time.sleep(0.3)
        return load()

    live._load = slowly
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(live.now)
        assert asked.wait(5)
        others = [callers.submit(live.now) for _ in range(3)]
        assert [one.result().active for one in (first, *others)] == ["k2"] * 4
    assert keeper.asked == 2


def test_ring_that_could_not_be_read_for_long_seals_nothing(live: LiveRing, keeper: Keeper, seconds: Seconds) -> None:
    sealed = Cipher(live).seal(b"before", "row")
    keeper.is_away = True
    seconds.now += UNSEEN_SECONDS - 1
    assert Cipher(live).seal(b"still", "row")
    assert not live.is_seen
    seconds.now += 1
    with pytest.raises(StoreUnavailable):
        Cipher(live).seal(b"no more", "row")
    assert Cipher(live).open(sealed, "row") == b"before"
    keeper.is_away = False
    seconds.now += FRESH_SECONDS
    assert Cipher(live).seal(b"again", "row")
    assert live.is_seen


def test_ring_that_is_away_is_used_as_it_was(
    live: LiveRing, keeper: Keeper, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    keeper.is_away = True
    seconds.now += FRESH_SECONDS
    with caplog.at_level(logging.ERROR):
        assert live.now().active == "k1"
    assert "the key ring is away" in caplog.text
    assert live.key("k1") == b"1" * 32
    keeper.is_away = False
    keeper.add()
    seconds.now += FRESH_SECONDS
    assert live.now().active == "k2"


def test_ring_that_is_away_at_first_is_an_error(keeper: Keeper) -> None:
    keeper.is_away = True
    with pytest.raises(KeyRingError):
        LiveRing(keeper)


def test_file_is_replaced_as_a_whole_and_keeps_the_keys_it_had(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "ring.json"
    create_key_ring(path)
    before = KeyRing.load(path)
    live = LiveRing.of_file(path)
    grown = before.with_new_key(clock())
    replace_key_ring(path, grown)
    assert KeyRing.load(path) == grown
    assert grown.active != before.active
    assert grown.activated == clock()
    assert path.stat().st_mode & 0o777 == 0o600
    assert live.key(grown.active) == grown.keys[grown.active]
    assert live.key(before.active) == before.keys[before.active]


def test_active_key_and_unknown_ones_cannot_be_taken_out(clock: FakeClock) -> None:
    ring = KeyRing.new(clock()).with_new_key(clock())
    (old,) = set(ring.keys) - {ring.active}
    assert set(ring.without(old).keys) == {ring.active}
    for name in (ring.active, "unknown"):
        with pytest.raises(KeyRingError, match=name):
            ring.without(name)
