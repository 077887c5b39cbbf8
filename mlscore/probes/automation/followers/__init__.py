"""Followers: one file per tool or kind of file that a command may lead into."""
