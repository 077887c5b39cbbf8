"""mlscore: the ML Test Score, computed from evidence, in CI."""

# A constant, not a metadata look-up: importing importlib.metadata costs more than the whole start-up budget.
__version__ = "0.1.0"
