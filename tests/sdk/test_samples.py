"""Microsoft's sample scripts of azure-ai-vision-face 1.0.0b2, unmodified, run as a reader of them would.

SERVED are those that the service carries to their end; REFUSED is exact, like the table of test_published."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.ai.vision.face import FaceClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from tests.issuer import APP, OBJECT, TENANT
from tests.sdk import sign_in
from tests.sdk.certificates import Certificates
from tests.sdk.conftest import Endpoint
from tests.sdk.https import proxy, tls_front
from tests.sdk.published import Ended, run_sample
from tests.sdk.short_links import ShortLinks
from tests.sdk.sign_in import SignIn

REFUSED = {
    # The client rejects its own model.
    "face_liveness_detection_with_verification": "TypeError: CreateLivenessWithVerifySessionContent",
}
"""Sample -> how it ends."""


def logged(text: str, title: str) -> list[dict[str, Any]]:
    """The objects logged after `title`, one after another; what stands between them holds no brace."""
    objects = []
    at = text.find("{", text.index(title))
    while at >= 0:
        found, end = json.JSONDecoder().raw_decode(text, at)
        objects.append(found)
        at = text.find("{", end)
    return objects


def face_detection(text: str) -> None:
    by_file, _, by_url = text.partition("Detect faces from the url: https://aka.ms/")
    for face in logged(by_file, "Detect faces from the file"):
        assert set(face["faceAttributes"]) == {"blur", "headPose", "mask", "qualityForRecognition"}
    (face,) = logged(by_url, "Detection result: #1")
    assert set(face["faceAttributes"]) == {"accessories", "exposure", "glasses", "noise"}


def face_grouping(text: str) -> None:
    assert "Detect 9 faces" in text
    (grouping,) = logged(text, "Detect 9 faces")
    assert [len(group) for group in grouping["groups"]] == [2, 2, 2, 2]
    assert len(grouping["messyGroup"]) == 1


def find_similar_faces(text: str) -> None:
    by_person, _, by_face = text.partition("Create a LargeFaceList")
    same = logged(by_person, "with matchPerson mode")
    assert len(same) == 2  # Family1-Dad1 and -Dad3; the query shows Family1-Dad2
    assert all(face["faceId"] and face["confidence"] >= 0.5 for face in same)
    similar = logged(by_face, "with matchFace mode")
    assert len(similar) == 3  # as many as asked for, though the query shows none of the ladies
    assert all(face["persistedFaceId"] and face["confidence"] < 0.5 for face in similar)
    assert "Remove the LargeFaceList lfl01" in by_face


def stateless_face_verification(text: str) -> None:
    same, different = logged(text, "Verify if the faces")
    assert (same["isIdentical"], different["isIdentical"]) == (True, False)


def verify_and_identify_from_large_person_group(text: str) -> None:
    bill, clare, identified = logged(text, "Verify the face with Bill")
    assert (bill["isIdentical"], clare["isIdentical"]) == (True, False)
    (candidate,) = identified["candidates"]
    assert candidate["confidence"] >= 0.5
    assert "Remove the LargePersonGroup" in text


def face_liveness_detection(text: str) -> None:
    created, *_ = logged(text, "Create a new liveness session")
    assert created["authToken"].count(".") == 2
    state, *_ = logged(text, "Get the liveness detection result")
    assert (state["id"], state["status"]) == (created["sessionId"], "NotStarted")  # nobody performed it
    assert created["sessionId"] in [one["id"] for one in logged(text, "List all liveness sessions")]
    assert "Delete the session" in text


SERVED: dict[str, Callable[[str], None]] = {
    check.__name__: check
    for check in (
        face_detection,
        face_grouping,
        find_similar_faces,
        face_liveness_detection,
        stateless_face_verification,
        verify_and_identify_from_large_person_group,
    )
}
"""Sample -> what it must have logged."""


def run(tree: Path, endpoint: Endpoint, sample: str, kind: str) -> Ended:
    return run_sample(tree, f"sample_{sample}{kind}.py", endpoint.variables)


@pytest.fixture(params=["", "_async"], ids=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("sample", SERVED)
def test_sample_runs_to_its_end(sample: str, kind: str, tree: Path, endpoint: Endpoint) -> None:
    ended = run(tree, endpoint, sample, kind)
    assert ended.code == 0, ended.text
    SERVED[sample](ended.text)


@pytest.mark.parametrize("sample", REFUSED)
def test_sample_of_what_is_not_served_says_so(sample: str, kind: str, tree: Path, endpoint: Endpoint) -> None:
    ended = run(tree, endpoint, sample, kind)
    assert ended.code == 1, f"correct the list: {sample} succeeds"
    assert REFUSED[sample] in ended.text


@pytest.fixture
def signing_in(endpoint: Endpoint, entra: SignIn, certificates: Certificates) -> Iterator[dict[str, str]]:
    """Variables of an app that signs in with its secret. TLS stands before the service: no client sends a token to an
    endpoint without."""
    plain = urlsplit(endpoint.url).port
    assert plain
    with tls_front(certificates.server, plain) as port, proxy({f"{sign_in.HOST}:443": entra.port}) as way:
        yield {
            **endpoint.variables,
            "AZURE_FACE_API_ENDPOINT": f"https://localhost:{port}",
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": APP,
            "AZURE_CLIENT_SECRET": sign_in.SECRET,
            "HTTPS_PROXY": f"http://127.0.0.1:{way}",
            "NO_PROXY": "localhost,127.0.0.1",
            "SSL_CERT_FILE": str(certificates.authority),
            "REQUESTS_CA_BUNDLE": str(certificates.authority),
        }


def test_sample_of_authentication_detects_with_its_key_and_with_a_token(
    kind: str, tree: Path, signing_in: dict[str, str], entra: SignIn
) -> None:
    """Microsoft's sample and Microsoft's azure-identity, unmodified; only Entra ID is not Microsoft's."""
    before = len(entra.issued)
    ended = run_sample(tree, f"sample_authentication{kind}.py", signing_in)
    assert ended.code == 0, ended.text
    by_key, _, by_token = ended.text.partition("using a TokenCredential")
    assert "using an api key" in by_key
    (face,) = logged(by_key, "using an api key")
    (same,) = logged(by_token, "Detect faces from the file")
    assert face == same
    assert face["faceRectangle"]["top"] > 0
    assert entra.issued[before:] == [f"{sign_in.RESOURCE}/.default for {OBJECT}"]
    assert entra.asked.count(f"/{TENANT}/discovery/v2.0/keys") == 1  # by the service, once for all tokens


def test_picture_behind_the_short_link_of_the_samples_is_fetched(endpoint: Endpoint, aka: ShortLinks) -> None:
    before = len(aka.asked)
    with FaceClient(endpoint.url, AzureKeyCredential(endpoint.key)) as client:
        (face,) = client.detect_from_url(
            url="https://aka.ms/facesampleurl",
            detection_model="detection_01",
            recognition_model="recognition_04",
            return_face_id=False,
        )
        assert face.face_rectangle.width > 36
        for url in ("https://aka.ms:8443/facesampleurl", f"https://127.0.0.1:{aka.port}/facesampleurl"):
            with pytest.raises(HttpResponseError, match="Invalid image URL"):  # the guard knows of no exemption
                client.detect_from_url(
                    url=url, detection_model="detection_01", recognition_model="recognition_04", return_face_id=False
                )
    assert aka.asked[before:] == ["/facesampleurl"]


def test_every_sample_is_listed(tree: Path) -> None:
    listed = {f"sample_{sample}{kind}" for sample in (*SERVED, *REFUSED, "authentication") for kind in ("", "_async")}
    assert {path.stem for path in (tree / "samples").glob("sample_*.py")} == listed
