"""What is found of two trainings: what differs, by how much, and what makes the difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Factor(StrEnum):
    """What a training may depend on beside its code and data."""

    SEED = "seed"
    HASH_SEED = "PYTHONHASHSEED"
    THREADS = "thread count"
    ORDER = "order of files"
    CLOCK = "clock"
    FOLDER = "folder"


ADVICE = {
    Factor.SEED: "a random generator has no seed: pass random_state= or a seeded generator on to everything that draws",
    Factor.HASH_SEED: "the order of a set or of hashes counts: sort first, or set PYTHONHASHSEED for the command",
    Factor.THREADS: "sums are added up in another order: pin the number of threads (OMP_NUM_THREADS, n_jobs)",
    Factor.ORDER: "files are read in the order the file system lists them: sort the listing",
    Factor.CLOCK: "the date or the time goes into the model: pass it as an argument",
    Factor.FOLDER: "the path of the working folder goes into the model",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """How two artefacts differ: in `bytes` of the file, in `parameters`, in `predictions`."""

    level: str
    says: str


@dataclass(frozen=True, slots=True)
class ReproducibleReport:
    """Two trainings compared.

    `seconds` of each, `digests` of their artefacts. `parameters` is how many arrays were compared, `rows` how many
    predictions; None where the model does not show them. `causes` make a difference when varied
    alone. `tried` are all that were varied. `stuck` says why the search found none.
    """

    seconds: tuple[float, ...]
    digests: tuple[str, ...]
    parameters: int | None
    rows: int | None
    differences: tuple[Difference, ...] = ()
    causes: tuple[Factor, ...] = ()
    tried: tuple[Factor, ...] = ()
    stuck: str | None = None
    not_judged: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the two are the same model: bytes alone may differ where parameters and predictions were compared."""
        deep = self.parameters is not None or self.rows is not None
        return not any(one.level != "bytes" or not deep for one in self.differences)
