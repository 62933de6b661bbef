import pytest

from shared.store.cipher import Cipher, KeyUnknown, SealBroken
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing

TEMPLATE = bytes(range(256)) * 6


def cipher(active: str = "k1", **keys: bytes) -> Cipher:
    ring = KeyRing(active, keys or {"k1": b"1" * 32})
    return Cipher(LiveRing(lambda: ring))


def test_sealed_template_opens_for_its_own_row() -> None:
    assert cipher().open(cipher().seal(TEMPLATE, "row"), "row") == TEMPLATE


def test_envelope_shows_nothing_of_the_template_and_never_repeats() -> None:
    first, second = cipher().seal(TEMPLATE, "row"), cipher().seal(TEMPLATE, "row")
    assert first != second
    assert TEMPLATE[:16] not in first


def test_envelope_copied_to_another_row_does_not_open() -> None:
    with pytest.raises(SealBroken):
        cipher().open(cipher().seal(TEMPLATE, "row"), "other row")


def test_no_altered_byte_goes_unnoticed() -> None:
    envelope = cipher().seal(b"template", "row")
    for index in range(len(envelope)):
        altered = bytearray(envelope)
        altered[index] ^= 1
        with pytest.raises((SealBroken, KeyUnknown)):
            cipher().open(bytes(altered), "row")


def test_no_truncated_envelope_opens() -> None:
    envelope = cipher().seal(b"template", "row")
    for length in range(len(envelope)):
        with pytest.raises(SealBroken):
            cipher().open(envelope[:length], "row")


def test_after_a_rotation_new_templates_use_the_new_key_and_old_ones_still_open() -> None:
    old = cipher(k1=b"1" * 32)
    rotated = cipher("k2", k1=b"1" * 32, k2=b"2" * 32)
    retired = cipher("k2", k2=b"2" * 32)
    assert rotated.open(old.seal(TEMPLATE, "row"), "row") == TEMPLATE
    assert retired.open(rotated.seal(TEMPLATE, "row"), "row") == TEMPLATE
    with pytest.raises(KeyUnknown):
        retired.open(old.seal(TEMPLATE, "row"), "row")
