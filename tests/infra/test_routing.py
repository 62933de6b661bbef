"""Which function answers: over real HTTP, through the local host."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from infra.local.bindings import BindingError
from infra.local.host import LocalHost
from infra.local.host_settings import HostSettings
from tests.infra.apps import named_app

GET = ("GET",)


@contextmanager
def serving(*functions: tuple[str, str, tuple[str, ...]], prefix: str = "") -> Iterator[LocalHost]:
    with LocalHost(named_app(*functions), 0, settings=HostSettings(route_prefix=prefix), environment={}) as host:
        yield host


def get_raw(host: LocalHost, path: str) -> tuple[int, str]:
    """Without the tidying of the path that HTTP clients do."""
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    status, text = response.status, response.read().decode()
    connection.close()
    return status, text


def test_functions_are_tried_in_the_order_of_their_names_and_not_of_their_routes() -> None:
    with serving(("Details", "products/{id}", GET), ("List", "products/list", GET)) as host:
        assert httpx.get(f"{host.url}/products/list").json() == {"name": "Details", "id": "list"}
    with serving(("zDetails", "products/{id}", GET), ("List", "products/list", GET)) as host:
        assert httpx.get(f"{host.url}/products/list").json() == {"name": "List"}


def test_names_are_ordered_without_regard_to_case() -> None:
    with serving(("b", "{x}", GET), ("C", "{x}", GET), ("a", "{x}", ("POST",))) as host:
        assert httpx.get(f"{host.url}/1").json()["name"] == "b"


def test_literal_segments_match_whatever_their_case_and_parameters_keep_theirs() -> None:
    with serving(("Detect", "face/{version}/detect", GET)) as host:
        assert httpx.get(f"{host.url}/FACE/V1.0/Detect").json() == {"name": "Detect", "version": "V1.0"}


def test_a_method_that_no_function_declares_is_an_empty_404() -> None:
    with serving(("Read", "thing", GET), ("Write", "thing", ("PUT",))) as host:
        assert httpx.put(f"{host.url}/thing").json() == {"name": "Write"}
        for method in ("POST", "HEAD", "OPTIONS"):
            answer = httpx.request(method, f"{host.url}/thing")
            assert (answer.status_code, answer.content) == (404, b"")


def test_a_function_without_methods_takes_all_of_them() -> None:
    with serving(("Any", "thing", ())) as host:
        assert httpx.patch(f"{host.url}/thing").json() == {"name": "Any"}


def test_a_path_of_no_function_is_an_empty_404() -> None:
    with serving(("Read", "thing", GET)) as host:
        for path in ("/", "/things", "/thing/more", "/a%0Ab"):
            assert get_raw(host, path) == (404, "")


def test_an_encoded_slash_separates_segments() -> None:
    with serving(("Item", "lists/{id}", GET), ("Part", "lists/{id}/{part}", GET)) as host:
        assert get_raw(host, "/lists/a%2Fb")[1] == '{"name": "Part", "id": "a", "part": "b"}'


def test_an_encoded_character_reaches_the_parameter_decoded() -> None:
    with serving(("Item", "lists/{id}", GET)) as host:
        assert httpx.get(f"{host.url}/lists/a%20%C3%BC%25").json()["id"] == "a ü%"


def test_runs_of_slashes_and_a_slash_at_the_end_do_not_count() -> None:
    with serving(("Item", "lists/{id}", GET)) as host:
        for path in ("//lists//7", "/lists/7/", "/lists///7//"):
            assert get_raw(host, path) == (200, '{"name": "Item", "id": "7"}')


def test_an_optional_parameter_may_be_absent() -> None:
    with serving(("Item", "lists/{id?}", GET)) as host:
        assert httpx.get(f"{host.url}/lists").json() == {"name": "Item"}
        assert httpx.get(f"{host.url}/lists/7").json() == {"name": "Item", "id": "7"}


def test_a_catch_all_takes_the_rest_of_the_path() -> None:
    with serving(("Rest", "face/{*path}", GET)) as host:
        assert httpx.get(f"{host.url}/face").json() == {"name": "Rest"}
        assert httpx.get(f"{host.url}/face/a/b.c").json() == {"name": "Rest", "path": "a/b.c"}
        assert get_raw(host, "/faces")[0] == 404


@pytest.mark.parametrize(
    ("constraint", "fits", "does_not"),
    [
        ("int", "-12", "1x"),
        ("guid", "2E4B2C1A-0a0b-4c4d-8e8f-001122334455", "2e4b2c1a"),
        ("alpha", "Abc", "a1"),
        ("bool", "True", "yes"),
    ],
)
def test_a_constraint_decides_whether_a_route_fits(constraint: str, fits: str, does_not: str) -> None:
    with serving(("Item", f"lists/{{id:{constraint}}}", GET)) as host:
        assert httpx.get(f"{host.url}/lists/{fits}").json()["id"] == fits
        assert httpx.get(f"{host.url}/lists/{does_not}").status_code == 404


def test_a_segment_may_mix_text_and_parameters() -> None:
    with serving(("File", "files/{name}.{kind}", GET)) as host:
        assert httpx.get(f"{host.url}/files/a.json").json() == {"name": "a", "kind": "json"}


def test_the_route_prefix_of_host_json_stands_before_every_route() -> None:
    with serving(("Item", "lists", GET), prefix="api") as host:
        assert httpx.get(f"{host.url}/api/lists").status_code == 200
        assert httpx.get(f"{host.url}/lists").status_code == 404


@pytest.mark.parametrize("route", ["lists/{id:regex(a|b)}", "lists/{id:length(3)}", "lists/{id", "lists/{id:unknown}"])
def test_a_route_that_the_host_cannot_read_is_refused_with_the_function_named(route: str) -> None:
    with pytest.raises(BindingError, match="function Item"):
        LocalHost(named_app(("Item", route, GET)), 0, environment={})
