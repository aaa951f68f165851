"""TLS and tokens on the server's side."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Listening
from tests.runtime.server.asking import ask
from tests.runtime.server.nets import net, spec

TLS = Path(__file__).parents[2] / "data" / "tls"
TOKEN = "s3cret-token"


@pytest.fixture
def guarded() -> Iterator[Addresses]:
    with serving([spec(net())], Listening(port=0, token=TOKEN)) as addresses:
        yield addresses


@pytest.mark.parametrize("path", ["/v2", "/v2/health/live", "/v2/models/net", "/nothing"])
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer s3cret", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"],
)
def test_nothing_is_said_without_the_token(
    guarded: Addresses, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    said = ask(guarded, path, headers=headers)
    np.testing.assert_equal((said.status, said.headers["www-authenticate"]), (401, "Bearer"))
    np.testing.assert_equal(
        said.document, {"error": "this server needs a bearer token, and another came or none"}
    )


def test_the_token_opens_it(guarded: Addresses) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    np.testing.assert_equal(ask(guarded, "/v2/health/ready", headers=headers).status, 200)


def test_a_token_is_not_shown() -> None:
    assert TOKEN not in repr(Listening(token=TOKEN))


def test_the_token_over_grpc() -> None:
    grpc = pytest.importorskip("grpc", reason="needs the extra [serve]")
    messages: Any = pytest.importorskip("tritonclient.grpc.service_pb2", reason="needs [serve]")
    services: Any = pytest.importorskip("tritonclient.grpc.service_pb2_grpc", reason="[serve]")
    place = Listening(port=0, grpc_port=0, token=TOKEN)
    with (
        serving([spec(net())], place) as addresses,
        grpc.insecure_channel((addresses.grpc or "").removeprefix("grpc://")) as channel,
    ):
        stub, live = services.GRPCInferenceServiceStub(channel), messages.ServerLiveRequest()
        with pytest.raises(grpc.RpcError) as caught:
            stub.ServerLive(live)
        np.testing.assert_equal(caught.value.code().name, "UNAUTHENTICATED")
        with pytest.raises(grpc.RpcError) as caught:
            list(stub.ModelStreamInfer(iter([messages.ModelInferRequest(model_name="net")])))
        np.testing.assert_equal(caught.value.code().name, "UNAUTHENTICATED")
        bearing = (("authorization", f"Bearer {TOKEN}"),)
        assert stub.ServerLive(live, metadata=bearing).live


def test_tls() -> None:
    place = Listening(port=0, certificate=TLS / "certificate.pem", key=TLS / "key.pem")
    with serving([spec(net())], place) as addresses:
        assert addresses.http.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
        with urllib.request.urlopen(f"{addresses.http}/v2", context=trusting) as answer:
            np.testing.assert_equal(answer.status, 200)
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"{addresses.http}/v2")


@pytest.mark.parametrize(
    ("certificate", "key"),
    [("certificate.pem", "none.pem"), ("key.pem", "key.pem"), ("other.pem", "key.pem")],
)
def test_a_certificate_that_cannot_be_used(certificate: str, key: str) -> None:
    place = Listening(port=0, certificate=TLS / certificate, key=TLS / key)
    with (
        pytest.raises(
            runtime.ProviderError, match=r"the certificate or key cannot be used: .*\ngive PEM"
        ),
        serving([spec(net())], place),
    ):
        pass
