"""What a running check is given: the project's root, data and model, its own options, the day, and word of progress."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.config import DataSettings, ModelSettings
from mlscore.project.redact import redact

if TYPE_CHECKING:
    from mlscore.predictors.predictor import Predictor
    from mlscore.tables.shapes import Progress, TableOptions
    from mlscore.tables.table import Table


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one check. `where` names the check's place in the configuration, for errors.

    `item` is the rubric's item that it is to be evidence for; None where a check is run by itself.
    """

    root: Path
    data: DataSettings
    options: Mapping[str, object]
    today: date
    where: object | None = None
    progress: Callable[[Progress], None] | None = field(default=None, compare=False)
    model: ModelSettings = ModelSettings()
    item: str | None = None

    def text(self, name: str) -> str | None:
        """A text among the options; None when it is left out."""
        value = self.options.get(name)
        return None if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of an option."""
        value = self.options.get(name)
        return tuple(str(one) for one in value) if isinstance(value, tuple) else ()

    def number(self, name: str) -> float | None:
        """A number among the options; None when it is left out."""
        value = self.options.get(name)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def source(self, name: str) -> object:
        """What the option, a SOURCE, leads to: a frame or text for `open_table`.

        Raises ConfigError when neither it nor the role of its name is configured, or when a callable cannot be called.
        """
        given = self.text(name) or name
        return resolve_source(given, self.data, self.root, where=self.where)

    @property
    def limits(self) -> TableOptions:
        """What reading a table of one's own may take: memory, time, and whom it tells of its progress."""
        from mlscore.tables.shapes import TableOptions

        return TableOptions(memory_mb=self.data.memory_mb, timeout=self.data.timeout, progress=self.progress)

    @property
    def reading(self) -> TableOptions:
        """The same for the project's own data: files are read by the engine that is configured."""
        return replace(self.limits, engine=self.data.engine)

    def table(self, name: str) -> Table:
        """The table that the option, a SOURCE, leads to. Raises ConfigError and InputError."""
        return self._opened(self.source(name))

    def opened(self, given: str) -> Table:
        """The table of a source that is not an option's: a role, a path, a URL, a function. Raises as `table` does."""
        return self._opened(resolve_source(given, self.data, self.root, where=self.where))

    def _opened(self, source: object) -> Table:
        from mlscore.tables.table import open_table

        return open_table(source, options=self.reading)

    def predictor(self, *, previous: bool = False) -> Predictor:
        """The project's model, or its previous release; to be closed, best by `with`.

        Raises ConfigError where none is configured, and InputError and UsageError where it cannot be opened.
        """
        from mlscore.predictors.predictor import open_predictor

        key = "previous" if previous else "source"
        source = self.model.previous if previous else self.model.source
        if source is None:
            what = "previous release of the model" if previous else "model"
            raise ConfigError(
                f"no {what} is configured", where=self.where, hint=f'add {key} = "…" to [tool.mlscore.model]'
            )
        return open_predictor(
            replace(self.model, source=source), self.root, where=self.model.at(key), progress=self._rows_done
        )

    def _rows_done(self, done: int, rows: int) -> None:
        if self.progress is not None:
            from mlscore.tables.shapes import Progress

            self.progress(Progress(f"predicting {rows:,} rows", done / rows))


def resolve_source(given: str, data: DataSettings, root: Path, *, where: object | None = None) -> object:
    """What a source's text leads to: a role's own source, what "package.module:callable" returns, or a path under `root`.

    Raises ConfigError when a role is not configured, and when a callable cannot be imported or fails.
    """
    if given in data.ROLES:
        configured = data.sources.get(given)
        if configured is None:
            raise ConfigError(
                f'the data role "{given}" is not configured',
                where=where,
                hint=f'add {given} = "…" to [tool.mlscore.data], or name a source here',
            )
        given = configured
    given = expanded(given, where)
    if not given.strip():
        raise ConfigError("the source of data is empty", where=where, hint="name a path, a URL or a function")
    module, colon, name = given.partition(":")
    if colon and not name.startswith("/") and all(part.isidentifier() for part in (*module.split("."), name)):
        return _called(module, name, root, where)
    if "://" in given or os.path.isabs(given):
        return given
    near = did_you_mean(given, data.ROLES) if "/" not in given and "." not in given else None
    if near and not (root / given).exists():
        raise ConfigError(f'there is no data role and no file "{given}"', where=where, hint=near)
    return str(root / given)


def expanded(given: str, where: object | None = None) -> str:
    """The text with each `${NAME}` replaced by that environment variable. Raises ConfigError for one that is not set.

    So a password need not stand in a file.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ConfigError(
                f"the environment variable {name} is not set", where=where, hint="set it, or write a path"
            )
        return os.environ[name]

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, given)


def _called(module: str, name: str, root: Path, where: object | None) -> object:
    """What the project's own function returns: a frame, or a text that names a source."""
    with importable(root):
        try:
            function = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise ConfigError(redact(f"{module}:{name} cannot be imported: {error}"), where=where) from None
        except Exception as error:  # the module's own code
            said = redact(f"{module}:{name} cannot be imported: {type(error).__name__}: {error}")
            raise ConfigError(said, where=where) from None
        try:
            return function()
        except Exception as error:
            # Not chained: what a driver says of a connection may hold its password.
            said = redact(f"{module}:{name} failed: {type(error).__name__}: {error}")
            raise ConfigError(said, where=where) from None


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Make the project's modules importable, from its root and its `src` folder, for as long as the block lasts."""
    added = [str(folder) for folder in (root, root / "src") if folder.is_dir() and str(folder) not in sys.path]
    sys.path[:0] = added
    try:
        yield
    finally:
        for folder in added:
            if folder in sys.path:
                sys.path.remove(folder)
