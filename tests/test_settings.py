import inspect
import re
from dataclasses import replace
from pathlib import Path

import pytest

from shared import settings
from shared.settings import Entra, Limits, Settings, SettingsError, key_ring

ROOT = Path(__file__).parents[1]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
MINIMAL = {
    "FACE_KEY1": "0123456789abcdef",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "FACE_KEY_RING_FILE": "/nowhere/ring.json",
}


def test_defaults_are_the_contracts_limits() -> None:
    assert Settings.from_environment(MINIMAL).max_image_bytes == 6 * 1024 * 1024
    assert Settings.from_environment(MINIMAL).url_allowed_hosts == frozenset()
    assert Settings.from_environment(MINIMAL).limits == Limits()
    documented = re.findall(r"^## `FACE_MAX_(\w+)`\n.*Default (\d+)", SETTINGS_PAGE.read_text(), re.MULTILINE)
    defaults = {name.upper(): str(getattr(Limits(), name)) for name in Limits.__slots__}
    assert {name: value for name, value in documented if name != "IMAGE_BYTES"} == defaults


def test_each_limit_is_read_from_its_own_setting() -> None:
    for number, name in enumerate(Limits.__slots__, start=1):
        read = Settings.from_environment({**MINIMAL, f"FACE_MAX_{name.upper()}": str(number)})
        assert read.limits == replace(Limits(), **{name: number})


@pytest.mark.parametrize("url", ["face.example.com", "ftp://face.example.com", "https://", "https://a.example/?x=1"])
def test_a_public_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="FACE_PUBLIC_URL"):
        Settings.from_environment({**MINIMAL, "FACE_PUBLIC_URL": url})
    assert Settings.from_environment({**MINIMAL, "FACE_PUBLIC_URL": "https://a.example/x/"}).public_url == (
        "https://a.example/x"
    )


def test_allowed_hosts_are_a_comma_separated_list() -> None:
    read = Settings.from_environment({**MINIMAL, "FACE_URL_ALLOWED_HOSTS": " Intranet:8080, 10.0.0.5:80 ,"})
    assert read.url_allowed_hosts == {"intranet:8080", "10.0.0.5:80"}


def test_recognisers_are_chosen_by_recognition_model() -> None:
    text = " recognition_04 = reidentification-256, recognition_01=arc ,"
    read = Settings.from_environment({**MINIMAL, "FACE_RECOGNITION_MODELS": text, "FACE_OWN_MODELS_DIR": "/own"})
    assert read.recognition_models == {"recognition_04": "reidentification-256", "recognition_01": "arc"}
    assert read.own_models_dir == Path("/own")
    assert Settings.from_environment(MINIMAL).recognition_models == {}


def test_sensitive_attributes_are_a_list_in_any_case_and_none_unless_named() -> None:
    assert Settings.from_environment(MINIMAL).sensitive_attributes == frozenset()
    read = Settings.from_environment({**MINIMAL, "FACE_SENSITIVE_ATTRIBUTES": " AGE,smile ,"})
    assert read.sensitive_attributes == {"age", "smile"}


def test_left_out_models_are_a_list_and_none_unless_named() -> None:
    assert Settings.from_environment(MINIMAL).left_out_models == frozenset()
    read = Settings.from_environment({**MINIMAL, "FACE_LEFT_OUT_MODELS": "lightqnet-dm100, Aizoo-Mask,"})
    assert read.left_out_models == {"lightqnet-dm100", "aizoo-mask"}


@pytest.mark.parametrize("name", ["emotion", "facialHair", "hair", "MAKEUP"])
def test_sensitive_attribute_without_a_model_is_refused_as_such(name: str) -> None:
    with pytest.raises(SettingsError, match="FACE_SENSITIVE_ATTRIBUTES: there is no model"):
        Settings.from_environment({**MINIMAL, "FACE_SENSITIVE_ATTRIBUTES": f"age,{name}"})


@pytest.mark.parametrize(("text", "on"), [("", False), ("false", False), ("true", True), (" True ", True)])
def test_pages_are_off_unless_they_are_turned_on(text: str, on: bool) -> None:
    assert Settings.from_environment({**MINIMAL, "FACE_PAGES": text}).pages is on
    assert not Settings.from_environment(MINIMAL).pages


def test_audit_trail_notes_comparisons_and_is_kept_for_a_year_unless_told_otherwise() -> None:
    read = Settings.from_environment(MINIMAL)
    assert (read.audit_matches, read.audit_days) == (True, 365)
    read = Settings.from_environment({**MINIMAL, "FACE_AUDIT_MATCHES": "False", "FACE_AUDIT_DAYS": "30"})
    assert (read.audit_matches, read.audit_days) == (False, 30)


@pytest.mark.parametrize("name", ["FACE_KEY1", "AzureWebJobsStorage", "FACE_KEY_RING_FILE"])
def test_missing_required_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({key: value for key, value in MINIMAL.items() if key != name})


SECRET = "https://kv.vault.azure.net/secrets/ownface-key-ring"


def test_key_ring_is_in_a_file_or_in_a_vault_and_not_in_both() -> None:
    assert key_ring(MINIMAL) == (Path("/nowhere/ring.json"), "", "")
    client = {"AzureWebJobsStorage__clientId": " 1f2e "}
    in_vault = {**MINIMAL, "FACE_KEY_RING_FILE": "", "FACE_KEY_RING_SECRET": SECRET, **client}
    read = Settings.from_environment(in_vault)
    assert (read.key_ring_file, read.key_ring_secret, read.client_id) == (None, SECRET, "1f2e")
    with pytest.raises(SettingsError, match="FACE_KEY_RING_FILE and FACE_KEY_RING_SECRET"):
        Settings.from_environment({**MINIMAL, "FACE_KEY_RING_SECRET": SECRET})


@pytest.mark.parametrize(
    "secret",
    [
        SECRET.replace("https", "http"),
        f"{SECRET}/0123456789abcdef0123456789abcdef",
        f"{SECRET}?api-version=7.4",
        "https://kv.vault.azure.net/keys/ownface-key-ring",
        "https://kv.vault.azure.net/",
        "ownface-key-ring",
    ],
)
def test_secret_of_the_key_ring_has_an_https_address_without_a_version(secret: str) -> None:
    with pytest.raises(SettingsError, match="FACE_KEY_RING_SECRET"):
        key_ring({"FACE_KEY_RING_SECRET": secret})
    assert key_ring({"FACE_KEY_RING_SECRET": "http://127.0.0.1:8200/secrets/ring"})[1]  # on this machine


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FACE_KEY1", "short"),
        ("FACE_KEY2", "short"),
        ("FACE_MODEL_THREADS", "-1"),
        ("FACE_MODEL_THREADS", "many"),
        ("FACE_SENSITIVE_ATTRIBUTES", "age,shoesize"),
        ("FACE_SENSITIVE_ATTRIBUTES", "headPose"),
        ("FACE_MAX_IMAGE_BYTES", "12"),
        ("FACE_URL_TIMEOUT_SECONDS", "0"),
        ("FACE_MAX_FACE_LISTS", "0"),
        ("FACE_MAX_FACES_PER_PERSON", "4001"),
        ("FACE_GALLERY_MEMORY_MB", "15"),
        ("FACE_RECOGNITION_MODELS", "some-recogniser"),
        ("FACE_RECOGNITION_MODELS", "recognition_05=some-recogniser"),
        ("FACE_RECOGNITION_MODELS", "recognition_03="),
        ("FACE_RECOGNITION_MODELS", "recognition_04=one,recognition_04=other"),
        ("FACE_PAGES", "perhaps"),
        ("FACE_AUDIT_MATCHES", "sometimes"),
        ("FACE_AUDIT_DAYS", "0"),
    ],
)
def test_value_out_of_range_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_environment({**MINIMAL, name: value})
    assert value not in str(refused.value) or value.isdigit()


TENANT = "5AB6ED31-4f2c-4bd5-8a3c-0c1f3f6f7a10"
OBJECT = "0f1d0c4e-27ab-4d58-9f6c-7d8e9a0b1c2d"
ENTRA = {**MINIMAL, "FACE_ENTRA_TENANT": TENANT, "FACE_ENTRA_AUDIENCES": " api://One , two"}


