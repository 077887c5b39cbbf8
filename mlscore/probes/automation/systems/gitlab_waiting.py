"""GitLab CI: which jobs wait for a person, because a manual job stands before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.probes.automation.yaml_file import Items, Map, Text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAGES = ("build", "test", "deploy")
MAX_NEEDS = 40


@dataclass(frozen=True, slots=True)
class Start:
    """Whether a job starts for a pipeline's source: why not, whether it may fail, and whether a person must start it.

    A manual job that `blocks` holds up every later stage.
    """

    why_not: str | None
    may_fail: bool = False
    manual: bool = False
    blocks: bool = False


class Order:
    """The order of a pipeline's jobs: by stages, and by `needs` where a job has them."""

    def __init__(self, stages: list[Text], jobs: Mapping[str, Map]) -> None:
        names = [".pre", *(str(stage) for stage in stages or ()), *(() if stages else _STAGES), ".post"]
        self._index = {name: number for number, name in enumerate(names)}
        self._jobs = jobs

    def waits(self, name: str, starts: Mapping[str, Start], seen: tuple[str, ...] = ()) -> str | None:
        """Why a job of this name waits for a person, given how the pipeline's jobs start; None when it does not."""
        job = self._jobs[name]
        if "needs" in job:
            for needed in _needed(job):
                if needed not in starts or needed in seen or len(seen) >= MAX_NEEDS:
                    continue
                if starts[needed].manual:
                    return f"it needs `{needed}`, which a person must start (`when: manual`)"
                why = self.waits(needed, starts, (*seen, name))
                if why is not None:
                    return why
            return None
        stage = self._stage(job)
        before = (other for other, start in starts.items() if start.blocks and self._stage(self._jobs[other]) < stage)
        found = next(before, None)
        return f"`{found}` of an earlier stage blocks it until a person starts it (`when: manual`)" if found else None

    def _stage(self, job: Map) -> int:
        name = str(job.get("stage", "test"))
        return self._index.get(name, self._index.get("test", 1))


def _needed(job: Map) -> list[str]:
    """The names of the jobs of this pipeline that a job needs."""
    needs = job.get("needs")
    found: list[str] = []
    for entry in needs if isinstance(needs, Items) else [needs]:
        if isinstance(entry, Map):
            if "project" not in entry and "pipeline" not in entry:
                found.extend(map(str, texts(entry.get("job"))))
        else:
            found.extend(map(str, texts(entry)))
    return found
