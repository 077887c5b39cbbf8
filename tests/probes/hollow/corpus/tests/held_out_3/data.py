"""Data and features, as teams test them."""

import datetime as dt
import json
import logging
import math
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import great_expectations as gx
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
import yaml
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift
from deepchecks.tabular.suites import data_integrity
from hypothesis import assume, given, settings
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy import stats

import parcel.features as feats
from checks import run_checks, same_distribution, validate_quietly
from parcel.features import ZONES, add_distance, bucket_hour, encode_zone, fill_missing, scale
from parcel.schema import COLUMNS, TRIPS, Trips, columns_match, validate_trips

log = logging.getLogger(__name__)
DATA = Path(__file__).parent / "data"


class TestSchema:
    def test_schema_holds(self, make_trips):  # expect: ok
        TRIPS.validate(make_trips(), lazy=True)

    def test_schema_model(self, make_trips):  # expect: ok
        Trips.validate(make_trips())

    def test_schema_rejects_unknown_zone(self, make_trips):  # expect: ok
        with pytest.raises(pa.errors.SchemaError, match="zone"):
            TRIPS.validate(make_trips(zone="moon"))

    def test_schema_is_a_schema(self):  # expect: hollow
        schema = pa.DataFrameSchema({"a": pa.Column(int)})
        assert isinstance(schema, pa.DataFrameSchema)

    def test_columns(self, make_trips, check_frame):  # expect: ok
        check_frame(make_trips(5), rows=5, columns=COLUMNS)

    def test_columns_loosely(self, make_trips):  # expect: hollow
        columns_match(make_trips(3))

    def test_columns_by_hand(self):  # expect: hollow
        columns = ["trip_id", "zone", "weight", "delay"]
        assert len(columns) == 4
        assert "zone" in columns

    def test_types(self, make_trips):  # expect: ok
        types = {name: str(kind) for name, kind in make_trips().dtypes.items()}
        assert types["weight"] == "float64"
        assert types["trip_id"].startswith("int")

    def test_all_checks(self, make_trips):  # expect: ok
        run_checks(make_trips(weight=3.0))

    def test_quiet_validation(self, make_trips):  # expect: hollow
        validate_quietly(make_trips())

    def test_missing_column(self, make_trips):  # expect: ok
        try:
            validate_trips(make_trips().drop(columns="zone"))
        except ValueError as error:
            assert "zone" in str(error)
        else:
            pytest.fail("a missing column went unnoticed")

    def test_missing_column_swallowed(self, make_trips):  # expect: hollow
        try:
            validate_trips(make_trips().drop(columns="zone"))
            assert False, "should have raised"
        except Exception:
            assert True

    def test_missing_column_flag(self, make_trips):  # expect: ok
        raised = False
        try:
            validate_trips(make_trips().drop(columns=["zone"]))
        except ValueError:
            raised = True
        assert raised


class TestDistance:
    def test_hypotenuse(self):  # expect: ok
        frame = pd.DataFrame({"x_from": [0], "x_to": [3], "y_from": [0], "y_to": [4]})
        assert add_distance(frame)["distance"].iloc[0] == pytest.approx(5)

    def test_expected_frame(self):  # expect: ok
        given_ = pd.DataFrame({"weight": [1.0, np.nan, 3.0], "zone": ["east", None, "west"]})
        expected = pd.DataFrame({"weight": [1.0, 2.0, 3.0], "zone": ["east", "north", "west"]})
        assert_frame_equal(fill_missing(given_), expected)

    def test_expected_series(self, make_trips):  # expect: ok
        trips = make_trips()
        assert_series_equal(add_distance(trips)["weight"], trips["weight"])

    def test_frame_equals_itself(self, make_trips):  # expect: hollow
        out = add_distance(make_trips())
        expected = out
        assert_frame_equal(out, expected)

    def test_distance_not_negative(self, make_trips):  # expect: ok
        assert (add_distance(make_trips())["distance"] >= 0).all()

    def test_squares_not_negative(self, make_trips):  # expect: weak
        assert (add_distance(make_trips())["distance"] ** 2 >= 0).all()

    def test_row_count_kept(self, sized):  # expect: ok
        assert len(add_distance(sized)) == len(sized)

    def test_some_rows(self, sized):  # expect: hollow
        assert add_distance(sized).shape[0] >= 0

    def test_input_untouched(self, make_trips):  # expect: ok
        trips = make_trips()
        before = trips.copy(deep=True)
        add_distance(trips)
        assert_frame_equal(trips, before)

    def test_distance_plotted(self, make_trips, tmp_path):  # expect: hollow
        ax = add_distance(make_trips())["distance"].plot.hist()
        ax.figure.savefig(tmp_path / "distance.png")

    def test_by_zone(self, make_trips):  # expect: ok
        def near(part):
            assert part["distance"].max() <= math.sqrt(2)
            return 0

        add_distance(make_trips()).groupby("zone").apply(near)

    def test_by_zone_never_applied(self, make_trips):  # expect: hollow
        frame = add_distance(make_trips())

        def near(part):
            assert part["distance"].max() <= math.sqrt(2)

        for _, part in frame.groupby("zone"):
            print(part["distance"].max())


