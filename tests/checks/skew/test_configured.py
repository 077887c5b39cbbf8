"""The skew check as it is configured: its sources, options, both modes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError
from mlscore.project.load import load_config

DATA = '[data]\nserving = "served.parquet"\nid = "id"\ntime = "at"\nlabel = "member"\n'
CHECK = '[[check]]\nuse = "skew"\nrecomputed = "again.parquet"\n'


@pytest.fixture
def run(tmp_path):
    def go(served, recomputed, more="", data=DATA):
        pyarrow.parquet.write_table(served, tmp_path / "served.parquet")
        pyarrow.parquet.write_table(recomputed, tmp_path / "again.parquet")
        (tmp_path / "mlscore.toml").write_text(data + CHECK + more, encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        assert one.item == "monitor-3"
        return one.check.run(Context(tmp_path, config.data, one.options, date(2026, 11, 1), one.spec.location))

    return go


def test_it_passes_and_fails(run, clean, put):
    assert run(clean, clean).outcome is Outcome.PASSED
    result = run(put("price", np.asarray(clean["price"]) * 100), clean)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "1 of 5 features and 800 of 800 examples are skewed"
    (finding,) = result.findings
    assert finding.startswith("price: 800 examples differ (100.00%), probably because served is 100 times recomputed")
    assert [(value.name, value.value, value.threshold) for value in result.values] == [
        ("matched examples", 1.0, 0.95),
        ("skewed features", 1, 0),
        ("skewed examples", 1.0, 0.0),
    ]
    assert result.details["columns"][0]["skewed"] == 800


def test_labels_are_no_features(run, clean, put):
    flipped = put("member", ~np.asarray(clean["member"]))
    assert run(flipped, clean).outcome is Outcome.PASSED
    assert run(flipped, clean, 'columns = ["member"]\n').outcome is Outcome.FAILED


def test_options(run, clean, put):
    served = put("price", np.asarray(clean["price"]) * 1.001)
    assert run(served, clean).outcome is Outcome.FAILED
    assert run(served, clean, "tolerance = { price = 0.01 }\n").outcome is Outcome.PASSED
    assert run(served, clean, "tolerance = { number = 0.01 }\n").outcome is Outcome.PASSED
    assert run(served, clean, "limit = 1\n").outcome is Outcome.PASSED
    assert run(served, clean, 'ignore = "price"\n').outcome is Outcome.PASSED
    assert run(clean, clean.slice(0, 700)).outcome is Outcome.FAILED
    assert run(clean, clean.slice(0, 700), "matched = 0.8\n").outcome is Outcome.PASSED


def test_without_an_id(run, clean):
    with pytest.raises(ConfigError, match=r'mlscore.toml:3: the examples need an id.*add id = "…"'):
        run(clean, clean, data='[data]\nserving = "served.parquet"\n')


def test_the_training_code_may_be_a_function(tmp_path, clean, monkeypatch):
    pyarrow.parquet.write_table(clean, tmp_path / "served.parquet")
    (tmp_path / "recompute_again.py").write_text(
        "import pandas as pd\n\ndef again():\n"
        f"    frame = pd.read_parquet({str(tmp_path / 'served.parquet')!r})\n"
        "    frame['age'] -= 1\n    return frame\n",
        encoding="utf-8",
    )
    (tmp_path / "mlscore.toml").write_text(
        DATA + '[[check]]\nuse = "skew"\nrecomputed = "recompute_again:again"\n', encoding="utf-8"
    )
    config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
    (one,) = configured_checks(config)
    result = one.check.run(Context(tmp_path, config.data, one.options, date(2026, 11, 1)))
    assert result.findings == (
        "age: 800 examples differ (100.00%), probably because served is recomputed +1 (100% of those looked at)",
    )


MODE = 'mode = "distribution"\n'


def test_distributions(run, clean, put):
    result = run(clean.slice(0, 400), clean.slice(400), MODE)
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())
    assert "single examples: only distributions were compared" in result.unknown
    result = run(put("price", np.asarray(clean["price"]) * 100), clean, MODE)
    assert result.outcome is Outcome.FAILED
    assert [finding.partition(":")[0] for finding in result.findings] == ["price"]


def test_distributions_of_nothing_do_not_pass(run, clean):
    assert run(clean.slice(0, 0), clean, MODE).outcome is not Outcome.PASSED
    only = pa.table({"id": [1, 2], "other": [1, 2]})
    assert run(only, clean, MODE).outcome is not Outcome.PASSED


def test_its_module_is_light():
    import subprocess
    import sys

    code = (
        "import sys; import mlscore.checks.skew; print([m for m in ('numpy', 'duckdb', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_page_names_every_option():
    page = Path(__file__).parents[3] / "docs" / "data" / "skew.md"
    text = page.read_text(encoding="utf-8")
    assert all(f"`{option.name}`" in text for option in find_check("skew").options)
