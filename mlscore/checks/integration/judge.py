"""Running a pipeline in a clean folder, stage by stage, and once more; and judging what each stage left."""

from __future__ import annotations

import hashlib
import os
import shlex
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlscore.checks.commands import Finished, program_of, run_command
from mlscore.checks.integration import clean
from mlscore.checks.integration.outputs import judge_outputs
from mlscore.checks.integration.shapes import Finding, Gate, IntegrationReport, Kind, Output, Stage, StageRun
from mlscore.checks.integration.surroundings import Surroundings, times
from mlscore.errors import ConfigError
from mlscore.predictors.sources import digest_of, size_of
from mlscore.project.redact import redact

Say = Callable[[str, float], None]
Put = Callable[[Path], str]  # puts a sample into the clean folder, and says what it put where
Prove = Callable[[Path], Gate]  # judges the model that was made in the clean folder

_LINES = 5
_WIDTH = 200
_CHUNK = 1 << 20


def check_integration(
    stages: Sequence[Stage],
    root: Path,
    *,
    files: Sequence[str] = (),
    inputs: Sequence[str] = (),
    sample: Put | None = None,
    prepare: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    timeout: float = 600.0,
    twice: bool = True,
    gate: Prove | None = None,
    copy_mb: int = 2000,
    where: object | None = None,
    say: Say = lambda what, share: None,
) -> IntegrationReport:
    """Run the stages one after the other in a clean copy of the project at `root`, and judge what each of them left.

    The copy holds the `files`, by default those that git tracks, and the `inputs` besides; nothing of what a stage makes.
    `sample` puts a small sample in place. `prepare` is a command that is run in the copy before everything else.
    `environment` is added to the run's own, in which HOME is empty. A stage takes `timeout` seconds at most: what it
    started is ended then. With `twice`, all stages run once more over what is there. `gate` judges the model that was made.

    Raises ConfigError where a file is not there, where two stages make the same file or one makes what a stage before it
    needs, and where a stage's program is not installed.
    """
    _agree(stages, where)
    root = root.resolve()
    with tempfile.TemporaryDirectory(prefix="mlscore-", ignore_cleanup_errors=True) as name:
        run = _Run(stages, root, Surroundings(Path(name).resolve(), root, environment or {}), timeout, where, say)
        chosen = clean.listed(root, files, where) if files else clean.tracked(root, where)
        chosen = tuple(dict.fromkeys((*chosen, *clean.listed(root, inputs, where))))
        count, left = clean.copy(root, run.place, chosen, copy_mb, where)
        run.notes += left
        run.clear()
        put = None if sample is None else sample(run.place)
        run.sampled = sample is not None
        run.agrees_with_sample()
        if prepare:
            run.prepare(prepare)
        first = run.through(total=len(stages) * (2 if twice else 1))
        again: list[StageRun] = []
        judged: Gate | None = None
        if not run.stopped:
            judged = _gated(gate, run)
            again = run.once_more() if twice else []
        return IntegrationReport(
            files=count,
            sample=put,
            stages=tuple(first),
            again=tuple(again),
            not_run=tuple(run.not_run),
            findings=tuple(run.found),
            gate=judged,
            environment=run.around.stated,
            unknown=tuple(run.unknown),
            notes=tuple(run.notes),
            hollow=None if any(stage.makes for stage in stages) else _NOTHING_MADE,
        )


_NOTHING_MADE = "no stage says what it makes, so that one that writes nothing would pass"


def _agree(stages: Sequence[Stage], where: object | None) -> None:
    """Raise ConfigError where the stages contradict each other."""
    if not stages:
        raise ConfigError("the pipeline has no stage", where=where, hint="name its stages")
    maker: dict[str, str] = {}
    for stage in stages:
        for name in stage.makes:
            if name in maker:
                raise ConfigError(
                    f"{name} is made by two stages, {maker[name]} and {stage.name}: two runs would write the same file",
                    where=where,
                    hint="let each write its own",
                )
            maker[name] = stage.name
            if name in stage.needs:
                raise ConfigError(
                    f"the stage {stage.name} both needs and makes {name}", where=where, hint="let it write another file"
                )
    done: set[str] = set()
    for stage in stages:
        late = next((name for name in stage.needs if name in maker and maker[name] not in done), None)
        if late is not None:
            raise ConfigError(
                f"the stage {stage.name} needs {late}, which {maker[late]} makes after it",
                where=where,
                hint="put the stages into the order in which they run",
            )
        done.add(stage.name)


