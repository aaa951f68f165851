"""The published JSON Schema is that of the dataclasses, and real results keep to it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.rows import summarize
from onnxwright.bench.results.schema import schema

from ..conftest import Bench

PUBLISHED = Path(__file__).parents[3] / "docs" / "results.schema.json"


@pytest.fixture
def document(make_bench: Callable[..., Bench]) -> dict[str, Any]:
    bench = make_bench({"numpy": 2e-3, "cpu": 1e-3, "cuda": 1.0}, rounds=6, max_rounds=6)
    bench.broken = {"cuda": Ending(status="crash", stage="session", message="SIGSEGV")}
    journal = bench.journal()
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    found: dict[str, Any] = json.loads(
        json.dumps(summarize(journal.header, journal.entries).to_json())
    )
    return found


def test_the_published_schema_is_that_of_the_dataclasses() -> None:
    np.testing.assert_equal(json.loads(PUBLISHED.read_text()), schema())


def test_results_keep_to_the_schema_and_come_back(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(document, schema())
    np.testing.assert_equal(json.loads(json.dumps(Results.from_json(document).to_json())), document)


@pytest.mark.parametrize(
    ("field", "value"), [("rows", {}), ("kind", "demo"), ("machine", None), ("floors", {"g": 1})]
)
def test_the_schema_refuses_what_the_reader_refuses(
    document: dict[str, Any], field: str, value: Any
) -> None:
    with pytest.raises(jsonschema.ValidationError, match=r".+"):
        jsonschema.validate({**document, field: value}, schema())
    with pytest.raises(ValueError, match=field):
        Results.from_json({**document, field: value})
