"""TLS and bearer tokens on the client's side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Listening
from tests.runtime.remote.server import Server, say
from tests.runtime.server.asking import GRPC, needs_grpc
from tests.runtime.server.nets import net, spec

TLS = Path(__file__).parents[2] / "data" / "tls"
TOKEN = "s3cret-token"
FEEDS: dict[str, Any] = {"x": np.ones((2, 3), np.float32), "shift": np.array([7, -1])}


WAYS = ["http", pytest.param("grpc", marks=needs_grpc)]


@pytest.fixture(scope="module")
def secured() -> Iterator[Addresses]:
    place = Listening(
        port=0,
        grpc_port=0 if GRPC else None,
        certificate=TLS / "certificate.pem",
        key=TLS / "key.pem",
        token=TOKEN,
    )
    with serving([spec(net())], place) as addresses:
        yield addresses


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return tmp_path / "token"


def url(addresses: Addresses, way: str) -> str:
    return f"{addresses.grpc}/net" if way == "grpc" else f"{addresses.http}/v2/models/net"


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_and_a_token(secured: Addresses, way: str, token_file: Path) -> None:
    trusted = TLS / "certificate.pem"
    runner = runtime.load(on=url(secured, way), ca_file=trusted, token_file=token_file)
    np.testing.assert_equal(runner.run(FEEDS)["sums"], [14, -2])
    assert TOKEN not in repr(vars(runner))


@pytest.mark.parametrize("way", WAYS)
def test_a_token_of_the_environment(
    secured: Addresses, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    options = {"ca_file": str(TLS / "certificate.pem"), "token_env": "MY_TOKEN"}
    runner = runtime.load(on=url(secured, way), provider_options=options)
    np.testing.assert_equal(runner.run(FEEDS)["sums"], [14, -2])


@pytest.mark.parametrize("way", WAYS)
def test_without_the_token(secured: Addresses, way: str) -> None:
    with pytest.raises(runtime.ProviderError, match=r"(?s)401|UNAUTH.*\nshow it a bearer token"):
        runtime.load(on=url(secured, way), ca_file=TLS / "certificate.pem")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("trusted", [None, "other.pem"])
def test_a_certificate_that_is_not_trusted(
    secured: Addresses, way: str, trusted: str | None
) -> None:
    options = {} if trusted is None else {"ca_file": TLS / trusted}
    with pytest.raises(runtime.ProviderError, match=r"(?i)no secure connection|no gRPC server"):
        runtime.load(on=url(secured, way), timeout=10, **options)


def test_a_name_that_the_certificate_has_not(secured: Addresses) -> None:
    other = url(secured, "http").replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(runtime.ProviderError, match=r"no secure connection|nothing listens"):
        runtime.load(on=other, ca_file=TLS / "certificate.pem")


def test_a_token_does_not_follow_a_redirect(json_server: Server, token_file: Path) -> None:
    runner = runtime.load(on=json_server.url, token_file=token_file)
    elsewhere = json_server.url.replace("net", "other")
    json_server.answers["infer"] = lambda: say({}, 307, Location=elsewhere)
    before = len(json_server.requests)
    with pytest.raises(runtime.NodeError, match="redirects are not followed"):
        runner.run(FEEDS)
    np.testing.assert_equal(len(json_server.requests), before + 1)


@pytest.mark.parametrize(
    ("on", "options", "problem"),
    [
        ("http://h/v2/models/m", {"ca_file": "x"}, r"ca_file is of no use for http://h.*\nwrite h"),
        ("https://h/v2/models/m", {"ca_file": "none"}, "in none cannot be used: No such file"),
        ("https://h/v2/models/m", {"ca_file": str(TLS / "key.pem")}, "key.pem cannot be used: "),
        ("http://h/v2/models/m", {"token_file": "TOKEN"}, r"the token would go to h for everybody"),
        ("grpc://h:1/m", {"token_file": "TOKEN"}, r"for everybody.*\nwrite https:// or grpcs://"),
        ("https://h/v2/models/m", {"token_file": "none"}, "cannot read the token in none: No such"),
        ("https://h/v2/models/m", {"token_env": "UNSET_TOKEN"}, r"\$UNSET_TOKEN is not set\nset"),
        ("https://h/v2/models/m", {"token_env": ""}, "token_env must be a text, got ''"),
        ("https://h/v2/models/m", {"token_env": "A", "token_file": "B"}, r"from B and from \$A"),
        ("https://h/v2/models/m", {"sequences": "may"}, "sequences must be true or false"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_meant(
    on: str, options: dict[str, str], problem: str, token_file: Path
) -> None:
    given = {name: str(token_file) if text == "TOKEN" else text for name, text in options.items()}
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(on=on, **given)


@pytest.mark.parametrize("text", ["", " \n", "a b", "a\nb", "é", "a" * 20_000, "Bearer x"])
def test_texts_that_are_no_tokens(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text, encoding="utf-8")
    with pytest.raises(
        runtime.ProviderError, match=r"token holds (no|more than a) token"
    ) as caught:
        runtime.load(on="https://127.0.0.1:1/v2/models/m", token_file=tmp_path / "token")
    assert not text.strip() or text.strip() not in str(caught.value)
