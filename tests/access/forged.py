"""Tokens that nobody may get in with: malformed, forged, stale, or meant for somebody else. Each is one step away from
one that is good."""

import base64
import hmac
import json
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.people.session_tokens import SessionTokens
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing
from tests.issuer import APP, AUDIENCE, ISSUER, TENANT, claims, hand_signed, part, private_key, public, signed

Forge = Callable[[datetime], str]
FORGED: dict[str, Forge] = {}
OTHER_TENANT = "11111111-2222-4333-8444-555555555555"
HEADER = {"alg": "RS256", "kid": "first", "typ": "JWT"}
CANARY = "canary-0f8fad5b"
"""Stands in every token that can hold it: no log and no answer may."""


def forged(name: str) -> Callable[[Forge], Forge]:
    def keep(forge: Forge) -> Forge:
        FORGED[name] = forge
        return forge

    return keep


def good(now: datetime) -> str:
    return signed(claims(now, canary=CANARY))


def with_claims(**changes: Any) -> Forge:
    return lambda now: signed(claims(now, canary=CANARY, **changes))


def with_header(**changes: Any) -> Forge:
    """Signed by the issuer's own key, whatever the header says; a change to None leaves a header out."""

    def forge(now: datetime) -> str:
        header = {name: value for name, value in (HEADER | changes).items() if value is not None}
        return hand_signed(header, claims(now, canary=CANARY))

    return forge


def by_attacker(**headers: Any) -> Forge:
    return lambda now: signed(claims(now, canary=CANARY), "attacker", {"kid": "first", **headers})


def raw_claims(change: Callable[[str], str | bytes]) -> Forge:
    """Claims as a text that no library writes."""
    return lambda now: hand_signed(HEADER, change(json.dumps(claims(now, canary=CANARY))))


def respelled(change: Callable[[str], str]) -> Forge:
    return lambda now: change(good(now))


def seconds(**offsets: int) -> Forge:
    """Times by their distance from now."""
    return lambda now: signed(claims(now, **{name: int(now.timestamp()) + by for name, by in offsets.items()}))


def symmetric(secret: Callable[[], bytes], algorithm: str = "HS256") -> Forge:
    def forge(now: datetime) -> str:
        text = f"{part(HEADER | {'alg': algorithm})}.{part(claims(now))}"
        return f"{text}.{part(hmac.digest(secret(), text.encode(), 'sha' + algorithm[2:]))}"

    return forge


def public_pem() -> bytes:
    return private_key("first").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_der() -> bytes:
    return private_key("first").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def unsigned(algorithm: str) -> Forge:
    return lambda now: f"{part(HEADER | {'alg': algorithm})}.{part(claims(now))}."


