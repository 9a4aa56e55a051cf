"""OpenQASM 3 with loops over known ranges, boxes and comparisons, written out for importers that know none of them."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from circuitdiff.errors import InputError
from circuitdiff.interop.openqasm3_conditions import compared, with_equality

MAX_STATEMENTS = 1_000_000
"""Most statements that a text may hold after its loops were written out."""

MARGIN = 10
"""By what factor a loop, all turns taken for as long as the first, has to exceed the limit to be refused at once."""

Values = Mapping[str, "int | float"]

_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_UNARY: Mapping[str, Callable[[Any], Any]] = {"-": operator.neg, "~": operator.invert}
_CONSTANTS = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), math.tau),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}
_LARGEST = 1 << 32


def written_out(program: Any) -> Any:
    """Return a parsed program (`openqasm3.ast.Program`) with static loops unrolled, and boxes as their bodies.

    Numbers that are declared ``const`` and loop variables are replaced by their values; conditions that compare a bit
    with 0 or 1 become the bit or its negation, and those by ``!=`` on a register exchange their branches.

    Raises:
        InputError: a loop over what is not known before the circuit runs, or too many statements.
    """
    writer = _Writer()
    statements = list(writer.statements(program.statements, {}))
    return type(program)(statements=statements, version=program.version)


class _Writer:
    """Counts the statements that loops come to, and knows which names are single bits."""

    def __init__(self) -> None:
        self.written = 0
        self.bits: set[str] = set()

    def statements(self, given: Sequence[Any], values: Values) -> Iterator[Any]:
        """Yield statements without loops and boxes, ``values`` put in."""
        from openqasm3 import ast

        known = dict(values)
        for statement in given:
            if isinstance(statement, ast.ForInLoop):
                turns, before = _turns(statement, known), self.written
                for number, turn in enumerate(turns):
                    yield from self.statements(statement.block, {**known, statement.identifier.name: turn})
                    if number == 0:  # loops inside may become shorter with every turn, but hardly by `MARGIN`
                        _check_count((self.written - before) * len(turns) // MARGIN)
                continue
            if isinstance(statement, ast.Box):
                yield from self.statements(statement.body, known)
                continue
            if isinstance(statement, ast.ConstantDeclaration):
                value = _value(statement.init_expression, known)
                if value is not None:
                    known[statement.identifier.name] = value
                    continue
            if isinstance(statement, ast.ClassicalDeclaration) and isinstance(statement.type, ast.BitType):
                (self.bits.discard if statement.type.size else self.bits.add)(statement.identifier.name)
            self.written += 1
            _check_count(self.written)
            yield self._with_values(statement, known)

    def _with_values(self, statement: Any, values: Values) -> Any:
        """Return a statement with known numbers put in, its inner blocks written out."""
        from openqasm3 import ast

        changed: Any
        if isinstance(statement, ast.BranchingStatement):
            changed = copy.copy(statement)
            changed.condition = compared(_replaced(statement.condition, values), self.bits)
            changed.if_block = list(self.statements(statement.if_block, values))
            changed.else_block = list(self.statements(statement.else_block, values))
            return with_equality(changed)
        if isinstance(statement, ast.WhileLoop):
            changed = copy.copy(statement)
            changed.while_condition = compared(_replaced(statement.while_condition, values), self.bits)
            changed.block = list(self.statements(statement.block, values))
            return changed
        if isinstance(statement, ast.QuantumGateDefinition):
            hidden = {parameter.name for parameter in (*statement.arguments, *statement.qubits)}
            inner = {name: value for name, value in values.items() if name not in hidden}
            changed = copy.copy(statement)
            changed.body = list(self.statements(statement.body, inner))
            return changed
        return _replaced(statement, values) if values else statement


def _check_count(statements: int) -> None:
    if statements > MAX_STATEMENTS:
        raise InputError(f"loops come to more than {MAX_STATEMENTS} statements")


def _turns(loop: Any, values: Values) -> Sequence[int | float]:
    """Return the values of a loop's variable, OpenQASM's ranges including both ends.

    Raises:
        InputError: they are not known, or no integers although the variable is one.
    """
    from openqasm3 import ast

    given = loop.set_declaration
    if isinstance(given, ast.RangeDefinition):
        ends = [given.start, given.step, given.end]
        start, step, end = (None if part is None else _value(part, values) for part in ends)
        step = 1 if given.step is None else step
        if isinstance(start, int) and isinstance(step, int) and isinstance(end, int) and step:
            found = range(start, end + (1 if step > 0 else -1), step)
            if len(found) > MAX_STATEMENTS:
                raise InputError(f"a loop runs {len(found)} times, more than {MAX_STATEMENTS}")
            return found
    if isinstance(given, ast.DiscreteSet):
        listed = [_value(part, values) for part in given.values]
        if isinstance(loop.type, ast.FloatType | ast.AngleType):
            listed = [value if value is None else float(value) for value in listed]
        elif not all(isinstance(value, int) for value in listed):
            listed = [None]
        if None not in listed:
            return [value for value in listed if value is not None]
    raise InputError("a for loop runs over what is not known before the circuit runs")


def _value(expression: Any, values: Values) -> int | float | None:
    """Return the value of an expression of known numbers, None where it has none."""
    from openqasm3 import ast

    match expression:
        case ast.IntegerLiteral() | ast.FloatLiteral():
            number: int | float = expression.value
            return number
        case ast.Identifier():
            return values.get(expression.name, _CONSTANTS.get(expression.name))
        case ast.UnaryExpression():
            inner = _value(expression.expression, values)
            if inner is None or expression.op.name not in _UNARY:
                return None
            return _computed(lambda: _UNARY[expression.op.name](inner))
        case ast.BinaryExpression():
            left, right = _value(expression.lhs, values), _value(expression.rhs, values)
            function = _BINARY.get(expression.op.name)
            if left is None or right is None or function is None:
                return None
            if expression.op.name == "/" and isinstance(left, int) and isinstance(right, int) and right:
                return int(left / right)  # integers are divided as in C
            if expression.op.name in ("**", "<<") and (abs(left) > _LARGEST or abs(right) > 64):
                return None
            return _computed(lambda: function(left, right))
    return None


def _computed(function: Callable[[], Any]) -> int | float | None:
    try:
        value = function()
    except (ArithmeticError, TypeError, ValueError):
        return None
    return value if isinstance(value, int | float) and abs(value) <= _LARGEST else None


def _replaced(node: Any, values: Values) -> Any:
    """Return a part of the syntax tree with every expression of known numbers computed."""
    from openqasm3 import ast

    if isinstance(node, list):
        return [_replaced(part, values) for part in node]
    if not isinstance(node, ast.QASMNode):
        return node
    if isinstance(node, ast.Identifier | ast.UnaryExpression | ast.BinaryExpression):
        value = _value(node, values)
        if value is not None:
            return ast.IntegerLiteral(value) if isinstance(value, int) else ast.FloatLiteral(value)
    changed = copy.copy(node)
    for name, part in vars(node).items():
        if name in _NAMES or name == "span":
            continue
        setattr(changed, name, _replaced(part, values))
    return changed


_NAMES = frozenset({"name"})
"""Attributes that name a gate or a register, never a number."""
