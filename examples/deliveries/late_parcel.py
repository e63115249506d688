from datetime import timedelta

import polars as pl

from agentic_assets.features import Declared, Entities, Published, Source, feature_set
from agentic_assets.features.kinds import TODAY, Age, Count, Known, Mean, Newest, Own, Rates, Windowed

HOUR = timedelta(hours=1)
DEPOT = ("depot",)

LATE_PARCEL = feature_set(
    name="late_parcel",
    version="1.0.0",
    description="What is known of a parcel two hours before it is due.",
    entities=Entities("parcels", key="parcel", event="due_at", lead=2 * HOUR, columns=("depot", "size")),
    sources=(
        Source("promised", "parcels", known_at=Published("due_at", before=6 * HOUR), columns=("depot",)),
        Source(
            "delivered",
            "deliveries",
            known_at="handed_over_at",  # what comes in later than the decision is not seen
            columns=("depot", "handed_over_at", "minutes_late"),
            derive={"late": pl.col("minutes_late") > 0},
        ),
    ),
    views=(
        Declared("parcel", (Known("promised", (Own("size", pl.String(), "code", "Size of the parcel"),)),)),
        Declared(
            "depot",
            (
                Windowed("delivered", DEPOT, TODAY, (Count("delivered_today", "parcels", "Delivered so far today"),)),
                Windowed("delivered", DEPOT, 4 * HOUR, (Mean("minutes_late_4h", "minutes_late", "min", "Mean delay"),)),
                Rates("late_{days}d", "delivered", "late", DEPOT, (2, 7), (1, 5), "Share late in {days} days"),
                Newest("delivered", DEPOT, 24 * HOUR, (Age("idle", "handed_over_at", "Minutes since the last one"),)),
            ),
            time_to_live=6 * HOUR,
        ),
    ),
    zone="Europe/Berlin",
    lookback=9,
    reach=7,
)
