"""The faults that :mod:`mutants` plants: what may stand in a syntax node's place."""

import ast
import copy
from collections.abc import Iterator

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "add": "subtract",
    "subtract": "add",
    "multiply": "add",
    "floor": "ceil",
    "ceil": "floor",
    "any": "all",
    "all": "any",
    "argmin": "argmax",
    "argmax": "argmin",
    "less": "less_equal",
    "greater": "greater_equal",
}
Variant = tuple[str, ast.AST]


def variants(node: ast.AST) -> Iterator[Variant]:
    """Yield what may replace `node`, each with a line that says what is changed."""
    for kind in (_operators, _comparisons, _numbers, _conditions, _names, _statements):
        for new in kind(node):
            yield f"{_line(node)}  ->  {_line(new)}", new


def _line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0][:120]


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        new = copy.deepcopy(node)
        new.op = OPERATORS[type(node.op)]()
        yield new


def _comparisons(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Compare):
        return
    for i, operator in enumerate(node.ops):
        if type(operator) in COMPARISONS:
            new = copy.deepcopy(node)
            new.ops[i] = COMPARISONS[type(operator)]()
            yield new


def _numbers(node: ast.AST) -> Iterator[ast.AST]:
    value = getattr(node, "value", None)
    if isinstance(node, ast.Constant) and isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(node, ast.Constant) and isinstance(value, int | float):
        yield ast.Constant(type(value)(0 if value == 1 else value + 1))


def _conditions(node: ast.AST) -> Iterator[ast.AST]:
    """Drop a part of an and or an or, a not, and a choice."""
    if isinstance(node, ast.BoolOp):
        for i in range(len(node.values)):
            new = copy.deepcopy(node)
            del new.values[i]
            yield new if len(new.values) > 1 else new.values[0]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.IfExp):
        yield copy.deepcopy(node.body)
        yield copy.deepcopy(node.orelse)
    elif isinstance(node, ast.If):
        for value in (True, False):
            chosen = copy.deepcopy(node)
            chosen.test = ast.Constant(value)
            yield chosen


def _names(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], ast.Load())
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(copy.deepcopy(node.value), NAMES[node.attr], ast.Load())


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Leave out a call for its effect, and a change in place."""
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if called or isinstance(node, ast.AugAssign):
        yield ast.Pass()