@pytest.mark.parametrize("zone, code", sorted(ZONES.items()))
def test_zone_codes(zone, code):  # expect: ok
    assert encode_zone(zone) == code


@pytest.mark.parametrize("zone", [])
def test_unknown_zones(zone):  # expect: hollow
    with pytest.raises(KeyError):
        encode_zone(zone)


@pytest.mark.parametrize("zone", ["", "moon", None])
def test_strange_zones(zone):  # expect: ok
    with pytest.raises(KeyError) as caught:
        encode_zone(zone)
    assert caught.value.args == (zone,)


def test_zone_raises_by_hand():  # expect: hollow
    with pytest.raises(KeyError):
        raise KeyError("moon")


@pytest.mark.parametrize("hour,expected", [(0, "night"), (5, "night"), (6, "day"), (23, "day")], ids=str)
def test_bucket(hour, expected):  # expect: ok
    assert bucket_hour(hour) == expected


@given(st.integers(0, 23))
def test_bucket_is_known(hour):  # expect: ok
    assert bucket_hour(hour) in {"night", "day"}


@given(st.integers(0, 23))
def test_bucket_does_not_crash(hour):  # expect: weak
    bucket_hour(hour)


@settings(max_examples=20)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2))
def test_scaled_mean_is_zero(values):  # expect: ok
    assume(np.std(values) > 1e-3)
    np.testing.assert_allclose(np.mean(scale(values)), 0, atol=1e-6)


@given(values=st.lists(st.floats(allow_nan=False), min_size=2))
def test_scaled_or_not(values):  # expect: hollow
    scaled = scale(values)
    assert len(scaled) >= 0


def test_scale_shift_invariant():  # expect: ok
    values = np.array([1.0, 2.0, 5.0])
    assert np.allclose(scale(values), scale(values + 100))


def test_scale_forgotten_assert():  # expect: hollow
    values = np.array([1.0, 2.0, 5.0])
    np.allclose(scale(values), scale(values + 100))


def test_scale_compared_not_asserted():  # expect: hollow
    scale([1.0, 2.0, 3.0]).std() == 1.0


def test_scale_tuple():  # expect: hollow tuple-assertion
    assert (scale([1.0, 2.0]).mean() == 0, "the mean of scaled values is 0")


def test_scale_returns():  # expect: hollow
    return bool(abs(scale([1.0, 2.0]).mean()) < 1e-9)


def test_numpy_scales():  # expect: hollow own-data
    values = np.array([1.0, 2.0, 3.0])
    scaled = (values - values.mean()) / values.std()
    np.testing.assert_allclose(scaled.mean(), 0, atol=1e-12)


def test_expectations(make_trips):  # expect: ok
    context = gx.get_context(mode="ephemeral")
    batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    suite = gx.ExpectationSuite("trips", [gx.expectations.ExpectColumnValuesToNotBeNull(column="zone")])
    result = batch.get_batch({"dataframe": make_trips()}).validate(suite)
    assert result.success, result.describe()


def test_expectations_dict(make_trips):  # expect: ok
    validator = gx.from_pandas(make_trips())
    outcome = validator.expect_column_values_to_be_between("weight", 0, 40)
    assert outcome["success"]


def test_expectations_unread(make_trips):  # expect: hollow
    validator = gx.from_pandas(make_trips())
    validator.expect_column_values_to_be_between("weight", 0, 40)
    validator.expect_column_values_to_not_be_null("zone")


def test_drift_check(make_trips):  # expect: ok
    check = FeatureDrift().add_condition_drift_score_less_than(0.2)
    result = check.run(Dataset(make_trips(seed=1)), Dataset(make_trips(seed=2)))
    assert result.passed_conditions()


def test_integrity_suite(make_trips):  # expect: ok
    result = data_integrity().run(Dataset(make_trips(), cat_features=["zone"]))
    failed = result.get_not_passed_checks()
    assert not failed


