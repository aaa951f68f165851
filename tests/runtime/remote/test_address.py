from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.runtime.providers import is_served
from onnxwright.runtime.remote.address import parse_address
from onnxwright.runtime.remote.options import served_options


@pytest.mark.parametrize(
    ("url", "server", "path"),
    [
        ("http://host/v2/models/net", "host", "/v2/models/net"),
        ("https://host:8443/a/b/v2/models/net/", "host:8443", "/a/b/v2/models/net"),
        ("http://[::1]:80/v2/models/net/versions/12", "[::1]:80", "/v2/models/net/versions/12"),
        ("http://h:1/v2/models/a%2Fb%20c", "h:1", "/v2/models/a%2Fb%20c"),
        ("grpc://h:1/net/versions/2", "h:1", "/v2/models/net/versions/2"),
    ],
)
def test_urls_that_are_understood(url: str, server: str, path: str) -> None:
    address = parse_address(url)
    np.testing.assert_equal((address.server, address.path()), (server, path))
    np.testing.assert_equal(address.path("infer"), f"{path}/infer")


@pytest.mark.parametrize("scheme", ["http", "HTTP", "Http", "gRPC", "HTTPS"])
def test_schemes_are_known_in_any_case(scheme: str) -> None:
    assert is_served(f"{scheme}://h:1/v2/models/net")
    found = parse_address(f"{scheme}://h:1/v2/models/net" if scheme != "gRPC" else "gRPC://h:1/net")
    np.testing.assert_equal(found.scheme, scheme.lower())


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://h:1/", "does not say which model"),
        ("http://h:1/net", "does not say which model"),
        ("http://h:1/v2/models/", "does not say which model"),
        ("http://h:1/v2/models/net/infer", "does not say which model"),
        ("http://h:1/v2/models/net/versions/", "does not say which model"),
        ("http://h:1/v2/models/net/versions/a%2Fb", "does not say which model"),
        ("grpc://h/net", "does not say which model"),
        ("grpc://h:1", "does not say which model"),
        ("http://h:99999/v2/models/net", "Port out of range"),
        ("http://h:x/v2/models/net", "Port could not be cast"),
        ("http:///v2/models/net", "it has no host"),
        ("http://h:1/v2/models/net?x=1", "it has no host, or a query or fragment"),
        ("http://h:1/v2/models/n t", "must be percent-encoded"),
        ("http://h:1/v2/models/net\r\nX: y", "must be percent-encoded"),
    ],
)
def test_urls_that_are_refused(url: str, problem: str) -> None:
    with pytest.raises(runtime.ProviderError, match=rf"{problem}.*\nwrite http://HOST:PORT/v2/"):
        parse_address(url)


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(runtime.ProviderError, match="holds a user or a password") as caught:
        parse_address("http://me:secret@h:1/v2/models/net")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"threads": 2}, r"has no option 'threads'\na served model's options are timeout, binary"),
        ({"provider_options": {"x": "1"}}, "has no option 'x'"),
        ({"timeout": 0}, "timeout must be a number of seconds, got 0"),
        ({"timeout": "soon"}, "timeout must be a number of seconds, got 'soon'"),
        ({"timeout": float("nan")}, "timeout must be a number of seconds, got nan"),
        ({"binary": "perhaps"}, "binary must be true or false, got 'perhaps'"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(runtime.ProviderError, match=problem):
        served_options("http://h/v2/models/m", options)


def test_options_may_be_texts_of_the_command_line() -> None:
    chosen = served_options("u", {"provider_options": {"timeout": "2.5", "binary": "False"}})
    np.testing.assert_equal((chosen.timeout, chosen.binary), (2.5, False))
