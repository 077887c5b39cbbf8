"""The pytest plugin: options, marker, items, gate."""