def _gated(gate: Prove | None, run: _Run) -> Gate | None:
    if gate is None:
        run.unknown.append("whether the result is good enough: no gate is configured")
        return None
    run.say("judging the model", 0.5)
    judged = gate(run.place)
    if not judged.passed:
        run.found.append(Finding(Kind.GATE, f"{judged.model} does not pass the quality gate: {judged.summary}"))
    elif judged.hollow is not None:
        run.unknown.append(f"whether the result is good enough: {judged.hollow}")
    return judged


class _Run:
    """One pipeline in its clean folder."""

    def __init__(
        self, stages: Sequence[Stage], root: Path, around: Surroundings, timeout: float, where: object | None, say: Say
    ) -> None:
        self._stages = stages
        self._root = root
        self.around = around
        self._timeout = timeout
        self._where = where
        self.say = say
        self.place = around.place
        self.found: list[Finding] = []
        self.unknown: list[str] = []
        self.notes: list[str] = []
        self.not_run: list[str] = []
        self.stopped = False
        self._made: dict[str, Output] = {}
        self.sampled = False
        self._own = times(root)

    def clear(self) -> None:
        """Take away what stages make, where it was copied: it shall be what this run made."""
        gone = [name for stage in self._stages for name in stage.makes if clean.remove(self.place / name)]
        if gone:
            self.notes.append(f"removed from the copy before the run, since stages make them: {', '.join(gone)}")

    def agrees_with_sample(self) -> None:
        """Raise ConfigError where the sample stands for what a stage makes."""
        for stage in self._stages:
            for name in stage.makes:
                if os.path.lexists(self.place / name):
                    hint = "put the sample where the first stage looks for its data"
                    raise ConfigError(
                        f"the sample is at {name}, which {stage.name} makes", where=self._where, hint=hint
                    )

    def prepare(self, command: Sequence[str]) -> None:
        """Run a command before the first stage. Raises ConfigError where it fails."""
        done = self._command(Stage("prepare", tuple(command), environment=self._stages[0].environment))[0]
        if done.code != 0:
            raise ConfigError(
                f"{shlex.join(command)} {done.ended}{self._words(done)}", where=self._where, hint="run it by itself"
            )

    def through(self, total: int) -> list[StageRun]:
        """Run each stage and judge what it left; what follows on a stage that failed is not run."""
        since = time.time()
        runs: list[StageRun] = []
        for number, stage in enumerate(self._stages):
            self.say(f"running {stage.name}", number / total)
            lacking = self._lacking(stage)
            if lacking:
                self.found += lacking
                self.not_run = [one.name for one in self._stages[number:]]
                self.stopped = True
                break
            given = {name: digest_of(self.place / name) for name in stage.needs}
            done, found = self._command(stage)
            made: list[Output] = []
            if done.code == 0:
                made, wrong = judge_outputs(stage, self.place, since, given, (self.around.place, self._root))
                self.found += [*wrong, *found, *self._kept(stage, given)]
            else:
                kind = Kind.HUNG if done.code is None else Kind.FAILED
                self.found += [Finding(kind, f"{done.ended}{self._words(done)}", stage.name), *found]
            self._made |= {one.path: one for one in made}
            self.unknown += [
                f"whether {stage.name} made {one.path}: it equals the one in the project's own folder, byte for byte"
                for one in made
                if self.sampled and _is_same(one, self._root / one.path)
            ]
            command = redact(shlex.join(stage.command), self.around.secrets)
            runs.append(StageRun(stage.name, command, done.code, round(done.seconds, 3), tuple(made)))
            if done.code != 0:
                self.not_run = [one.name for one in self._stages[number + 1 :]]
                self.stopped = True
                break
        return runs

    def once_more(self) -> list[StageRun]:
        """Run all stages again over what they made: nothing may fail, vanish, or be added to."""
        runs: list[StageRun] = []
        for number, stage in enumerate(self._stages):
            self.say(f"running {stage.name} once more", 0.5 + number / (2 * len(self._stages)))
            before = {name: self._made[name] for name in stage.makes if name in self._made}
            done, found = self._command(stage)
            if done.code != 0:
                says = f"a second run over what the first one left {done.ended}{self._words(done)}"
                self.found += [Finding(Kind.AGAIN, says, stage.name)]
            else:
                found += [Finding(Kind.AGAIN, says, stage.name) for says in _again(before, self.place)]
            command = redact(shlex.join(stage.command), self.around.secrets)
            runs.append(StageRun(stage.name, command, done.code, round(done.seconds, 3)))
            self.found += found
            if done.code != 0:
                break
        return runs

    def _command(self, stage: Stage) -> tuple[Finished, list[Finding]]:
        """Run the stage's command; how it ended, and what is wrong with that and with where it read and wrote."""
        environment, log = self.around.variables(stage.environment)
        folder = self.place / stage.folder
        if not folder.is_dir():
            raise ConfigError(f'the stage {stage.name} runs in "{stage.folder}", which is not there', where=self._where)
        since = time.time()
        done = run_command(program_of(stage.command, folder, self._where), folder, self._timeout, environment)
        found = []
        if done.left:
            says = f"it left processes running, which were ended: {', '.join(done.left)}"
            found.append(Finding(Kind.LEFT, says, stage.name))
        found += self.around.opened(log, stage.name, since)
        found += self.around.beside(stage.name)
        now = times(self._root)
        changed = self.around.changed(self._own, now)
        self._own = now
        if changed:
            more = f" and {len(changed) - _LINES} more" if len(changed) > _LINES else ""
            says = f"it began in a folder of its own and wrote into the project's: {', '.join(changed[:_LINES])}{more}"
            found.append(Finding(Kind.WROTE, says, stage.name))
        return done, found

    def _lacking(self, stage: Stage) -> list[Finding]:
        """What the stage needs and is not there."""
        maker = {name: one.name for one in self._stages for name in one.makes}
        found = []
        for name in stage.needs:
            if (self.place / name).exists():
                continue
            if name in maker:
                says = f"it needs {name}, which {maker[name]} did not write"
            else:
                says = (
                    f"it needs {name}, which no stage before it makes and which is not among the project's files: add it "
                    "to inputs, or put a sample there"
                )
            found.append(Finding(Kind.NEEDS, says, stage.name))
        return found

    def _kept(self, stage: Stage, given: Mapping[str, str]) -> list[Finding]:
        """What the stage changed of what it was given, and of what stages before it made."""
        held = {name: one.digest for name, one in self._made.items()} | dict(given)
        found = []
        for name, digest in held.items():
            if name in stage.makes:
                continue
            path = self.place / name
            if not path.exists() or digest_of(path) != digest:
                what = "removes" if not path.exists() else "changes"
                maker = next((one.name for one in self._stages if name in one.makes), None)
                whose = f"which {maker} made" if maker else "which it was given"
                found.append(Finding(Kind.CHANGED, f"it {what} {name}, {whose}", stage.name))
        return found

    def _words(self, done: Finished) -> str:
        """The last lines that a command said, short and without secrets."""
        lines = [" ".join(line.split()) for line in _without_frames(done.said) if line.strip()][-_LINES:]
        said = " | ".join(redact(line, self.around.secrets)[:_WIDTH] for line in lines)
        return f'; it said: "{said}"' if said else ""


