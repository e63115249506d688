"""The parser's tree of an expression: how we get it, and where in the text its nodes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentic_assets.language.tokens import ExpressionError

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

__all__ = ["parse", "start_of"]


def parse(text: str) -> Expr:
    """Parse a text that was scanned to one tree; raises `ExpressionError` with the position where it stops."""
    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    try:
        statements = sqlglot.parse(text)
    except ParseError as error:
        at = error.errors[0] if error.errors else {}
        lines = text.split("\n")[: int(at.get("line") or 1)]
        # The parser counts to the last character of the word at which it stopped.
        start = (
            sum(len(line) + 1 for line in lines[:-1]) + int(at.get("col") or 1) - len(str(at.get("highlight") or "x"))
        )
        found = str(at.get("highlight") or "")[:40]
        raise ExpressionError(
            f"the expression does not parse at `{found}`", start=start, hint="is a word or bracket missing?"
        ) from None
    except (SqlglotError, RecursionError) as error:
        raise ExpressionError(f"the expression does not parse: {str(error)[:120]}") from None
    if len(statements) != 1 or statements[0] is None:
        raise ExpressionError("the expression holds more than one statement", hint="write one rule for each")
    return statements[0]


def start_of(node: Expr) -> int | None:
    """Find the first character of a node: the parser marks names and literals only, so take the first within."""
    node = node.args.get("alias") or node  # a second term without a sign before it is taken for an alias
    found = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(found) if found else None
