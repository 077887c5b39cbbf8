"""Nouns and pure logic: no file, clock, environment or network; standard library only."""