def test_tenant_gives_its_issuers_its_keys_and_the_usual_bounds() -> None:
    tenant = TENANT.lower()
    assert Settings.from_environment(MINIMAL).entra is None
    assert Settings.from_environment(ENTRA).entra == Entra(
        tenant=tenant,
        audiences=frozenset({"api://One", "two"}),
        issuers=frozenset({f"https://login.microsoftonline.com/{tenant}/v2.0", f"https://sts.windows.net/{tenant}/"}),
        keys_url=f"https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys",
        algorithms=frozenset({"RS256"}),
        lifetime_seconds=90_000,
        assignments={},
    )


def test_whatever_is_pinned_of_tokens_can_be_set() -> None:
    changed = {
        "FACE_ENTRA_ISSUERS": "https://login.example/v2.0",
        "FACE_ENTRA_KEYS_URL": "http://127.0.0.1:8080/keys",
        "FACE_ENTRA_ALGORITHMS": "PS256, RS512",
        "FACE_ENTRA_TOKEN_LIFETIME_SECONDS": "60",
        "FACE_ENTRA_ASSIGNMENTS": f" {OBJECT.upper()} = FaceRecognizer ",
    }
    read = Settings.from_environment({**ENTRA, **changed}).entra
    assert read is not None
    assert read.issuers == {"https://login.example/v2.0"}
    assert read.keys_url == "http://127.0.0.1:8080/keys"
    assert read.algorithms == {"PS256", "RS512"}
    assert read.lifetime_seconds == 60
    assert read.assignments == {OBJECT: "FaceRecognizer"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FACE_ENTRA_TENANT", "common"),
        ("FACE_ENTRA_TENANT", f"{TENANT}0"),
        ("FACE_ENTRA_AUDIENCES", " "),
        ("FACE_ENTRA_KEYS_URL", "http://login.example/keys"),
        ("FACE_ENTRA_KEYS_URL", "https://login.example:port/keys"),
        ("FACE_ENTRA_KEYS_URL", "file:///keys"),
        ("FACE_ENTRA_ALGORITHMS", "none"),
        ("FACE_ENTRA_ALGORITHMS", "RS256,HS256"),
        ("FACE_ENTRA_TOKEN_LIFETIME_SECONDS", "59"),
        ("FACE_ENTRA_TOKEN_LIFETIME_SECONDS", "604801"),
        ("FACE_ENTRA_ASSIGNMENTS", "someone=FaceUser"),
        ("FACE_ENTRA_ASSIGNMENTS", f"{OBJECT}=Owner"),
        ("FACE_ENTRA_ASSIGNMENTS", f"{OBJECT}"),
        ("FACE_ENTRA_ASSIGNMENTS", f"{OBJECT}=FaceUser,{OBJECT.upper()}=FaceRecognizer"),
        ("FACE_APPROVED_FEATURES", "identification,everything"),
        ("FACE_APPROVED_FEATURES", "Identification"),
        ("FACE_RATE_PER_CALLER", "FaceUser"),
        ("FACE_RATE_PER_CALLER", "10"),
        ("FACE_RATE_PER_CALLER", "Owner=10"),
        ("FACE_RATE_PER_ROLE", "FaceUser=0"),
        ("FACE_RATE_PER_ROLE", "FaceUser=0.009"),
        ("FACE_RATE_PER_ROLE", "FaceUser=100001"),
        ("FACE_RATE_PER_ROLE", "FaceUser=-1"),
        ("FACE_RATE_PER_ROLE", "FaceUser=1e3"),
        ("FACE_RATE_PER_ROLE", "FaceUser=1,FaceUser=2"),
        ("FACE_INFERENCES_AT_ONCE", "1001"),
        ("FACE_INFERENCES_WAITING", "-1"),
        ("FACE_DISABLE_LOCAL_AUTH", "yes"),
        ("FACE_RECOGNIZER_KEY1", "short"),
    ],
)
def test_access_setting_out_of_range_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**ENTRA, name: value})


