"""Every key of the configuration: its table, what it takes, and one sentence on what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.core.attestation import DEFAULT_DAYS, MAX_DAYS, WaiverReason
from mlscore.core.policy import PROFILES

DEFAULT_RUBRIC = "ml-test-score"
DEFAULT_ATTESTATIONS = "mlscore.attestations.toml"
DEFAULT_BASELINE = "mlscore-baseline.json"
# The formats of mlscore.report, which stands above this package; a test compares.
REPORT_TYPES = ("terminal", "json", "markdown", "github", "badge", "readme")

# The tasks of mlscore.predictors, which stands above this package; a test compares.
TASKS = ("binary", "multiclass", "multilabel", "regression", "ranking", "text")

TOP = ""
GATE = "gate"
CONVENTIONS = "conventions"
ATTESTATION = "attestation"
WAIVER = "waiver"
ANSWER = "answer"
DATA = "data"
MODEL = "model"
CHECK = "check"

# Tables whose other keys are read by who knows them: a check has options of its own.
OPEN_TABLES = (CHECK,)


class Kind(StrEnum):
    """What a key takes."""

    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"
    POINTS = "points"
    COUNT = "count"
    TEXTS = "texts"
    TEXT_OR_TEXTS = "text or texts"
    REPORTS = "report or reports"
    SHARE = "share"
    LABEL = "label"
    LABELS = "labels"
    DATE = "date"
    FLOORS = "floors"
    MUST_HAVES = "must-haves"
    PAIRS = "pairs"
    TABLE = "table"
    TABLES = "tables"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `environment` says whether MLSCORE_<NAME> may set it too."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    required: bool = False
    environment: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets the key."""
        return "MLSCORE_" + self.name.upper().replace("-", "_")


_HOLDS = f"The last day on which it counts; {DEFAULT_DAYS} days after `date` when left out, {MAX_DAYS} at most."

