"""Versions are kept, promoted and rolled back."""

from __future__ import annotations

import json

import pytest
from flights.model import DelayModel
from flights.registry import Registry, RegistryError, main


@pytest.fixture
def registry(tmp_path) -> Registry:
    """Three versions, promoted one after the other; the models are plain numbers."""
    filled = Registry(tmp_path)
    for number in (1, 2, 3):
        metadata = {"seed": number, "evaluation": {"overall": {"roc_auc": 0.7 + number / 100}}}
        filled.promote(filled.add(DelayModel(number), metadata), "passed the gate")
    return filled


def test_the_last_promotion_serves(registry):
    assert registry.current() == 3
    assert registry.load(2)[0] == DelayModel(2)


def test_rolling_back_goes_further_back_each_time_and_then_stops(registry):
    assert [registry.rollback(), registry.rollback()] == [2, 1]
    assert registry.current() == 1
    with pytest.raises(RegistryError, match="no earlier version"):
        registry.rollback()


def test_every_promotion_is_logged(registry):
    registry.rollback()
    assert [(entry["version"], entry["why"]) for entry in registry.promotions()][-2:] == [
        (3, "passed the gate"),
        (2, "rollback from 3"),
    ]


def test_a_version_left_half_written_does_not_count(registry):
    (registry.folder / "versions/0004").mkdir()
    assert registry.versions() == [1, 2, 3]
    with pytest.raises(RegistryError, match="no version 4"):
        registry.promote(4, "by hand")


def test_an_empty_registry_serves_nothing(tmp_path):
    assert Registry(tmp_path).current() is None
    with pytest.raises(RegistryError, match="no earlier version"):
        Registry(tmp_path).rollback()


def test_the_command_shows_promotes_and_rolls_back(registry, capsys):
    assert main([str(registry.folder), "rollback"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "   2  ROC AUC 0.7200  seed 2  serves"
    assert main([str(registry.folder), "promote", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[2].endswith("serves")
    assert main([str(registry.folder), "promote", "9"]) == 1
    assert "no version 9" in capsys.readouterr().out
    assert json.loads((registry.folder / "promotions.jsonl").read_text().splitlines()[-1])["version"] == 3
