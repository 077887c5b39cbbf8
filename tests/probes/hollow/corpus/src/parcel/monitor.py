"""Watches the served model."""

import logging

import numpy as np

log = logging.getLogger(__name__)


def psi(expected, actual, bins=10):
    edges = np.quantile(expected, np.linspace(0, 1, bins + 1))
    before = np.histogram(expected, edges)[0] / len(expected) + 1e-6
    after = np.histogram(actual, edges)[0] / len(actual) + 1e-6
    return float(np.sum((after - before) * np.log(after / before)))


def alert(figure, limit, send):
    if figure > limit:
        send(f"{figure} is over {limit}")
        return True
    return False


def log_drift(expected, actual):
    log.warning("drift %s", psi(expected, actual))
