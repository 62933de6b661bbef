"""What a function sees of a request and a client of a response: over real HTTP, through the local host."""

import logging
import socket
from collections.abc import Iterator

import httpx
import pytest

from infra.local import exchange
from infra.local.host import LocalHost
from infra.local.invoker import thread_count
from tests.infra.apps import echo_app, response_app


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with LocalHost(echo_app(), 0, environment={}) as host:
        yield f"{host.url}/echo"


@pytest.fixture(scope="module")
def responses() -> Iterator[str]:
    with LocalHost(response_app(), 0, environment={}) as host:
        yield host.url


def raw(url: str, request: bytes) -> bytes:
    """Send bytes as they are, and read until the server closes."""
    target = httpx.URL(url)
    with socket.create_connection((target.host, target.port or 80), timeout=30) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_repeated_query_keys_arrive_joined_with_commas(echo: str) -> None:
    assert httpx.get(f"{echo}?a=1&b=x&a=2&A=3").json()["params"] == {"a": "1,2,3", "b": "x"}


def test_query_keys_without_a_value_are_dropped(echo: str) -> None:
    assert httpx.get(f"{echo}?a=&b&c=1&d=&d=2").json()["params"] == {"c": "1", "d": "2"}


def test_query_values_are_decoded(echo: str) -> None:
    assert httpx.get(f"{echo}?a=x+y%2Bz%C3%BC").json()["params"] == {"a": "x y+zü"}


def test_header_names_are_lower_case_and_repeated_headers_one_value(echo: str) -> None:
    headers = [("X-Mixed-Case", "1"), ("X-Mixed-Case", "2"), ("Ocp-Apim-Subscription-Key", "k")]
    seen = httpx.get(echo, headers=headers).json()["headers"]
    assert (seen["x-mixed-case"], seen["ocp-apim-subscription-key"]) == ("1,2", "k")


def test_the_url_is_the_whole_one_that_was_asked_for(echo: str) -> None:
    assert httpx.get(f"{echo}/a%20b?c=d%20e").json()["url"] == f"{echo}/a%20b?c=d%20e"


def test_a_body_sent_in_chunks_arrives_in_full_and_its_header_is_visible(echo: str) -> None:
    parts = [b"a" * 70_000, b"b", b"c" * 200_000]
    seen = httpx.post(echo, content=iter(parts)).json()
    assert seen["bytes"] == 270_001
    assert seen["headers"]["transfer-encoding"] == "chunked"
    assert "content-length" not in seen["headers"]


def test_a_body_sent_in_one_byte_chunks_arrives_in_order(echo: str) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in b"in order")
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b'"body": "in order"' in raw(echo, head + chunks + b"0\r\n\r\n")


def test_a_body_over_the_limit_is_refused_before_it_is_read(echo: str) -> None:
    length = exchange.MAX_BODY_BYTES + 1
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    assert raw(echo, head.encode()).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_over_the_limit_is_refused(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_BODY_BYTES", 1000)
    assert httpx.post(echo, content=iter([b"x" * 600, b"x" * 401])).status_code == 413
    assert httpx.post(echo, content=iter([b"x" * 600, b"x" * 400])).json()["bytes"] == 1000


def test_a_client_that_leaves_in_the_middle_of_its_body_stops_nothing(echo: str) -> None:
    target = httpx.URL(echo)
    with socket.create_connection((target.host, target.port or 80), timeout=30) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    assert httpx.post(echo, content=b"next").json()["body"] == "next"


def test_synchronous_functions_run_in_worker_threads_and_async_ones_in_the_host_thread(echo: str) -> None:
    assert httpx.get(echo).json()["thread"].startswith("function")
    assert httpx.get(echo.replace("/echo", "/async")).text == "local-host"


@pytest.mark.parametrize(("setting", "count"), [("3", 3), ("", None), ("0", None), ("-1", None), ("many", None)])
def test_the_size_of_the_thread_pool_is_the_workers_setting(setting: str, count: int | None) -> None:
    assert thread_count({"PYTHON_THREADPOOL_THREAD_COUNT": setting}) == count


def test_connections_are_kept_open(echo: str) -> None:
    with httpx.Client() as client:
        ports = {client.get(echo).extensions["network_stream"].get_extra_info("client_addr")[1] for _ in range(3)}
    assert len(ports) == 1


def test_an_empty_response_says_text_plain_all_the_same(responses: str) -> None:
    answer = httpx.get(f"{responses}/empty")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_function_may_return_text(responses: str) -> None:
    answer = httpx.get(f"{responses}/text")
    assert (answer.text, answer.headers["content-type"]) == ("grüß dich", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["nothing", "fails", "fails_later"])
def test_a_function_that_fails_or_returns_nothing_is_an_empty_500_and_a_log_entry(
    responses: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "ownface.local"):
        answer = httpx.get(f"{responses}/{path}")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "the-inside-of-the-app" not in str(answer.headers)
    assert [record.getMessage() for record in caplog.records] == [f"function {path} failed"]


def test_a_response_has_one_value_per_header_but_several_cookies(responses: str) -> None:
    answer = httpx.get(f"{responses}/repeated")
    assert answer.headers.get_list("x-repeated") == ["second"]
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_a_status_that_has_no_body_gets_none(responses: str) -> None:
    with httpx.Client() as client:
        answer = client.delete(f"{responses}/no_content")
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get(f"{responses}/empty").status_code == 200


def test_a_declared_head_answers_with_the_length_and_no_body(responses: str) -> None:
    answer = httpx.head(f"{responses}/head")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "4", b"")


def test_the_server_does_not_name_itself(responses: str) -> None:
    assert "server" not in httpx.get(f"{responses}/empty").headers
