"""Values as a report may show them: what looks personal is shown by its shape alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlscore.tables.shapes import Scalar

MOST = 3
_LONG = 40
_DIGITS = 6  # more digits in one value may be a telephone, a card or an identity number
_NAMES = re.compile(
    r"name|nombre|apellido|mail|correo|phone|telef|movil|mobile|fax|address|direccion|domicilio|street|calle|iban|account"
    r"|cuenta|card|tarjeta|passport|pasaporte|\bdni\b|\bnif\b|\bnie\b|ssn|social|birth|nacim|\bdob\b|\bip\b|user|patient|paciente"
    r"|login|password|secret|token",
    re.IGNORECASE,
)
_CODE = re.compile(r"[^\s@]{1,24}")


def shown(column: str | None, values: Iterable[Scalar], most: int = MOST) -> tuple[str, ...]:
    """At most `most` different values, each as it is or, when it may be personal, by its shape."""
    personal = column is not None and _NAMES.search(column.replace("_", " ")) is not None
    texts = dict.fromkeys(_one(value, personal) for value in values)
    return tuple(list(texts)[:most])


def shape(text: str) -> str:
    """A text by its shape: letters as A or a, digits as 9, all else as it is; long ones cut."""
    said = "".join(
        "9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c if c.isprintable() else "?"
        for c in text
    )
    return f"like {said[:_LONG]}{'…' if len(said) > _LONG else ''}"


def _one(value: Scalar, personal: bool) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if not personal else shape(f"{value:g}")
    text = str(value)
    digits = sum(c.isdigit() for c in text)
    if isinstance(value, int):
        return shape(text) if personal or digits > _DIGITS else text
    # Times have many digits and name nobody.
    if re.fullmatch(r"\d{4}-\d\d-\d\d([T ][\d:.]+([+-][\d:]+|Z)?)?", text) and not personal:
        return repr(text)
    if not text:
        return "''"
    return (
        repr(text)
        if not personal and digits <= _DIGITS and _CODE.fullmatch(text) and text.isprintable()
        else shape(text)
    )
