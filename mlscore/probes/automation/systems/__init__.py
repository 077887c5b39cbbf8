"""CI systems: one file each, from the system's own files to the pytest runs that they start."""
