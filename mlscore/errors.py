"""Errors a person reads: what is wrong, where, and what to do; one exit code per kind."""

from __future__ import annotations

EXIT_OK = 0
EXIT_GATE_NOT_MET = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3

ISSUES_URL = "https://github.com/mlscore/mlscore/issues"


class MlscoreError(Exception):
    """Base of every error mlscore raises on purpose.

    `what` says what is wrong, `where` the file (and line) or option it is about (shown by its `str`), `hint` what to do.
    `str()` of the error is the one sentence a person reads.
    """

    exit_code = EXIT_INTERNAL

    def __init__(self, what: str, *, where: object | None = None, hint: str | None = None) -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where is not None else self.what
        return f"{text}; {self.hint}" if self.hint else text


class UsageError(MlscoreError):
    """The call, the configuration or an input file is wrong, and the user can mend it."""

    exit_code = EXIT_USAGE


class ConfigError(UsageError):
    """The configuration, an attestation, a waiver or a baseline is wrong."""


class RubricError(UsageError):
    """A rubric file is wrong."""


class InputError(UsageError):
    """A file given as evidence (JUnit XML, a report) cannot be read."""


class OutputError(UsageError):
    """A report or a file cannot be written where it should go."""


class InternalError(MlscoreError):
    """A failure of mlscore itself; the message says where to report it."""

    exit_code = EXIT_INTERNAL


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """`did you mean "data-1"?` for the nearest of `known`, or None when nothing is near."""
    # difflib is imported on the error path alone: it is not free at start-up.
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1, cutoff=0.6) or get_close_matches(
        word.lower().replace("_", "-"), known, n=1, cutoff=0.6
    )
    return f'did you mean "{near[0]}"?' if near else None