TABLES: dict[str, tuple[Key, ...]] = {
    TOP: (
        Key("name", Kind.TEXT, "The project's name in reports.", environment=True),
        Key("rubric", Kind.TEXT, "A shipped rubric's id, or the path of a rubric file.", environment=True),
        Key(
            "serving",
            Kind.CHOICE,
            "How the model is deployed.",
            choices=("batch", "online", "streaming"),
            environment=True,
        ),
        Key(
            "profile",
            Kind.CHOICE,
            "The rules of a stage; its thresholds scale with the rubric's maximum, and keys of one's own replace them.",
            choices=tuple(PROFILES),
            environment=True,
        ),
        Key("fail-under", Kind.POINTS, "Least total; below it the gate is not met.", environment=True),
        Key("strict", Kind.FLAG, "Every warning fails the gate.", environment=True),
        Key(
            "attestations",
            Kind.TEXT_OR_TEXTS,
            f"Files of attestations and waivers; {DEFAULT_ATTESTATIONS} where it exists.",
            environment=True,
        ),
        Key("baseline", Kind.TEXT, f"The committed baseline's path; {DEFAULT_BASELINE} by default.", environment=True),
        Key(
            "report",
            Kind.REPORTS,
            f"Reports to make, each TYPE or TYPE:DEST; types: {', '.join(REPORT_TYPES)}.",
            environment=True,
        ),
        Key("junit", Kind.TEXT_OR_TEXTS, "JUnit XML files (globs too) that `mlscore score` reads.", environment=True),
        Key("pytest", Kind.TEXTS, "Arguments for the pytest that `mlscore score` starts."),
        Key(GATE, Kind.TABLE, "What must hold for exit code 0."),
        Key(CONVENTIONS, Kind.TABLE, "How a suite with marks of its own is read."),
        Key(ATTESTATION, Kind.TABLES, "Dated statements that an item's test was done by hand."),
        Key(WAIVER, Kind.TABLES, "Items that the project goes without for a while; they never raise the score."),
        Key(ANSWER, Kind.TABLES, "Answers to findings about tests that cannot fail."),
        Key(DATA, Kind.TABLE, "Where the project's data are, and what their columns mean."),
        Key(MODEL, Kind.TABLE, "What predicts, and how it is trained."),
        Key(CHECK, Kind.TABLES, "Built-in checks that run as tests of their own."),
    ),
    GATE: (
        Key("on", Kind.CHOICE, "Which score is judged.", choices=("verified", "practised")),
        Key("floors", Kind.FLOORS, "Least points per section."),
        Key(
            "must-have",
            Kind.MUST_HAVES,
            'Items that must be practised: "data-1", or {item="infra-4", level="automated"}.',
        ),
        Key(
            "partial",
            Kind.CHOICE,
            "What a partial run does to the gate: leave it unjudged (the default), be judged as it is, or fail it.",
            choices=("skip", "judge", "fail"),
            environment=True,
        ),
        Key("ratchet", Kind.FLAG, "Never below the baseline; by default when there is one.", environment=True),
    ),
    CONVENTIONS: (
        Key("markers", Kind.TEXTS, 'One line per foreign marker, such as "ml_test" or "model_test+model_{n}".'),
        Key("docstrings", Kind.FLAG, 'Read tags such as "Data 3: …" in docstrings.'),
        Key("properties", Kind.TEXTS, "JUnit properties that name items."),
        Key("names", Kind.FLAG, "Read names such as test_data_3_…; running numbers mislead, so each is warned about."),
        Key("prefixes", Kind.PAIRS, 'Prefixes of ids of one\'s own: {FD = "data"}.'),
    ),
    ATTESTATION: (
        Key("item", Kind.TEXT, "The rubric's item.", required=True),
        Key("owner", Kind.TEXT, "Who answers for it: a team or a role.", required=True),
        Key("date", Kind.DATE, "When it was done.", required=True),
        Key("what", Kind.TEXT, "What was done, and with which result.", required=True),
        Key("link", Kind.TEXT, "Where the result is documented: a path in the project, or a URL.", required=True),
        Key("expires", Kind.DATE, _HOLDS),
    ),
    WAIVER: (
        Key("item", Kind.TEXT, "The rubric's item.", required=True),
        Key(
            "reason",
            Kind.CHOICE,
            "Why the project goes without it.",
            choices=tuple(r.value for r in WaiverReason),
            required=True,
        ),
        Key("note", Kind.TEXT, "The reason in words.", required=True),
        Key("author", Kind.TEXT, "Who decided it: a team or a role.", required=True),
        Key("date", Kind.DATE, "When it was decided.", required=True),
        Key("expires", Kind.DATE, _HOLDS),
    ),
    ANSWER: (
        Key("test", Kind.TEXT, "The test's node id.", required=True),
        Key("reason", Kind.TEXT, "Why the finding does not count.", required=True),
    ),
    DATA: (
        Key("train", Kind.TEXT, "The training data: a path, a URL, or package.module:function; ${NAME} is replaced."),
        Key("validation", Kind.TEXT, "The validation data."),
        Key("serving", Kind.TEXT, "What the model is given in production."),
        Key("reference", Kind.TEXT, "What drift is measured against, where it is not the training data."),
        Key("label", Kind.TEXT, "The column to be predicted."),
        Key("id", Kind.TEXT_OR_TEXTS, "The column, or the columns, that tell rows apart."),
        Key("time", Kind.TEXT, "The column that says when a row happened."),
        Key("memory-mb", Kind.COUNT, "Memory that reading data may take, in MB; 400 by default."),
        Key("timeout", Kind.COUNT, "Seconds that one query may take; no limit by default."),
        Key("engine", Kind.CHOICE, "What reads files; duckdb by default.", choices=("duckdb", "spark")),
    ),
    MODEL: (
        Key(
            "source",
            Kind.TEXT_OR_TEXTS,
            'What predicts: a file, a folder with an MLmodel, "models:/name/3", package.module:function, or a command as a '
            "list of texts.",
        ),
        Key("task", Kind.CHOICE, "What it predicts; inferred where the model says.", choices=TASKS),
        Key("features", Kind.TEXTS, "The columns it is given, in order; the model's own names by default."),
        Key(
            "classes", Kind.LABELS, "The labels in the order of its probabilities, where the model does not hold them."
        ),
        Key("positive", Kind.LABEL, "The label that counts as positive; the second class by default."),
        Key(
            "threshold",
            Kind.SHARE,
            "Probability from which the positive label is predicted; the model's own by default.",
        ),
        Key("trusted", Kind.FLAG, "Whether a file that runs code when loaded may be loaded, if its digest is named."),
        Key("digest", Kind.TEXT_OR_TEXTS, "The trusted files' digests, each sha256:…"),
        Key("previous", Kind.TEXT_OR_TEXTS, "The previous release, written as `source` is."),
        Key("train", Kind.TEXT_OR_TEXTS, "The command that trains."),
        Key("artefact", Kind.TEXT, "The file or folder that training writes; `source` by default."),
        Key("format", Kind.CHOICE, "How a command reads rows; jsonl by default.", choices=("jsonl", "csv")),
        Key("timeout", Kind.COUNT, "Seconds that one batch may take; 60 by default."),
        Key("memory-mb", Kind.COUNT, "Memory that the model's process may take, in MB; 4000 by default."),
        Key("batch", Kind.COUNT, "Rows that the model is given at once; 10000 by default."),
    ),
    CHECK: (
        Key("use", Kind.TEXT, "Which check; the other keys are its options.", required=True),
        Key("item", Kind.TEXT, "The item it is evidence for; the check's own by default."),
        Key("name", Kind.TEXT, "Its name in reports; the check's id by default."),
    ),
}

# What a file of attestations may hold at its top level.
STATEMENTS = (ATTESTATION, WAIVER)


def key(table: str, name: str) -> Key:
    """The key of that name in a table. Raises KeyError when there is none."""
    for one in TABLES[table]:
        if one.name == name:
            return one
    raise KeyError(f"{table}.{name}")


def homes(name: str) -> tuple[str, ...]:
    """The tables that know a key of that name."""
    return tuple(table for table, keys in TABLES.items() if any(k.name == name for k in keys))
