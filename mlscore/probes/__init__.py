"""Probes: they read the repository's files, run nothing of it, and yield findings."""