@cache
def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def other_spelling(token: str) -> str:
    """The same octets: the last character of a signature of 256 octets has four bits that belong to none."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


def last_bit(token: str) -> str:
    head, _, signature = token.rpartition(".")
    octets = bytearray(base64.urlsafe_b64decode(signature + "=="))
    octets[-1] ^= 1
    return f"{head}.{part(bytes(octets))}"


def swapped(at: int, other: Callable[[datetime], Any]) -> Forge:
    """With one part of another token."""

    def forge(now: datetime) -> str:
        parts = good(now).split(".")
        parts[at] = part(other(now))
        return ".".join(parts)

    return forge


def session_token(now: datetime) -> str:
    ring = KeyRing("first", {"first": bytes(32)})
    service = SessionTokens(LiveRing(lambda: ring), ISSUER, lambda: now)
    return service.issue("detectLiveness", "session", ISSUER, now, now + timedelta(minutes=10))


def id_token(now: datetime) -> str:
    """Of the same app: the browser of whoever signed in holds it."""
    return signed(claims(now, azp=None, azpacr=None, nonce="n", preferred_username=CANARY))


FORGED |= {
    # no token at all
    "empty": lambda _: "",
    "a word": lambda _: "token",
    "dots alone": lambda _: "..",
    "a key instead": lambda _: "0123456789abcdef0123456789abcdef",
    "two parts": respelled(lambda token: token.rpartition(".")[0]),
    "four parts": respelled(lambda token: f"{token}.{part('x')}"),
    "dot at the end": respelled(lambda token: f"{token}."),
    "dot before": respelled(lambda token: f".{token}"),
    "two dots between": respelled(lambda token: token.replace(".", "..", 1)),
    "five parts": respelled(lambda token: ".".join([*token.split("."), part("x"), part("y")])),
    "two tokens": respelled(lambda token: f"{token},{token}"),
    "token in a token": lambda now: signed({"jwt": good(now)}),
    "quoted": respelled(lambda token: f'"{token}"'),
    "percent-encoded": respelled(lambda token: token.replace(".", "%2E")),
    "serialised as JSON": respelled(
        lambda token: json.dumps(dict(zip(("protected", "payload", "signature"), token.split("."), strict=True)))
    ),
    "huge": with_claims(padding="x" * 16_384),
    # parts
    "signature missing": respelled(lambda token: token.rpartition(".")[0] + "."),
    "signature cut": respelled(lambda token: token[:-4]),
    "signature cut to one octet": respelled(lambda token: token.rpartition(".")[0] + ".AA"),
    "signature longer": respelled(lambda token: f"{token}AAAA"),
    "signature one bit off": respelled(last_bit),
    "signature spelled otherwise": respelled(other_spelling),
    "signature of zeros": respelled(lambda token: f"{token.rpartition('.')[0]}.{part(bytes(256))}"),
    "signature of another token": lambda now: f"{good(now).rpartition('.')[0]}.{signed({}).rpartition('.')[2]}",
    "padded": respelled(lambda token: f"{token}=="),
    "length of no base64": respelled(lambda token: token.replace(".", "A.", 1)),
    "space inside": respelled(lambda token: token.replace(".", ". ", 1)),
    "tab inside": respelled(lambda token: token.replace(".", "\t.", 1)),
    "alphabet of plain base64": respelled(lambda token: token.replace(".", "+/.", 1)),
    "claims of another": swapped(1, lambda now: claims(now, oid=OTHER_TENANT)),
    "header of another": swapped(0, lambda _: HEADER | {"typ": "at+jwt"}),
    "claims are a list": lambda now: hand_signed(HEADER, [claims(now)]),
    "claims are a text": lambda _: hand_signed(HEADER, '"claims"'),
    "claims are empty": lambda _: hand_signed(HEADER, {}),
    "claims are no JSON": raw_claims(lambda text: text[:-1]),
    "claims go on": raw_claims(lambda text: f"{text} x"),
    "claims are no UTF-8": raw_claims(lambda text: text.encode().replace(b"azpacr", b"azp\xff")),
    "claims are UTF-16": raw_claims(lambda text: text.encode("utf-16")),
    "claims begin with a mark": raw_claims(lambda text: b"\xef\xbb\xbf" + text.encode()),
    "claims are deep": raw_claims(lambda text: text[:-1] + ', "deep": ' + "[" * 5000 + "]" * 5000 + "}"),
    "claim twice": raw_claims(lambda text: text[:-1] + f', "aud": "{AUDIENCE}"}}'),
    "role twice with another": raw_claims(lambda text: text[:-1] + ', "roles": ["FaceUser"]}'),
    "claim twice inside": raw_claims(lambda text: text[:-1] + ', "more": {"a": 1, "a": 1}}'),
    "claim is no number": raw_claims(lambda text: text[:-1] + ', "more": NaN}'),
    "header is a list": lambda now: hand_signed([HEADER], claims(now)),
    "header is a text": lambda now: hand_signed("RS256", claims(now)),
    "header name twice": lambda now: hand_signed('{"alg": "none", "alg": "RS256", "kid": "first"}', claims(now)),
    # algorithms
    **{f"alg {word}": unsigned(word) for word in ("none", "None", "NONE", "nOnE", "")},
    "alg none with a signature": with_header(alg="none"),
    "alg missing": with_header(alg=None),
    "alg in lower case": with_header(alg="rs256"),
    "alg is a list": with_header(alg=["RS256"]),
    "alg is a number": with_header(alg=256),
    "alg RS512 not asked for": lambda now: signed(claims(now), algorithm="RS512"),
    "alg PS256 not asked for": lambda now: signed(claims(now), algorithm="PS256"),
    "HS256 with the public key as PEM": symmetric(public_pem),
    "HS256 with the public key as DER": symmetric(public_der),
    "HS256 with the public modulus": symmetric(lambda: str(public("first")["n"]).encode()),
    "HS256 with nothing": symmetric(lambda: b""),
    "HS512 with the public key": symmetric(public_pem, "HS512"),
    "ES256 of another key": lambda now: jwt.encode(claims(now), elliptic(), "ES256", {"kid": "first"}),
    "EdDSA of another key": lambda now: jwt.encode(
        claims(now), ed25519.Ed25519PrivateKey.generate(), "EdDSA", {"kid": "first"}
    ),
    # keys
    "kid missing": with_header(kid=None),
    "kid empty": with_header(kid=""),
    "kid unknown": with_header(kid="second"),
    "kid in another case": with_header(kid="First"),
    "kid is a number": with_header(kid=1),
    "kid is a list": with_header(kid=["first"]),
    "kid is a path": with_header(kid="../../../../dev/null"),
    "kid is SQL": with_header(kid="first' OR '1'='1"),
    "key of an attacker": by_attacker(),
    "key brought along": by_attacker(jwk=public("attacker")),
    "key behind a URL": by_attacker(jku="https://attacker.example/keys"),
    "certificate behind a URL": by_attacker(x5u="https://attacker.example/certificate"),
    "certificate brought along": by_attacker(x5c=["MIIB"]),
    "our own key brought along": with_header(jwk=public("first")),
    "our own key with a URL": with_header(jku="https://attacker.example/keys"),
    "our own key with a certificate's URL": with_header(x5u="https://attacker.example/certificate"),
    "our own key with a certificate": with_header(x5c=["MIIB"]),
    # headers that change what it is
    "critical header": with_header(crit=["exp"], exp=1),
    "critical header that is empty": with_header(crit=[]),
    "payload not encoded": with_header(b64=False),
    "compressed": with_header(zip="DEF"),
    "encrypted": with_header(enc="A256GCM"),
    "type of a logout token": with_header(typ="logout+jwt"),
    "type is a number": with_header(typ=1),
    "type is empty": with_header(typ=""),
    # times
    "expired": seconds(iat=-3661, nbf=-3661, exp=-61),
    "expired to the second, with the skew": seconds(iat=-3660, nbf=-3660, exp=-60),
    "not yet": seconds(nbf=61),
    "born later": seconds(iat=61, exp=3661),
    "lives too long": seconds(exp=90_001),
    "lives for ever": with_claims(exp=10**30),
    "dies at birth": seconds(iat=30, exp=30),
    "dies before birth": seconds(iat=30, exp=20),
    **{f"{name} missing": with_claims(**{name: None}) for name in ("exp", "nbf", "iat")},
    **{f"{name} is a text": with_claims(**{name: "1767225600"}) for name in ("exp", "nbf", "iat")},
    "exp is true": with_claims(exp=True),
    "nbf is a fraction": lambda now: signed(claims(now, nbf=now.timestamp())),
    "exp is infinite": raw_claims(lambda text: text.replace('"exp": ', '"exp": Infinity, "was": ')),
    # for whom
    "aud of another API": with_claims(aud="https://graph.microsoft.com"),
    "aud with a slash": with_claims(aud=f"{AUDIENCE}/"),
    "aud in another case": with_claims(aud=AUDIENCE.upper()),
    "aud cut": with_claims(aud=AUDIENCE[:-1]),
    "aud missing": with_claims(aud=None),
    "aud empty": with_claims(aud=""),
    "aud of several": with_claims(aud=[AUDIENCE, "https://graph.microsoft.com"]),
    "aud is a list of one": with_claims(aud=[AUDIENCE]),
    "aud of session tokens": with_claims(aud="ownface:liveness-session"),
    # from whom
    "iss missing": with_claims(iss=None),
    "iss of another tenant": with_claims(iss=ISSUER.replace(TENANT, OTHER_TENANT)),
    "iss of any tenant": with_claims(iss="https://login.microsoftonline.com/{tenantid}/v2.0"),
    "iss of every tenant": with_claims(iss="https://login.microsoftonline.com/common/v2.0"),
    "iss v2 with a slash": with_claims(iss=f"{ISSUER}/"),
    "iss v2 without its version": with_claims(iss=ISSUER.removesuffix("/v2.0")),
    "iss v1 without its slash": with_claims(iss=f"https://sts.windows.net/{TENANT}"),
    "iss v1 of another tenant": with_claims(iss=f"https://sts.windows.net/{OTHER_TENANT}/"),
    "iss without TLS": with_claims(iss=ISSUER.replace("https", "http")),
    "iss is a list": with_claims(iss=[ISSUER]),
    "tid missing": with_claims(tid=None),
    "tid of another tenant": with_claims(tid=OTHER_TENANT),
    "tid in another case": with_claims(tid=TENANT.upper()),
    "tid is a list": with_claims(tid=[TENANT]),
    # who
    "oid missing": with_claims(oid=None),
    "oid empty": with_claims(oid=""),
    "oid is a number": with_claims(oid=7),
    "app missing": with_claims(azp=None),
    "app empty": with_claims(azp=""),
    "app is a list": with_claims(azp=[APP]),
    "app of v1 is a number": with_claims(azp=None, appid=1),
    "roles are a text": with_claims(roles="FaceUser"),
    "roles are an object": with_claims(roles={"FaceUser": True}),
    "role is a list": with_claims(roles=["FaceUser", ["FaceUser"]]),
    "scope is a list": with_claims(scp=["FaceUser"]),
    "scope is empty": with_claims(scp=""),
    "scope is null": raw_claims(lambda text: text[:-1] + ', "scp": null}'),
    # real tokens, of another kind
    "token of a liveness session": session_token,
    "ID token": id_token,
}
