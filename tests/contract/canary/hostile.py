"""What callers do that have no key, or send what does not fit."""

import json
from datetime import UTC, datetime, timedelta

from tests.contract.canary.caller import OCTETS, Caller
from tests.issuer import claims, signed

CALLS = [
    ("POST", "detect"),
    ("GET", "facelists"),
    ("POST", "verify"),
    ("PUT", "largepersongroups/some"),
    ("POST", "privacy/export"),
    ("POST", "session/start"),
    ("POST", "detectLiveness-sessions"),
]


def wrong_key(caller: Caller) -> None:
    method, path = caller.chance.choice(CALLS)
    headers = {"Ocp-Apim-Subscription-Key": caller.text("wrong key")}
    assert caller.call(method, path, json={}, headers=headers).status_code == 401


def token(caller: Caller) -> None:
    """One that opens, and one that does not: stale, of a key that nobody knows, or no token at all."""
    now, said = datetime.now(UTC), caller.text("claim")
    good = signed(claims(now, canary=said, roles=["FaceUser"]))
    stale = signed(claims(now - timedelta(days=1), canary=said))
    forged = signed(claims(now, canary=said), "attacker", {"kid": "first"})
    for shown, status in ((good, 200), (stale, 401), (forged, 401), (f"{said}.{said}.{said}", 401)):
        headers = {
            "Ocp-Apim-Subscription-Key": "",
            "Authorization": f"Bearer {caller.canaries.token(shown, 'access token')}",
        }
        assert caller.call("GET", "facelists", headers=headers).status_code == status or caller.away


def bad_body(caller: Caller) -> None:
    secret = caller.text("body")
    method, path = caller.chance.choice(CALLS)
    body = caller.chance.choice(
        [
            f'{{"name": "{secret}'.encode(),
            f'{{"{secret}": {{"{secret}": ["{secret}"]}}}}'.encode(),
            f'["{secret}"]'.encode(),
            json.dumps({"name": secret * 40, "userData": secret * 800, "faceId1": secret, "url": [secret]}).encode(),
            secret.encode("utf-16"),
            f"\xff{secret}".encode("latin-1"),
        ]
    )
    caller.call(method, path, content=body, headers={"Content-Type": "application/json"})


def bad_picture(caller: Caller) -> None:
    secret, picture = caller.text("body").encode(), caller.picture()
    sent = caller.chance.choice(
        [secret, secret * 100, picture[: len(picture) // 3], picture[:40] + secret * 100, b"\x89PNG" + secret * 90]
    )
    caller.call("POST", "detect", content=sent, headers=OCTETS)


def bad_url(caller: Caller) -> None:
    secret = caller.text("URL")
    url = caller.chance.choice(
        [
            f"http://user:{secret}@{caller.origin}/",
            f"http://{secret}.invalid/",
            f"http://127.0.0.1/{secret}",
            f"http://{caller.origin}/missing/{secret}",
            f"http://{caller.origin}/away/{secret}",
            f"ftp://{caller.origin}/{secret}",
            secret * 100,
        ]
    )
    caller.call("POST", "detect", json={"url": url})


def bad_query(caller: Caller) -> None:
    name = caller.chance.choice(["returnFaceAttributes", "faceIdTimeToLive", "recognitionModel", "detectionModel", "x"])
    caller.call("POST", f"detect?{name}={caller.text('query')}", content=caller.picture(), headers=OCTETS)
    caller.call("GET", f"facelists?start={caller.text('query')}&top={caller.text('query')}")


def bad_headers(caller: Caller) -> None:
    names = (
        "x-ms-client-request-id",
        "traceparent",
        "Cookie",
        "Referer",
        "X-Forwarded-For",
        "x-ownface-subject",
        "Origin",
    )
    headers = {name: f"/{caller.text('header')}/" for name in names}
    caller.call("POST", "largefacelists/none/persistedfaces", content=caller.picture(), headers={**OCTETS, **headers})
    caller.call("GET", "facelists", headers=headers)


def bad_path(caller: Caller) -> None:
    secret = caller.text("path")
    path = caller.chance.choice(
        [secret, f"largepersongroups/{secret}!/persons", f"persons/{secret}", f"operations/{secret}"]
    )
    caller.call(caller.chance.choice(["GET", "POST", "DELETE", "BREW"]), f"{path}?{secret}={secret}")


def bad_rights(caller: Caller) -> None:
    secret = caller.text("body")
    for body in ({"subject": f"{secret}!"}, {"subject": secret}, {"records": [{"personId": secret}]}):
        caller.call("POST", f"privacy/{caller.chance.choice(['export', 'erase', 'restrict'])}", json=body)


HOSTILE = {
    wrong_key: 4,
    token: 2,
    bad_body: 5,
    bad_picture: 4,
    bad_url: 4,
    bad_query: 2,
    bad_headers: 2,
    bad_path: 3,
    bad_rights: 2,
}
