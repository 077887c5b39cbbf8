"""The catalogue: what is in it, how one is found, and what other packages add."""

import subprocess
import sys
from dataclasses import dataclass, fields
from importlib.metadata import EntryPoint
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import mlscore.faults
from mlscore.errors import UsageError
from mlscore.faults import CellFault, ColumnKind, catalogue, every_fault, fault

# What the catalogue is promised to hold.
ASKED = set(
    """
    nulls default-value unit-change sign-flip scale swapped-columns constant stale lagged-join
    duplicated-rows lost-slice lost-day new-category changed-case truncated-text mojibake
    time-zone-shift day-month-swap decimal-comma lost-separator integer-cast clipped-range label-leak
    sampling-bias noise outliers shuffled padding precision-loss
    """.split()  # noqa: SIM905 - a list of words reads better
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(CellFault):
    """Text from right to left."""

    id: ClassVar[str] = "reversed"
    title: ClassVar[str] = "Reversed text"
    does: ClassVar[str] = "Writes text from right to left."
    incident: ClassVar[str] = "A label printer's driver mixes up two writing systems."
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset({ColumnKind.TEXT})
    phrase: ClassVar[str] = "from right to left"

    def altered(self, table, values, random):
        return pc.utf8_reverse(values.array)


MANY = (Reversed(share=0.5),)
WORD = "nulls"


@pytest.fixture
def offered(monkeypatch):
    """Entry points as if other packages had them."""

    def offer(**points):
        made = [EntryPoint(name, value, "mlscore.faults") for name, value in points.items()]
        monkeypatch.setitem(sys.modules, "others", sys.modules[__name__])
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: made if group == "mlscore.faults" else [])

    return offer


def test_everything_asked_for_is_there():
    ids = [each.id for each in catalogue()]
    assert len(ids) == len(set(ids)) >= 24
    assert set(ids) >= ASKED


@pytest.mark.parametrize("each", catalogue(), ids=str)
def test_every_fault_is_documented(each):
    assert str(each) == each.id
    assert each.title
    assert not each.title.endswith(".")
    for text in (each.does, each.incident):
        assert text.endswith(".")
        assert len(text) > 40
    assert type(each).__doc__
    assert all(field.metadata["help"] for field in fields(each))
    assert each in each.variants()
    assert len({str(variant) for variant in each.variants()}) == len(each.variants())
    assert fault(each.id) == each


def test_an_unknown_fault_is_answered_with_the_nearest(offered):
    offered()
    with pytest.raises(UsageError, match='there is no fault "null"; did you mean "nulls"'):
        fault("null")
    with pytest.raises(UsageError, match=r"mlscore.faults.catalogue\(\) lists them"):
        fault("qqq")


def test_an_unknown_setting_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match='"nulls" has no setting "shar"; did you mean "share"'):
        fault("nulls", shar=0.1)
    with pytest.raises(UsageError, match='"lost-column" has no setting "share"; it has none'):
        fault("lost-column", share=0.1)


@pytest.mark.parametrize(("value", "share"), [("others:Reversed", 1.0), ("others:MANY", 0.5)])
def test_another_package_offers_a_fault(offered, value, share):
    offered(reversed=value)
    assert "reversed" not in {each.id for each in catalogue()}
    assert catalogue(installed=True) == (*catalogue(), Reversed(share=share))
    injected = fault("reversed", share=1.0).apply(pa.table({"a": ["abc", None]}), columns="a")
    assert injected.table["a"].to_pylist() == ["cba", None]
    assert injected.description == '"a": 1 of 1 value from right to left'


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("others:missing", "cannot be loaded: AttributeError"),
        ("no_such_module:X", "cannot be loaded: ModuleNotFoundError"),
        ("others:WORD", "names str, not a mlscore.faults.Fault"),
        ("others:CellFault", "names a fault that cannot be made"),
    ],
)
def test_an_entry_point_that_is_no_fault_is_named(offered, value, why):
    offered(broken=value)
    with pytest.raises(UsageError, match=rf'the entry point "broken" \({value}\) of the group mlscore.faults {why}'):
        catalogue(installed=True)


def test_a_second_fault_of_one_id_is_refused(offered):
    offered(a="others:Reversed", b="others:MANY")
    with pytest.raises(UsageError, match=r'the entry point "b" .* brings a second fault "reversed"'):
        catalogue(installed=True)


def test_importing_the_room_imports_nothing_heavy_and_own_faults_no_metadata():
    code = (
        "import sys, mlscore.faults; print('pyarrow' in sys.modules, 'numpy' in sys.modules);"
        "before = set(sys.modules); mlscore.faults.fault('nulls').variants(); mlscore.faults.catalogue();"
        "print('mlscore.faults.registry' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def test_own_faults_are_found_without_reading_the_installed_packages(monkeypatch):
    def never(**_):
        raise AssertionError("read the installed packages")

    monkeypatch.setattr("importlib.metadata.entry_points", never)
    assert fault("nulls").id == "nulls"
    assert every_fault(pa.table({"a": [1, 2]}))
    assert len(catalogue()) > 24
    with pytest.raises(AssertionError, match="read the installed packages"):
        catalogue(installed=True)


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['pyarrow'] = None\nfrom mlscore.faults import catalogue"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'UsageError: faults need pyarrow; pip install "ml-test-score[data]"' in done.stderr


def test_every_public_name_is_there():
    for name in mlscore.faults.__all__:
        assert getattr(mlscore.faults, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mlscore.faults.nothing
