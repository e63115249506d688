from datetime import date
from pathlib import Path

import polars as pl
from late_parcel import LATE_PARCEL

from agentic_assets.contracts import gate, load_folder
from agentic_assets.testing import assert_proved

HERE = Path(__file__).parent
CONTRACTS = load_folder(HERE / "contracts")
# As the gate lets them through, so that the set is proved on what it will be given.
TABLES = {
    name: gate(pl.read_csv(HERE / "data" / f"{name}.csv"), contract, partition="all").valid
    for name, contract in CONTRACTS.items()
}


def test_nothing_of_the_future_enters_a_late_parcel() -> None:
    assert_proved(LATE_PARCEL, TABLES, (date(2024, 3, 29), date(2024, 3, 31)), contracts=CONTRACTS)


def test_a_depot_that_is_behind_shows_it_before_the_parcel_is_due() -> None:
    made = LATE_PARCEL.compute(TABLES, (date(2024, 3, 29), date(2024, 3, 29)))
    behind, usual = made.sort("late_2d", descending=True).select("parcel", "late_2d").rows()[:: made.height - 1]
    assert behind > usual
