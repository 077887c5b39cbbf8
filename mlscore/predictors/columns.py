"""The columns a model is given: those it names, in its order, and one sentence where they are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.errors import ConfigError, InputError, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa


def check_features(
    configured: tuple[str, ...], own: tuple[str, ...], width: int | None, where: object | None
) -> tuple[str, ...]:
    """The features: the model's own names, or the configured ones where it has none; empty means all columns.

    Raises ConfigError when both are there and differ, in number, names or order.
    """
    wanted = len(own) or width
    if configured and wanted is not None and len(configured) != wanted:
        raise ConfigError(
            f"{len(configured)} features are configured, and the model takes {wanted}",
            where=where,
            hint=f"it takes {_listed(own)}" if own else "name those it was trained on, in that order",
        )
    if not configured or not own or configured == own:
        return own or configured
    strangers = [name for name in configured if name not in own]
    if strangers:
        near = did_you_mean(strangers[0], own)
        raise ConfigError(
            f'the model has no feature "{strangers[0]}"', where=where, hint=near or f"it takes {_listed(own)}"
        )
    place = next(n for n, (a, b) in enumerate(zip(configured, own, strict=True)) if a != b)
    raise ConfigError(
        f'the features are in another order than the model\'s: number {place + 1} is "{configured[place]}", and the model '
        f'takes "{own[place]}" there',
        where=where,
        hint="leave features out: the model knows its own",
    )


def select(rows: pa.Table, features: tuple[str, ...], width: int | None = None) -> pa.Table:
    """The features of the rows, in the model's order; all columns where nobody names any.

    Raises InputError where they are missing, or where a model without names takes another number (`width`).
    """
    if not features:
        if width is not None and rows.num_columns != width:
            raise InputError(
                f"the model takes {width} columns, and the rows have {rows.num_columns}",
                hint='name the columns, in the order of training: features = ["…"] in [tool.mlscore.model]',
            )
        return rows
    names = rows.column_names
    missing = [name for name in features if name not in names]
    if missing:
        near = did_you_mean(missing[0], names)
        what = (
            f'the rows have no column "{missing[0]}"'
            if len(missing) == 1
            else f"the rows lack {_listed(tuple(missing))}"
        )
        raise InputError(f"{what}, which the model takes", hint=near or f"they have {_listed(tuple(names))}")
    doubled = next((name for name in features if names.count(name) > 1), None)
    if doubled is not None:
        raise InputError(f'the rows have two columns "{doubled}"', hint="rename one of them")
    return rows.select(list(features))


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown
