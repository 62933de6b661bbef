"""What is mutated, and the quick tests that guard it: its own first, for most mutants fall to them."""

from dataclasses import dataclass

TOKENS = ("tests/access/test_tokens.py", "tests/access/test_forged_tokens.py")
DOOR = ("tests/access/test_access.py", "tests/access/test_access_matrix.py")
SWEEP = ("tests/people/test_retention.py",)
KEPT = ("tests/people/test_retention_report.py", "tests/people/test_retention_matrix.py")
SUBJECTS = ("tests/people/test_data_subjects.py",)


@dataclass(frozen=True)
class Target:
    """`only`: the functions that are meant, where it is not the whole module. `storage`: whether tests need it."""

    path: str
    tests: tuple[str, ...]
    only: tuple[str, ...] = ()
    storage: bool = True


def _access(name: str, *tests: str) -> Target:
    return Target(f"shared/access/{name}.py", tests, storage=False)


GROUPS: dict[str, tuple[Target, ...]] = {
    "authentication": (
        _access("actions", *DOOR, "tests/access/test_features.py"),
        _access("keys", "tests/access/test_keys.py", *DOOR),
        _access("roles", *DOOR, *TOKENS),
        _access("features", "tests/access/test_features.py", *DOOR),
        _access("access", *DOOR),
        _access("jws", "tests/access/test_jws.py", *TOKENS),
        _access("signing_keys", "tests/access/test_signing_keys.py", *TOKENS),
        _access("tokens", *TOKENS, *DOOR),
        Target("shared/wire/authentication.py", ("tests/access/test_access_matrix.py",), storage=False),
        Target("shared/people/session_tokens.py", ("tests/people/test_session_tokens.py",), storage=False),
    ),
    "expiry": (
        Target("shared/store/expiries.py", (*SWEEP, "tests/store/test_face_ids.py", *KEPT)),
        Target("shared/people/retention.py", (*SWEEP, *KEPT)),
        Target("shared/store/terms.py", (*SUBJECTS, *KEPT)),
        Target("shared/store/face_ids.py", ("tests/store/test_face_ids.py", *SWEEP)),
        Target("shared/store/sessions.py", ("tests/store/test_sessions.py", *KEPT)),
    ),
    "erasure": (
        Target("shared/people/removals.py", ("tests/people/test_compaction.py",)),
        Target("shared/people/receipts.py", SUBJECTS),
        Target("shared/people/record_removal.py", (*SUBJECTS, *KEPT)),
        Target("shared/people/erasure.py", SUBJECTS),
    ),
    "urls": (Target("shared/wire/download.py", ("tests/wire/test_download.py",), storage=False),),
}
