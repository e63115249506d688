"""The first net: refuse by its words what the language does not have, with exact positions, before any parsing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

__all__ = ["FUNCTIONS", "MAX_CHARACTERS", "MAX_DEPTH", "MAX_TOKENS", "ExpressionError", "scan"]

MAX_CHARACTERS = 4_000
MAX_TOKENS = 400
# Brackets and signs in a row; the parser recurses on both, some fifteen frames a level.
MAX_DEPTH = 16

FUNCTIONS = ("ABS", "COALESCE")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PERMITTED = _words(
    "VAR IDENTIFIER NUMBER STRING EQ NEQ GT GTE LT LTE PLUS DASH STAR SLASH L_PAREN R_PAREN COMMA "
    "AND OR NOT IN BETWEEN IS NULL TRUE FALSE DATE TIMESTAMP"
)
_AGGREGATES = _words(
    "SUM AVG MEAN MIN MAX COUNT MEDIAN STDDEV VARIANCE ANY_VALUE ARRAY_AGG STRING_AGG QUANTILE MODE FIRST LAST "
    "RANK ROW_NUMBER LAG LEAD NTILE"
)
_VOLATILE = _words(
    "NOW RANDOM RAND UUID GEN_RANDOM_UUID CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER SESSION_USER "
    "LOCALTIME LOCALTIMESTAMP TODAY GETDATE SYSDATE CLOCK_TIMESTAMP NEXTVAL"
)
_QUERIES = _words("SELECT FROM WITH EXISTS UNION INTERSECT EXCEPT WHERE TABLE VALUES UNNEST ANY ALL SOME")
# These stand before a bracket without being functions.
_WORDS_BEFORE_BRACKETS = ("IN", "AND", "OR", "NOT", "BETWEEN")
_INSTEAD = {
    "CASE": "write two rules instead: the first that matches wins",
    "CAST": "declare the column with the type that is meant",
    "::": "declare the column with the type that is meant",
    "LIKE": "list the values with IN, or add a column for the distinction to the input",
    "ILIKE": "list the values with IN, or add a column for the distinction to the input",
    "SYMMETRIC": "write the lower bound first",
}


class ExpressionError(Exception):
    """What is wrong with an expression, at which character, and what to do; the caller adds whose expression it is."""

    def __init__(self, what: str, *, start: int | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.start = start
        self.hint = hint


def scan(text: str, columns: Collection[str]) -> None:
    """Refuse a text that is too long, too deep, or has a word outside of the language; raises `ExpressionError`."""
    from sqlglot.errors import SqlglotError
    from sqlglot.tokens import Tokenizer

    if not text.strip():
        raise ExpressionError("the expression is empty", hint="write TRUE for a rule that always fires")
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"the expression has {len(text):,} characters, {MAX_CHARACTERS:,} are permitted",
            start=MAX_CHARACTERS,
            hint="split it into rules: the first that matches wins",
        )
    try:
        tokens = Tokenizer().tokenize(text)
    except SqlglotError as error:
        raise ExpressionError(
            f"the expression cannot be read: {str(error)[:120]}", hint="is a quote not closed?"
        ) from None
    if len(tokens) > MAX_TOKENS:
        raise ExpressionError(
            f"the expression has {len(tokens):,} words and signs, {MAX_TOKENS} are permitted",
            start=tokens[MAX_TOKENS].start,
            hint="split it into rules, or use IN for a list of values",
        )
    _refuse_depth(tokens)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        _refuse_word(token, following, columns)


def _refuse_depth(tokens: Sequence[Token]) -> None:
    brackets = signs = 0
    for token in tokens:
        kind = token.token_type.name
        signs = signs + 1 if kind in ("NOT", "DASH", "PLUS") else 0
        brackets += (kind == "L_PAREN") - (kind == "R_PAREN")
        if brackets + signs > MAX_DEPTH:
            raise ExpressionError(
                f"the expression is nested more than {MAX_DEPTH} deep",
                start=token.start,
                hint="split it into rules: the first that matches wins",
            )


def _refuse_word(token: Token, following: Token | None, columns: Collection[str]) -> None:
    kind, word = token.token_type.name, token.text.upper()
    if token.comments:
        raise ExpressionError("the expression holds a comment", start=token.start, hint="write it as a YAML comment")
    if kind in ("STRING", "NUMBER"):
        return
    called = following is not None and following.token_type.name == "L_PAREN"
    if called and (kind == "IDENTIFIER" or (token.text.isidentifier() and kind not in _WORDS_BEFORE_BRACKETS)):
        if kind == "IDENTIFIER" or word not in FUNCTIONS:
            raise _not_a_function(token.text, token.start)
    elif token.text in columns or kind == "IDENTIFIER":
        return
    elif word in _QUERIES or word in _VOLATILE:
        raise _not_a_function(token.text, token.start)
    elif kind in ("DATE", "TIMESTAMP") and (following is None or following.token_type.name != "STRING"):
        raise ExpressionError(f"{word} wants a literal", start=token.start, hint=f"write {word} '2013-12-31'")
    elif kind == "SEMICOLON":
        raise ExpressionError(
            "the expression holds more than one statement", start=token.start, hint="write one rule for each"
        )
    elif kind not in _PERMITTED or word in _INSTEAD:
        raise ExpressionError(
            f"`{token.text[:40]}` is not in the language of rules", start=token.start, hint=_INSTEAD.get(word)
        )


def _not_a_function(name: str, start: int) -> ExpressionError:
    word = name.upper()
    if word in _AGGREGATES:
        what = f"{word} looks at many rows, and a rule sees one row only"
        return ExpressionError(what, start=start, hint="declare a quota, or compute the aggregate as a feature")
    if word in _VOLATILE:
        what = f"{word} changes from one run to the next"
        return ExpressionError(what, start=start, hint="compare with a column of the input")
    if word in _QUERIES:
        what = f"{word} asks for a query, and a rule sees one row only"
        return ExpressionError(what, start=start, hint="join what is needed into the input")
    hint = _INSTEAD.get(word, f"the functions are {', '.join(FUNCTIONS)}")
    return ExpressionError(f"the function {name[:40]} is not in the language of rules", start=start, hint=hint)
