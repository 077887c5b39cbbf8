"""Checks that run against the project's data, models, pipelines and servers; each is a plain function as well."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# The plain functions and what they take, imported when they are asked for: a check is light until it runs.
_HOMES = {
    "Direction": "metamorphic.relations",
    "Invariance": "metamorphic.relations",
    "Places": "lead_time.measure",
    "Production": "lead_time.measure",
    "RowOrder": "metamorphic.relations",
    "Symmetry": "metamorphic.relations",
    "audit_grants": "privacy.grants",
    "audit_modes": "privacy.modes",
    "check_benefit": "benefit.judge",
    "check_contract": "upstream.compare",
    "check_cost": "cost.judge",
    "check_fairness": "fairness.judge",
    "check_feature_code": "feature_code.check",
    "check_features": "policy.judge",
    "check_integration": "integration.judge",
    "check_invariants": "schema.invariants",
    "check_metamorphic": "metamorphic.judge",
    "check_model_spec": "model_spec.judge",
    "check_online": "online.judge",
    "check_provenance": "provenance.judge",
    "check_quality": "quality_gate.judge",
    "check_report": "reports.judge",
    "check_reproducible": "reproducible.judge",
    "check_schema": "schema.check",
    "check_simpler": "simpler.judge",
    "check_skew": "skew.exact",
    "check_skew_distribution": "skew.distribution",
    "check_slices": "slices.judge",
    "check_stability": "stability.judge",
    "check_staleness": "staleness.judge",
    "check_tuning": "tuning.judge",
    "check_trace": "trace.judge",
    "compare_dependencies": "upstream.dependencies",
    "detect_drift": "drift.detect",
    "diff_schemas": "schema.diff",
    "find_erased": "privacy.erasure",
    "find_personal_data": "privacy.personal",
    "find_proxies": "policy.proxies",
    "flip_attribute": "fairness.flips",
    "group_metrics": "fairness.groups",
    "infer_schema": "schema.infer",
    "measure_anonymity": "privacy.anonymity",
    "measure_lead_times": "lead_time.measure",
    "measure_power": "schema.power",
    "pipeline_features": "policy.pipeline",
    "read_contracts": "upstream.contract",
    "read_feast": "policy.feast",
    "read_feature_list": "policy.features",
    "read_pairs": "online.read",
    "read_policy": "policy.rules",
    "read_report": "reports.read",
    "read_schema": "schema.read",
    "read_staleness": "staleness.kept",
    "write_staleness": "staleness.kept",
    "write_variants": "online.variants",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
