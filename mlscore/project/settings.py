"""Every value of a configuration with its origin, as `mlscore config show` prints them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlscore.project.config import Config, Setting
from mlscore.project.keys import CONVENTIONS, DATA, GATE, MODEL, TABLES, TOP, Kind
from mlscore.project.layers import DEFAULT
from mlscore.project.redact import redact


def describe_settings(config: Config, origins: Mapping[str, str]) -> tuple[Setting, ...]:
    """The settings in the order in which the keys are documented, then people's statements.

    `origins` maps a key to where its value was found; a key that is not in it has its default.
    """
    values = _values(config)
    settings = []
    for table in (TOP, GATE, CONVENTIONS, DATA, MODEL):
        for key in TABLES[table]:
            if key.kind not in (Kind.TABLE, Kind.TABLES):
                name = f"{table}.{key.name}" if table else key.name
                settings.append(Setting(name, values[name], origins.get(name, DEFAULT)))
    return (*settings, *_statements(config))


def _values(config: Config) -> dict[str, object]:
    gate, conventions, data, model = config.gate, config.conventions, config.data, config.model
    return {
        "name": config.name,
        "rubric": config.rubric.id,
        "serving": config.serving,
        "profile": gate.profile,
        "fail-under": None if gate.fail_under is None else gate.fail_under.least,
        "strict": gate.strict,
        "attestations": tuple(_relative(path, config.root) for path in config.attestation_files),
        "baseline": _relative(config.baseline_path, config.root),
        "report": config.reports,
        "junit": config.junit,
        "pytest": config.pytest_args,
        "gate.on": gate.on,
        "gate.floors": tuple(f"{floor.section} {_points(floor.least)}" for floor in gate.floors),
        "gate.must-have": tuple(f"{must.item} {must.level}" for must in gate.must_have),
        "gate.partial": gate.partial,
        "gate.ratchet": gate.ratchet,
        "conventions.markers": conventions.markers,
        "conventions.docstrings": conventions.docstrings,
        "conventions.properties": conventions.properties,
        "conventions.names": conventions.names,
        "conventions.prefixes": tuple(f"{prefix} = {target}" for prefix, target in conventions.prefixes),
        **{f"data.{role}": _shown(data.sources.get(role)) for role in data.ROLES},
        "data.label": data.label,
        "data.id": data.id,
        "data.time": data.time,
        "data.memory-mb": data.memory_mb,
        "data.timeout": data.timeout,
        "data.engine": data.engine,
        **{f"model.{key.name}": getattr(model, key.name.replace("-", "_")) for key in TABLES[MODEL]},
        **{f"model.{name}": _shown(getattr(model, name)) for name in ("source", "previous", "train")},
    }


def _shown(source: str | tuple[str, ...] | None) -> object:
    if isinstance(source, tuple):
        return tuple(redact(word) for word in source)
    return None if source is None else redact(source)


def _statements(config: Config) -> list[Setting]:
    file = config.file.name if config.file else DEFAULT
    return [
        *(
            Setting(f"attestation {a.item}", f"{a.owner}, {a.date} to {a.expires}", str(a.location or file))
            for a in config.attestations
        ),
        *(
            Setting(f"waiver {w.item}", f"{w.reason.value}, {w.date} to {w.expires}", str(w.location or file))
            for w in config.waivers
        ),
        *(Setting(f"answer {a.test}", a.reason, str(a.location or file)) for a in config.answers),
        *(Setting(f"check {c.name or c.use}", c.item or c.use, str(c.location or file)) for c in config.checks),
    ]


def _points(points: object) -> str:
    from fractions import Fraction

    from mlscore.core.points import show

    return show(points) if isinstance(points, Fraction) else str(points)


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
