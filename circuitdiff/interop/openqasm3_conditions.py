"""Conditions of OpenQASM 3 in the forms that importers know: a bit, its negation, a register that equals a number."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any


def compared(condition: Any, bits: Collection[str]) -> Any:
    """Return a condition with comparisons of single bits as the bit or its negation, numbers on the right.

    Args:
        condition: an expression of `openqasm3.ast`.
        bits: names that stand for single bits; indexed ones do anyhow.
    """
    from openqasm3 import ast

    if not isinstance(condition, ast.BinaryExpression) or condition.op.name not in ("==", "!="):
        return condition
    left, right = condition.lhs, condition.rhs
    if isinstance(left, ast.IntegerLiteral | ast.BooleanLiteral):
        left, right = right, left
    is_bit = (isinstance(left, ast.Identifier) and left.name in bits) or isinstance(left, ast.IndexExpression)
    if not isinstance(right, ast.IntegerLiteral | ast.BooleanLiteral) or (is_bit and right.value not in (0, 1)):
        return condition
    if not is_bit:
        return ast.BinaryExpression(condition.op, left, right)
    is_set = bool(right.value) == (condition.op.name == "==")
    return left if is_set else ast.UnaryExpression(ast.UnaryOperator["!"], left)


def with_equality(branching: Any) -> Any:
    """Return a statement (`openqasm3.ast.BranchingStatement`) whose condition says ``==`` where it said ``!=``."""
    from openqasm3 import ast

    condition = branching.condition
    if not isinstance(condition, ast.BinaryExpression) or condition.op.name != "!=":
        return branching
    turned = copy.copy(branching)
    turned.condition = ast.BinaryExpression(ast.BinaryOperator["=="], condition.lhs, condition.rhs)
    turned.if_block, turned.else_block = branching.else_block, branching.if_block
    return turned
