"""Who runs a pipeline's stages: plain commands, or a tool, where it is installed, asked by its own command line."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from mlscore.checks.integration import dvc, mlproject
from mlscore.checks.integration.shapes import Stage
from mlscore.checks.integration.stages import Declared, by_commands
from mlscore.errors import ConfigError

# A flow or pipeline that is called runs here and now.
_CALL = (
    "import importlib, json, sys; module, name, given = sys.argv[1:]; "
    "getattr(importlib.import_module(module), name)(**json.loads(given))"
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages, and what has to be run before the first of them; `tool` says by which program, for the record."""

    stages: tuple[Stage, ...]
    prepare: tuple[str, ...] = ()
    tool: str = "commands"
    notes: tuple[str, ...] = ()


def read_pipeline(runner: str, declared: tuple[Declared, ...], root: Path, where: object | None = None) -> Pipeline:
    """The pipeline of a runner. Raises ConfigError where stages do not fit it, or its package is not installed."""
    if runner == "dvc":
        return _dvc(declared, root, where)
    if not declared:
        hint = "add [tool.mlscore.check.stages.NAME] for each"
        raise ConfigError("the pipeline has no stage", where=where, hint=hint)
    if runner == "commands":
        for one in declared:
            if one.parameters or one.run != one.name:
                hint = "write them into its command"
                raise ConfigError(
                    f'the stage {one.name} is a command, which takes no "run" and no "parameters"',
                    where=where,
                    hint=hint,
                )
        return Pipeline(by_commands(declared, where))
    told = next((one.name for one in declared if one.command is not None), None)
    if told is not None:
        raise ConfigError(
            f'the stage {told} has a command, while runner = "{runner}" runs the stages',
            where=where,
            hint='leave the command out and name what is run by run = "…", or leave the runner out',
        )
    return _TOOLS[runner](declared, root, where)


def _dvc(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
    program = program_beside("dvc")
    stages = _marked(dvc.dvc_stages(root, program, where), declared, where)
    if program is None:
        said = "DVC is not installed: the commands of dvc.yaml were run in the order of what they depend on"
        return Pipeline(stages, tool="the commands of dvc.yaml", notes=(said,))
    # DVC looks for the repository that its own is part of.
    return Pipeline(stages, prepare=("git", "init", "-q"), tool="dvc repro")


def _marked(stages: tuple[Stage, ...], declared: tuple[Declared, ...], where: object | None) -> tuple[Stage, ...]:
    """DVC's stages with what dvc.yaml cannot say of them: that what they make may equal what they need."""
    copies = {one.name: one.copies for one in declared}
    for one in declared:
        if one.name not in {stage.name for stage in stages}:
            listed = f"there are {', '.join(stage.name for stage in stages)}"
            raise ConfigError(f'dvc.yaml has no stage "{one.name}"', where=where, hint=listed)
        if one != Declared(one.name, None, one.name, copies=one.copies):
            hint = 'leave all but "copies" out, or leave the runner out'
            raise ConfigError(f"what the stage {one.name} does stands in dvc.yaml", where=where, hint=hint)
    return tuple(replace(stage, copies=copies.get(stage.name, False)) for stage in stages)


def _make(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
    program = shutil.which("make")
    if program is None:
        raise ConfigError(
            "make is not installed", where=where, hint="install it with the system's packages: apt install make"
        )
    if not any((root / name).exists() for name in ("GNUmakefile", "makefile", "Makefile")):
        raise ConfigError("there is no Makefile", where=where, hint="add it, or choose another runner")
    return Pipeline(
        tuple(one.stage((program, one.run, *(f"{k}={v}" for k, v in one.parameters.items()))) for one in declared),
        tool="make",
    )


def _mlproject(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
    program = program_beside("mlflow") if installed("mlflow") else None
    points = mlproject.entry_points(root, where)
    stages = tuple(one.stage(mlproject.command_of(points, one.run, one.parameters, program, where)) for one in declared)
    if program is None:
        said = "the full MLflow is not installed: the commands of the entry points were run"
        return Pipeline(stages, tool="the commands of MLproject", notes=(said,))
    return Pipeline(stages, tool="mlflow run")


def _kedro(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
    _need("kedro", where)
    return Pipeline(tuple(one.stage(kedro_command(one.run, one.parameters)) for one in declared), tool="kedro run")


def kedro_command(pipeline: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """How Kedro runs a pipeline by its name."""
    given = ",".join(f"{name}={value}" for name, value in parameters.items())
    return ("python", "-m", "kedro", "run", "--pipeline", pipeline, *(("--params", given) if given else ()))


def _called(package: str) -> Callable[[tuple[Declared, ...], Path, object | None], Pipeline]:
    def stages(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
        _need(package, where, more="[local]" if package == "zenml" else "")
        return Pipeline(
            tuple(one.stage(call_command(one.run, one.parameters, where), environment=_CALLED) for one in declared),
            # ZenML looks for the folder that holds the code.
            prepare=(program_beside("zenml") or "zenml", "init") if package == "zenml" else (),
            tool=f"{package}, called",
        )

    return stages


# Prefect starts a server of its own for the run, which takes longer on a machine that has other things to do.
_CALLED = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120"}


def call_command(run: str, parameters: Mapping[str, Any], where: object | None = None) -> tuple[str, ...]:
    """How a flow of Prefect or a pipeline of ZenML is called in a process of its own."""
    module, colon, function = run.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), function)):
        raise ConfigError(f'"{run}" names no flow', where=where, hint='write run = "package.module:function"')
    return ("python", "-c", _CALL, module, function, json.dumps(dict(parameters)))


def _airflow(declared: tuple[Declared, ...], root: Path, where: object | None) -> Pipeline:
    _need("apache-airflow", where)
    return Pipeline(
        tuple(one.stage(airflow_command(one.run, one.parameters), environment=_AIRFLOW) for one in declared),
        prepare=(program_beside("airflow") or "airflow", "db", "migrate"),
        tool="airflow dags test",
    )


_AIRFLOW = {
    "AIRFLOW_HOME": "{home}/.airflow",
    "AIRFLOW__CORE__DAGS_FOLDER": "{folder}/dags",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
}


def airflow_command(dag: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """How Airflow runs the tasks of a DAG in one process, without a scheduler."""
    return (
        program_beside("airflow") or "airflow",
        "dags",
        "test",
        dag,
        *(("--conf", json.dumps(dict(parameters))) if parameters else ()),
    )


_TOOLS: Mapping[str, Callable[[tuple[Declared, ...], Path, object | None], Pipeline]] = {
    "make": _make,
    "mlproject": _mlproject,
    "kedro": _kedro,
    "prefect": _called("prefect"),
    "zenml": _called("zenml"),
    "airflow": _airflow,
}
RUNNERS: Sequence[str] = ("commands", "dvc", *_TOOLS)


def installed(distribution: str) -> bool:
    """Whether a distribution is installed where we run."""
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def program_beside(name: str) -> str | None:
    """The path of a program: of the Python that runs us, else of the search path; None where there is none."""
    return shutil.which(
        name, path=os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))
    )


def _need(distribution: str, where: object | None, more: str = "") -> None:
    if not installed(distribution):
        wanted = f'"{distribution}{more}"' if more else distribution
        raise ConfigError(f"{distribution} is not installed", where=where, hint=f"pip install {wanted}")
