"""Words of control flow: how a block is left, and places where control never comes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .finding import Flaw


class Role(Enum):
    """Whose function is walked: the test itself, a helper of the tests, a fixture, or code under test."""

    TEST = auto()
    HELPER = auto()
    FIXTURE = auto()
    CODE = auto()


class End(Enum):
    """How control always leaves a block; NONE: it may go on."""

    NONE = auto()
    RETURN = auto()
    RAISE = auto()
    SKIP = auto()
    LOOP = auto()


@dataclass(frozen=True, slots=True)
class Dead:
    """Control never comes here; a check inside becomes this flaw."""

    flaw: Flaw
