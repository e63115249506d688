"""Data Docs as an asset: made anew when a verdict changed, bounded in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from agentic_assets.contracts import Contract, Expectation
from agentic_assets.pipeline import STATIC, Batch, Cut, Input, Node
from agentic_assets.quality import library
from agentic_assets.quality.docs import site
from agentic_assets.quality.docs.site import Page
from agentic_assets.quality.judging import suite_of, table_of
from agentic_assets.quality.measuring import of_statistics
from agentic_assets.quality.node import expectations_of
from agentic_assets.quality.verbatim import columns_of, of_rows, suite_of_rows
from agentic_assets.quality.verdict import BAD
from agentic_assets.quality.wording import page_of
from agentic_assets.versions import of_code, of_json

__all__ = ["docs_node"]

MONTHS: Final = 12
"""So many months of each dataset, the latest, have a page."""


def docs_node(asset: str, judged: Mapping[str, Node], *, contract: Contract) -> Node:
    """Give the node that writes the docs of `judged`: the judging asset -> the node of the dataset that it judges.

    Its table has one row a page, the index first; the pages lie in the home's folder `data_docs`.
    """
    rowwise = {dataset.asset: dataset for dataset in judged.values() if of_rows(expectations_of(dataset))}

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        earlier = batch.home.data_docs.resolve()
        pages: list[Page] = []
        texts: dict[str, str] = {}
        for name, dataset in judged.items():
            if not batch.entries(name):
                continue  # nothing of it was judged yet
            rows = batch.read(name).rename({"judged_partition": "partition"})
            for page, result in [*_monthly(name, dataset, rows), *_latest(batch, name, dataset, rows)]:
                pages.append(page)
                texts[page.path] = site.written(page, result, earlier)
        site.publish(batch.home.data_docs, texts, pages, run_id=batch.run_id)
        batch.report(STATIC, pages=len(pages), page="index.html")
        return {STATIC: _table([_index(pages), *pages])}

    return Node(
        asset=asset,
        group="quality",
        cut=Cut.STATIC,
        contract=contract,
        compute=compute,
        code_version=of_code(docs_node),
        inputs=(*(Input(name) for name in judged), *(Input(name) for name in rowwise)),
        effects=True,
        description="The Data Docs of Great Expectations: one page a judged dataset and month, beside them the latest "
        f"partition of datasets with expectations about rows. The latest {MONTHS} months have a page. The pages work "
        "offline; `agentic ui` serves them.",
        kinds=("greatexpectations", "html"),
        code=(site.publish,),
    )


def _monthly(name: str, dataset: Node, rows: pl.DataFrame) -> list[tuple[Page, Callable[[], Any]]]:
    expectations = of_statistics(expectations_of(dataset))
    statistical = rows.filter(pl.col("expectation").is_in([one.id for one in expectations]))
    months = statistical.with_columns(pl.col("partition").str.slice(0, 7).alias("month"))
    parts = months.partition_by("month", as_dict=True, maintain_order=True)
    found = []
    for (month,), part in sorted(parts.items())[-MONTHS:]:
        title = f"{dataset.asset} {month}".strip()
        page = _page(page_of(name, str(month)), title, dataset, part, expectations)
        found.append((page, _validation(dataset.asset.rpartition("/")[2], part, expectations)))
    return found


def _validation(dataset: str, rows: pl.DataFrame, expectations: Sequence[Expectation]) -> Callable[[], Any]:
    return lambda: library.validate(table_of(rows), suite_of(dataset, expectations, rows), index="partition")


def _latest(batch: Batch, name: str, dataset: Node, rows: pl.DataFrame) -> list[tuple[Page, Callable[[], Any]]]:
    expectations = of_rows(expectations_of(dataset))
    entries = batch.entries(dataset.asset) if expectations else {}
    if not entries:
        return []
    last = max(entries)
    entry = entries[last]
    short = dataset.asset.rpartition("/")[2]

    def validation() -> Any:
        columns = columns_of(expectations, [*dataset.schema]) or [*dataset.schema][:1]
        frame = batch.lake.open(dataset.asset).scan_files([entry.file]).select(columns).collect()
        suite, _ = suite_of_rows(short, expectations)
        return library.validate(frame.to_pandas(), suite if suite is not None else library.suite(short, []))

    own = rows.filter((pl.col("partition") == last) & pl.col("expectation").is_in([one.id for one in expectations]))
    title = f"{dataset.asset} {last}: rows".replace(" :", ":")
    page = _page(page_of(name, last).replace(".html", "-rows.html"), title, dataset, own, expectations)
    return [(page, validation)]


def _page(path: str, title: str, dataset: Node, rows: pl.DataFrame, expectations: Sequence[Expectation]) -> Page:
    bad = pl.col("verdict").is_in(list(BAD))
    said = tuple((one.id, one.severity, one.text, one.description or "") for one in expectations)
    return Page(
        path=path,
        dataset=dataset.asset,
        title=title,
        first=str(rows.get_column("partition").min() or ""),
        last=str(rows.get_column("partition").max() or ""),
        partitions=rows.get_column("partition").n_unique(),
        expectations=len(expectations),
        broken=rows.filter(bad).height,
        held=rows.filter(bad & (pl.col("severity") == "error")).height,
        key=of_json([library.release(), title, said, rows.rows()]),
        meaning=said,
    )


def _index(pages: Sequence[Page]) -> Page:
    return Page(
        path="index.html",
        dataset="all",
        title="Data Docs",
        first=min((page.first for page in pages), default=""),
        last=max((page.last for page in pages), default=""),
        partitions=sum(page.partitions for page in pages),
        expectations=sum(page.expectations for page in pages),
        broken=sum(page.broken for page in pages),
        held=sum(page.held for page in pages),
        key="",
    )


def _table(pages: Sequence[Page]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "page": [page.path for page in pages],
            "dataset": [page.dataset for page in pages],
            "first": [page.first for page in pages],
            "last": [page.last for page in pages],
            "partitions": [page.partitions for page in pages],
            "expectations": [page.expectations for page in pages],
            "broken": [page.broken for page in pages],
            "holding": [page.held for page in pages],
        }
    )
