"""A test suite read without running it, and what its tests mean to the rubric."""
