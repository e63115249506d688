"""A change is shown at its line of the new file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentic_assets.contracts.change import Spot, line_of
from agentic_assets.contracts.odcs import document

TEXT = """\
apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
team: {name: a}
slaProperties:
  - {property: latency, value: 1, unit: d}
  - {property: retention, value: 1, unit: y}
schema:
  - name: others
    properties:
      - name: c
        logicalType: integer
  - name: things
    properties:
      - name: b
        logicalType: integer
      - name: c
        logicalType: integer
        logicalTypeOptions:
          minimum: 3
        quality:
          - id: first
            metric: nullValues
            mustBe: 0
          - metric: duplicateValues
            mustBe: 0
    quality:
      - id: whole
        metric: rowCount
        mustBeGreaterThan: 0
"""


@pytest.mark.parametrize(
    ("spot", "line"),
    [
        (Spot("team"), 5),
        (Spot("slaProperties.retention"), 8),
        (Spot("slaProperties.gone"), 6),
        (Spot(""), 14),
        (Spot("", "c"), 18),
        (Spot("logicalTypeOptions", "c"), 20),
        (Spot("logicalTypeOptions.minimum", "c"), 21),
        (Spot("logicalTypeOptions.pattern", "c"), 20),
        (Spot("enum", "c"), 18),
        (Spot("quality", "c", "first"), 23),
        (Spot("quality", "c", "duplicateValues(c)"), 26),
        (Spot("quality", "c", "gone"), 22),
        (Spot("", "gone"), 15),
        (Spot("quality", None, "whole"), 29),
    ],
)
def test_a_spot_is_found_where_it_stands_or_as_near_as_can_be(tmp_path: Path, spot: Spot, line: int) -> None:
    path = tmp_path / "t.odcs.yaml"
    path.write_text(TEXT)
    assert line_of(document.read(path, "t"), "things", spot) == line
