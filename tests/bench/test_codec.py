"""Dataclasses to JSON and back: everything is checked, and told by its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from onnxwright.bench.codec import DecodeError, Least, decode, encode


@dataclass(frozen=True)
class Leaf:
    name: str
    size: Annotated[int, Least(1)]


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    pair: tuple[float, float]
    kind: Literal["oak", "elm"]
    height: Annotated[float, Least(0.0, exclusive=True)] | None
    dead: bool = False
    notes: Mapping[str, float] = field(default_factory=dict)
    inside: Mapping[str, "Tree"] | None = None


GOOD: dict[str, Any] = {
    "leaves": [{"name": "a", "size": 1}],
    "pair": [1, 2.5],
    "kind": "oak",
    "height": None,
}


def test_what_was_encoded_comes_back() -> None:
    inner = Tree((), (0.0, 0.0), "elm", 2.0)
    tree = Tree((Leaf("a", 1),), (1.0, 2.5), "oak", None, True, {"x": 0.5}, {"t": inner})
    np.testing.assert_equal(decode(Tree, encode(tree)), tree)


def test_a_field_with_a_default_may_be_missing_and_another_is_not_read() -> None:
    np.testing.assert_equal(decode(Tree, {**GOOD, "since": 1}).notes, {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"leaves": [{"name": "a"}]}, r"tree.leaves\[0\].size is missing"),
        ({"leaves": [{"name": 1, "size": 1}]}, r"tree.leaves\[0\].name: 1 is no text"),
        ({"leaves": [{"name": "a", "size": 0}]}, r"leaves\[0\].size: 0 is not at least 1"),
        ({"leaves": [{"name": "a", "size": 1.5}]}, r"size: 1.5 is no whole number of 64 bits"),
        ({"leaves": [{"name": "a", "size": True}]}, r"size: True is no whole number"),
        ({"leaves": [{"name": "a", "size": 2**63}]}, r"size: .* is no whole number of 64 bits"),
        ({"leaves": {}}, r"tree.leaves: it is no list"),
        ({"leaves": [3]}, r"tree.leaves\[0\]: 3 is no object"),
        ({"pair": [1.0]}, r"tree.pair: it is no list of 2"),
        ({"pair": [1.0, "2"]}, r"tree.pair\[1\]: '2' is no number"),
        ({"pair": [1.0, float("nan")]}, r"tree.pair\[1\]: nan is no number"),
        ({"pair": [1.0, 1e308]}, r"tree.pair\[1\]: 1e\+308 is no number"),
        ({"pair": [1.0, 10**400]}, r"tree.pair\[1\]: 1000.* is no number"),
        ({"kind": "ash"}, r"tree.kind: 'ash' is none of oak, elm"),
        ({"kind": []}, r"tree.kind: it is none of"),
        ({"height": 0.0}, r"tree.height: 0.0 is not above 0"),
        ({"dead": 1}, r"tree.dead: 1 is neither true nor false"),
        ({"notes": {"x": None}}, r"tree.notes\['x'\]: None is no number"),
        ({"inside": {"t": {}}}, r"tree.inside\['t'\].height is missing"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DecodeError, match=said) as told:
        decode(Tree, {**GOOD, **change}, "tree")
    assert len(str(told.value)) < 300
