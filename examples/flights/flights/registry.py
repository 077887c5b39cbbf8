"""Model versions on disk: add, promote, roll back, and the log of what served when.

A registry is a folder: `versions/0001/` with `model.skops` and `metadata.json`, and `promotions.jsonl`, whose last
line names the version that serves. Run `python -m flights.registry FOLDER show|promote N|rollback`.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flights.model import DelayModel, load, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RegistryError(LookupError):
    """The registry cannot do what was asked: no such version, or nothing to roll back to."""


class Registry:
    """Versions of the model in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "promotions.jsonl"

    def versions(self) -> list[int]:
        """Return the stored versions, oldest first."""
        return sorted(int(path.parent.name) for path in self.folder.glob("versions/*/metadata.json"))

    def add(self, model: DelayModel, metadata: Mapping[str, Any]) -> int:
        """Store a model as a new version, which does not serve yet; return its number."""
        version = max(self.versions(), default=0) + 1
        place = self._place(version)
        place.mkdir(parents=True, exist_ok=True)
        save(model, place / "model.skops")
        # The metadata come last: a version without them, left by a crash, does not count.
        (place / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
        return version

    def load(self, version: int) -> tuple[DelayModel, dict[str, Any]]:
        """Return a stored model and its metadata; raise `RegistryError` for an unknown version."""
        if version not in self.versions():
            raise RegistryError(f"no version {version} in {self.folder}; there are {self.versions() or 'none'}")
        place = self._place(version)
        return load(place / "model.skops"), json.loads((place / "metadata.json").read_text(encoding="utf-8"))

    def promotions(self) -> list[dict[str, Any]]:
        """Return what served when, oldest first."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def current(self) -> int | None:
        """Return the version that serves, None before the first promotion."""
        promotions = self.promotions()
        return promotions[-1]["version"] if promotions else None

    def promote(self, version: int, why: str) -> None:
        """Let a stored version serve from now on."""
        if version not in self.versions():
            raise RegistryError(f"no version {version} in {self.folder}; there are {self.versions() or 'none'}")
        line = {"version": version, "at": datetime.now(UTC).isoformat(timespec="seconds"), "why": why}
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def rollback(self) -> int:
        """Let the version serve that served before the current one first did; return its number."""
        order = [entry["version"] for entry in self.promotions()]
        if not order or order.index(order[-1]) == 0:
            raise RegistryError("no earlier version to roll back to")
        earlier = order[order.index(order[-1]) - 1]
        self.promote(earlier, f"rollback from {order[-1]}")
        return earlier

    def _place(self, version: int) -> Path:
        return self.folder / "versions" / f"{version:04}"


def main(argv: Sequence[str] | None = None) -> int:
    """Show the registry, promote a version or roll back; exit code 1 when that is impossible."""
    parser = argparse.ArgumentParser(prog="python -m flights.registry", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show", help="list the versions and which one serves")
    promote = commands.add_parser("promote", help="let a version serve")
    promote.add_argument("version", type=int)
    commands.add_parser("rollback", help="let the previous version serve again")
    options = parser.parse_args(argv)
    registry = Registry(options.folder)
    try:
        if options.command == "promote":
            registry.promote(options.version, "by hand")
        elif options.command == "rollback":
            registry.rollback()
    except RegistryError as error:
        print(f"flights: {error}")
        return 1
    for version in registry.versions():
        metadata = registry.load(version)[1]
        mark = "serves" if version == registry.current() else ""
        auc = metadata["evaluation"]["overall"]["roc_auc"]
        print(f"{version:>4}  ROC AUC {auc:.4f}  seed {metadata['seed']}  {mark}".rstrip())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
