"""Drift between a reference and current data, with thresholds that the reference itself calibrates."""
