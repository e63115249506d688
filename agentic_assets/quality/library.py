"""Great Expectations, imported when it is first needed: that takes seconds and 259 MB."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

__all__ = ["expectation", "raised", "release", "rendered", "suite", "validate"]

FAILURES = 20
"""So many examples of failing values are kept by a validation that is only summed up."""


@cache
def _library() -> Any:
    # Nothing is sent anywhere by 1.24; an older or newer release must not either.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports deprecated modules of Python
        import great_expectations
        import great_expectations.expectations.core
    return great_expectations


def expectation(kind: str, arguments: Mapping[str, Any], *, severity: str, name: str, notes: str | None) -> Any:
    """Make one expectation; raise ValueError when its arguments are not those of its kind."""
    _library()
    from great_expectations.expectations.registry import get_expectation_impl

    known = {"severity": {"error": "critical"}.get(severity, "warning"), "meta": {"id": name}, "notes": notes}
    try:
        return get_expectation_impl(kind)(**{**arguments, **{key: value for key, value in known.items() if value}})
    except (TypeError, ValueError) as error:  # pydantic's errors are ValueErrors
        raise ValueError(f"{kind} cannot be used as written: {' '.join(str(error).split())[:200]}") from None


def suite(name: str, expectations: Sequence[Any]) -> Any:
    """Put expectations into a suite; its name may hold no dots."""
    return _library().ExpectationSuite(name=name.replace(".", "_"), expectations=list(expectations))


def validate(frame: Any, expectations: Any, *, index: str | None = None) -> Any:
    """Validate a pandas frame and give the library's own result; with `index`, failing rows are named by that column.

    Whatever the library says of an error must be looked at by `raised`: an expectation that could not be run comes
    back as one that was merely not met.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = _frames().get_batch(batch_parameters={"dataframe": frame})
        detail: dict[str, Any] = {"result_format": "SUMMARY", "partial_unexpected_count": FAILURES}
        if index is not None:
            detail = {"result_format": "COMPLETE", "unexpected_index_column_names": [index]}
        return batch.validate(expectations, result_format=detail)


@cache
def _frames() -> Any:
    """Define frames as batches, once: every context and source is written out as YAML, for a tenth of a second."""
    gx = _library()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # Without the temporary folder that each context would leave behind for a site of its own.
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    settings = DataContextConfig(store_backend_defaults=stores, progress_bars=ProgressBarsConfig(globally=False))
    context = gx.get_context(mode="ephemeral", project_config=settings)
    asset = context.data_sources.add_pandas("published").add_dataframe_asset("partition")
    return asset.add_batch_definition_whole_dataframe("whole")


def raised(result: Any) -> str | None:
    """Give the first line of the error that kept an expectation from being run, None when it was run."""
    info = result.exception_info or {}
    # One error, or one a metric under its name.
    for found in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if found.get("raised_exception"):
            said = str(found.get("exception_message") or "it could not be run").strip()
            return (said.splitlines() or ["it could not be run"])[0][:200]
    return None


def rendered(result: Any) -> str:
    """Render the result of a validation as the library's own page, which needs the network to look as it should."""
    _library()
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    for one in result.results:
        one.result = _plain(one.result)
    return str(_view().render(ValidationResultsPageRenderer().render(result)))


def _plain(value: Any) -> Any:
    """Turn numbers of numpy into numbers of Python: the renderer cannot read how numpy 2 writes its own."""
    if isinstance(value, dict):
        return {name: _plain(content) for name, content in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(content) for content in value)
    return value.item() if hasattr(value, "item") else value


@cache
def _view() -> Any:
    from great_expectations.render.view.view import DefaultJinjaPageView

    return DefaultJinjaPageView()  # it keeps its compiled templates


def release() -> str:
    """Give the version of the installed library, without importing it."""
    from importlib.metadata import version

    return version("great-expectations")
