"""The models that a server has, by name and version."""

from collections.abc import Sequence
from typing import Any

from ... import __version__
from ..errors import ProviderError
from .failures import RequestError
from .model import ServedModel, Spec
from .settings import Limits

NAME = "onnxwright"
EXTENSIONS = ("binary_tensor_data", "sequence", "statistics")


class Repository:
    """Every model that is served; made within the event loop that serves them."""

    def __init__(self, specs: Sequence[Spec], limits: Limits) -> None:
        """Check the models and make them ready.

        Raises
        ------
        ProviderError
            A model cannot be served, or two have one name and version.
        """
        self._models: dict[str, dict[str, ServedModel]] = {}
        for spec in specs:
            versions = self._models.setdefault(spec.name, {})
            if spec.version in versions:
                raise ProviderError(
                    f"two models are called '{spec.name}' version {spec.version}",
                    "give one another name: NAME=MODEL.onnx",
                )
            versions[spec.version] = ServedModel(spec, limits)

    def find(self, name: str, version: str = "") -> ServedModel:
        """Return a model; without a version the highest.

        Raises
        ------
        RequestError
            There is none.
        """
        versions = self._models.get(name)
        if versions is None:
            raise RequestError(404, f"there is no model {name[:99]!r}")
        chosen = version or max(versions, key=_order)
        if chosen not in versions:
            raise RequestError(404, f"the model {name[:99]!r} has no version {version[:99]!r}")
        return versions[chosen]

    def server(self) -> dict[str, Any]:
        """Return the server's description in the protocol's form."""
        return {"name": NAME, "version": __version__, "extensions": list(EXTENSIONS)}

    def metadata(self, name: str, version: str = "") -> dict[str, Any]:
        """Return a model's description in the protocol's form."""
        model = self.find(name, version)
        return model.metadata(sorted(self._models[name], key=_order))

    def statistics(self, name: str = "", version: str = "") -> list[dict[str, Any]]:
        """Return what the models have done: of all, of all versions of one, or of one."""
        if name:
            self.find(name, version)
        return [
            model.statistics.document(each, number)
            for each, versions in self._models.items()
            for number, model in sorted(versions.items(), key=lambda entry: _order(entry[0]))
            if name in ("", each) and version in ("", number)
        ]

    def stop(self) -> None:
        """Take no more requests."""
        for versions in self._models.values():
            for model in versions.values():
                model.stop()


def _order(version: str) -> tuple[int, str]:
    return (int(version), "") if version.isdecimal() else (-1, version)
