"""Environments of their own for tools that cannot live beside today's libraries: built from pins, kept, removed."""