def test_settings_of_tokens_without_a_tenant_are_refused() -> None:
    with pytest.raises(SettingsError, match="FACE_ENTRA_AUDIENCES without FACE_ENTRA_TENANT"):
        Settings.from_environment({**MINIMAL, "FACE_ENTRA_AUDIENCES": "api://one"})
    assert Settings.from_environment({**MINIMAL, "FACE_ENTRA_AUDIENCES": ""}).entra is None


def test_somebody_must_be_able_to_call() -> None:
    keyless = {name: value for name, value in ENTRA.items() if name != "FACE_KEY1"}
    assert Settings.from_environment(keyless).keys == ("", "")
    assert Settings.from_environment({**ENTRA, "FACE_DISABLE_LOCAL_AUTH": "true"}).disable_local_auth
    with pytest.raises(SettingsError, match="FACE_DISABLE_LOCAL_AUTH leaves nobody who may call"):
        Settings.from_environment({**MINIMAL, "FACE_DISABLE_LOCAL_AUTH": "true"})
    recognizer = {**MINIMAL, "FACE_KEY1": "", "FACE_RECOGNIZER_KEY1": "recognizer-0123456789"}
    assert Settings.from_environment(recognizer).recognizer_keys == ("recognizer-0123456789", "")


def test_no_key_stands_for_two_roles() -> None:
    with pytest.raises(SettingsError, match="FACE_RECOGNIZER_KEY1") as refused:
        Settings.from_environment({**MINIMAL, "FACE_RECOGNIZER_KEY2": MINIMAL["FACE_KEY1"]})
    assert MINIMAL["FACE_KEY1"] not in str(refused.value)


def test_nothing_is_approved_and_nothing_is_bounded_unless_a_setting_says_so() -> None:
    plain = Settings.from_environment(MINIMAL)
    assert (plain.approved_features, plain.caller_rates, plain.role_rates) == (frozenset(), {}, {})
    assert (plain.inferences_at_once, plain.inferences_waiting, plain.disable_local_auth) == (0, 32, False)
    asked = {
        "FACE_APPROVED_FEATURES": "liveness, verification",
        "FACE_RATE_PER_CALLER": "FaceUser=10, FaceRecognizer=0.33",
        "FACE_RATE_PER_ROLE": "FaceDataProtection=0.01,FaceUser=100000",
        "FACE_INFERENCES_AT_ONCE": "8",
        "FACE_INFERENCES_WAITING": "0",
    }
    read = Settings.from_environment({**MINIMAL, **asked})
    assert read.approved_features == {"liveness", "verification"}
    assert read.caller_rates == {"FaceUser": 10.0, "FaceRecognizer": 0.33}
    assert read.role_rates == {"FaceDataProtection": 0.01, "FaceUser": 100_000.0}
    assert (read.inferences_at_once, read.inferences_waiting) == (8, 0)


def test_reference_to_a_secret_that_was_not_resolved_is_no_key() -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/face-key1)"
    for name in ("FACE_KEY1", "FACE_KEY2"):
        with pytest.raises(SettingsError, match=f"{name} refers to a secret"):
            Settings.from_environment({**MINIMAL, name: reference})


def test_repr_shows_no_secret() -> None:
    secrets = {"AzureWebJobsStorage": "AccountKey=hidden", "FACE_RECOGNIZER_KEY1": "hidden-0123456789"}
    shown = repr(Settings.from_environment({**MINIMAL, **secrets}))
    assert MINIMAL["FACE_KEY1"] not in shown
    assert "hidden" not in shown


def test_every_setting_that_the_code_reads_has_its_heading_in_the_docs() -> None:
    read = set(re.findall(r'"((?:FACE_|AzureWebJobs)\w*[A-Za-z0-9])"', inspect.getsource(settings)))
    read |= {f"FACE_MAX_{name.upper()}" for name in Limits.__slots__}
    headings = re.findall(r"^## `(\w+)`$", SETTINGS_PAGE.read_text(), re.MULTILINE)
    assert read == set(headings)
