"""What is mutated, and the quick tests that guard it, as pytest takes them: first its own, which find most of it."""

from dataclasses import dataclass

TOKENS = ("tests/access/test_tokens.py", "tests/access/test_forged_tokens.py")
DOOR = ("tests/access/test_access.py", "tests/access/test_access_matrix.py")
OPERATION = "tests/wire/test_operation.py"
SWEEP = ("tests/people/test_retention.py",)
FACE_IDS = ("tests/store/test_face_ids.py",)
DOCUMENTS = "tests/wire/test_documents.py"
URLS = ("tests/wire/test_download.py", "tests/wire/test_forbidden.py")


@dataclass(frozen=True)
class Target:
    """`storage`: whether the tests need it. `only`: the functions that are meant, where it is not the whole
    module."""

    path: str
    tests: tuple[str, ...]
    storage: bool = True
    only: tuple[str, ...] = ()


def _access(name: str, *tests: str) -> Target:
    return Target(f"shared/access/{name}.py", tests, storage=False)


GROUPS: dict[str, tuple[Target, ...]] = {
    "authentication": (
        _access("access", *DOOR),
        _access("jws", "tests/access/test_jws.py", *TOKENS),
        _access("signing_keys", "tests/access/test_signing_keys.py", *TOKENS),
        _access("tokens", *TOKENS, *DOOR),
        Target("shared/wire/authentication.py", (OPERATION, *DOOR), storage=False),
        Target("shared/wire/operation.py", (OPERATION,), storage=False, only=("_call",)),
        Target("shared/people/session_tokens.py", ("tests/people/test_session_tokens.py",), storage=False),
        _access("keys", "tests/access/test_keys.py", *DOOR),
        _access("roles", "tests/access/test_roles.py", *DOOR, *TOKENS),
        _access("features", "tests/access/test_features.py", *DOOR),
        _access("actions", *DOOR, "tests/access/test_features.py"),
    ),
    "expiry": (
        Target("shared/store/face_ids.py", FACE_IDS),
        Target("shared/store/sessions.py", ("tests/store/test_sessions.py", "tests/store/test_attempts.py")),
        Target("shared/people/retention.py", SWEEP),
        Target("shared/store/expiries.py", ("tests/store/test_expiries.py", *FACE_IDS)),
        Target("shared/store/terms.py", ("tests/store/test_terms.py",), storage=False),
    ),
    "erasure": (
        Target("shared/people/receipts.py", ("tests/people/test_receipts.py",), storage=False),
        Target("shared/people/removals.py", ("tests/people/test_removals.py",)),
        Target("shared/people/record_removal.py", ("tests/people/test_record_removal.py",)),
        Target("shared/people/erasure.py", ("tests/people/test_erasure.py",)),
    ),
    "urls": (
        Target("shared/wire/destination.py", ("tests/wire/test_destination.py", *URLS), storage=False),
        Target("shared/wire/download.py", (DOCUMENTS, *URLS, "tests/wire/test_hostile_servers.py"), storage=False),
    ),
}