def test_integrity_report(make_trips, tmp_path):  # expect: hollow
    result = data_integrity().run(Dataset(make_trips(), cat_features=["zone"]))
    result.save_as_html(str(tmp_path / "report.html"))


def test_same_distribution_unread(make_trips):  # expect: hollow
    same_distribution(make_trips(seed=1)["weight"], make_trips(seed=2)["weight"])


def test_same_distribution(make_trips):  # expect: ok
    assert same_distribution(make_trips(seed=1)["weight"], make_trips(seed=1)["weight"])


def test_ks(make_trips):  # expect: ok
    _, p_value = stats.ks_2samp(make_trips(seed=1)["weight"], make_trips(seed=2)["weight"])
    assert p_value > 0.01


def test_p_value_is_a_share(make_trips):  # expect: weak
    _, p_value = stats.ks_2samp(make_trips(seed=1)["weight"], make_trips(seed=2)["weight"])
    print(p_value)
    assert p_value is not None


def test_no_duplicates(make_trips):  # expect: ok
    assert not make_trips()["trip_id"].duplicated().any()


def test_duplicates_counted(make_trips):  # expect: hollow tautology
    assert make_trips()["trip_id"].duplicated().sum() >= 0


def test_weight_summary_logged(make_trips):  # expect: hollow
    summary = make_trips()["weight"].describe()
    for name, value in summary.items():
        log.info("%s: %.2f", name, value)


def test_weight_limits_collected(make_trips):  # expect: ok
    problems = []
    for row in make_trips().itertuples():
        if not 0 <= row.weight <= 40:
            problems.append(f"{row.trip_id}: {row.weight}")
    if problems:
        pytest.fail("\n".join(problems))


def test_weight_limits_never_collected(make_trips):  # expect: hollow
    problems = []
    for row in make_trips().itertuples():
        if not 0 <= row.weight <= 40:
            log.warning("%s: %s", row.trip_id, row.weight)
    assert problems == []


def test_config():  # expect: ok
    config = yaml.safe_load((DATA / "config.yaml").read_text())
    assert set(config) >= {"seed", "columns"}


def test_config_by_hand():  # expect: hollow
    config = {"seed": 42, "columns": COLUMNS}
    assert config["seed"] == 42


def test_json_round_trip():  # expect: hollow
    config = {"seed": 42}
    assert json.loads(json.dumps(config)) == config


def test_square_root():  # expect: hollow
    assert math.sqrt(16) == 4


def test_fresh_enough():  # expect: ok
    newest = pd.read_csv(DATA / "trips.csv", parse_dates=["at"])["at"].max()
    assert dt.datetime.now() - newest < dt.timedelta(days=30)


def test_dates_of_our_own():  # expect: hollow
    start, end = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    assert end > start


def test_no_warnings(make_trips):  # expect: ok
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fill_missing(make_trips())


def test_warnings_shown(make_trips):  # expect: hollow
    with warnings.catch_warnings(record=True) as caught:
        fill_missing(make_trips())
    for one in caught:
        print(one.message)


def test_suppressed(make_trips):  # expect: hollow
    with suppress(Exception):
        assert fill_missing(make_trips())["weight"].notna().all()


def test_script():  # expect: ok
    subprocess.run([sys.executable, "-m", "parcel.cli", "fit", "trips.csv"], check=True, timeout=60)


def test_script_unread():  # expect: hollow
    subprocess.run([sys.executable, "-m", "parcel.cli", "fit", "trips.csv"], timeout=60)


def test_script_output():  # expect: ok
    out = subprocess.run([sys.executable, "-m", "parcel.cli"], capture_output=True, text=True)
    assert "Usage" in out.stdout


def test_public_names():  # expect: ok
    public = [name for name in dir(feats) if not name.startswith("_")]
    assert {"add_distance", "scale"} <= set(public)


def test_needs_a_large_sample(make_trips):  # expect: hollow
    trips = make_trips()
    if len(trips) < 10_000:
        pytest.skip("too small")
    else:
        pytest.skip("too slow")
    assert add_distance(trips).notna().all().all()


def test_needs_a_file(make_trips):  # expect: ok
    if not (DATA / "trips.csv").exists():
        pytest.skip("no data here")
    assert len(pd.read_csv(DATA / "trips.csv")) > 1000


def test_clipped_share(make_trips):  # expect: hollow
    late = (make_trips()["delay"] > 15).mean()
    share = max(0.0, min(1.0, late))
    assert 0 <= share <= 1


def test_head_is_short(make_trips):  # expect: hollow
    assert len(make_trips().head(5)) <= 5