def _without_frames(said: str) -> list[str]:
    """The lines without the frames of Python's tracebacks: what they end with says what went wrong."""
    kept: list[str] = []
    inside = False
    for line in said.splitlines():
        if line.startswith("Traceback (most recent call last):"):
            inside = True
        elif not inside or not line.startswith(" "):
            inside = False
            kept.append(line)
    return kept


def _again(before: Mapping[str, Output], place: Path) -> list[str]:
    """What a second run did to what the first one made, and should not have done."""
    found = []
    for name, output in before.items():
        path = place / name
        if not path.exists() or size_of(path) == 0:
            found.append(f"after a second run {name} is {'empty' if path.exists() else 'gone'}")
        elif path.is_file() and path.stat().st_size > output.bytes and _begins(path, output):
            found.append(f"a second run adds to {name} instead of writing it anew")
    return found


def _is_same(output: Output, path: Path) -> bool:
    """Whether a file holds what was made: from a sample, it hardly would."""
    return path.exists() and size_of(path) == output.bytes and digest_of(path) == output.digest


def _begins(path: Path, output: Output) -> bool:
    """Whether the file begins with what the output was."""
    held = hashlib.sha256()
    left = output.bytes
    with path.open("rb") as file:
        while left and (chunk := file.read(min(left, _CHUNK))):
            held.update(chunk)
            left -= len(chunk)
    return f"sha256:{held.hexdigest()}" == output.digest
