"""What a table of trips must look like."""

import pandas as pd
import pandera.pandas as pa

COLUMNS = ["trip_id", "zone", "weight", "delay"]

TRIPS = pa.DataFrameSchema(
    {
        "trip_id": pa.Column(int, unique=True),
        "zone": pa.Column(str, pa.Check.isin(["north", "east", "south", "west"])),
        "weight": pa.Column(float, pa.Check.in_range(0, 40), nullable=True),
    }
)


class Trips(pa.DataFrameModel):
    trip_id: int
    weight: float = pa.Field(ge=0)


def validate_trips(df):
    missing = set(COLUMNS) - set(df.columns)
    if missing:
        raise ValueError(f"missing columns: {sorted(missing)}")
    return df


def columns_match(df):
    return list(df.columns) == COLUMNS


def check_schema(df):
    for column in COLUMNS:
        if column not in df.columns:
            print("missing", column)


@pa.check_types
def weigh(df: pa.typing.DataFrame[Trips]):
    return df["weight"].sum()
