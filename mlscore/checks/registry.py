"""Every kind of check: found by walking this package, and from outside by the entry points `mlscore.checks`."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from mlscore.checks.base import Check
from mlscore.errors import ConfigError, did_you_mean

GROUP = "mlscore.checks"


@cache
def known_checks() -> dict[str, Check]:
    """The kinds of checks by id.

    A module or package in `mlscore.checks` tells its own by a tuple `CHECKS`; an installed distribution by an entry point
    that leads to a Check or a tuple of them. Raises ConfigError when two have one id, or when an entry point leads nowhere.
    """
    found: dict[str, Check] = {}
    for check, origin in (*_own(), *_foreign()):
        if check.id in found:
            raise ConfigError(
                f'two checks are called "{check.id}"', where=origin, hint="give one of them another id, or uninstall it"
            )
        found[check.id] = check
    return found


def find_check(id_: str, *, where: object | None = None) -> Check:
    """The kind of check of that id. Raises ConfigError at `where` when there is none."""
    known = known_checks()
    if id_ in known:
        return known[id_]
    near = did_you_mean(id_, tuple(known))
    listed = f"the checks are {', '.join(known)}"
    raise ConfigError(f'there is no check "{id_}"', where=where, hint=f"{near} ({listed})" if near else listed)


def _own() -> Iterator[tuple[Check, str]]:
    import mlscore.checks as package

    for module in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{module.name}"
        for check in getattr(import_module(name), "CHECKS", ()):
            yield check, name


def _foreign() -> Iterator[tuple[Check, str]]:
    # Imported when checks are asked for: it is the dearest of the standard library's modules.
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        origin = f"entry point {point.name} of {point.dist.name if point.dist else 'an unknown distribution'}"
        try:
            given = point.load()
        except Exception as error:
            raise ConfigError(
                f"it cannot be loaded: {type(error).__name__}: {error}", where=origin, hint="mend or uninstall it"
            ) from None
        for check in (given,) if isinstance(given, Check) else given:
            if not isinstance(check, Check):
                raise ConfigError(f"it leads to a {type(check).__name__}, not to a check", where=origin)
            yield check, origin
