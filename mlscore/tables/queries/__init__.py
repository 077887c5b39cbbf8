"""The questions asked of a table, each written once in DuckDB's SQL; `mlscore.tables.dialects` carries them elsewhere."""
