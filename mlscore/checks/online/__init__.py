"""Offline against online metrics: the check `online-agreement` correlates both over the models that were tried live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.online.shapes import AgreementReport
    from mlscore.checks.online.variants import Variants

BETTER = ("higher", "lower")
ROWS = 20_000  # of training and of validation, from which variants are made and judged


def _run(context: Context) -> CheckResult:
    from mlscore.checks.online.judge import check_online
    from mlscore.checks.online.read import read_pairs
    from mlscore.checks.online.runs import rooted
    from mlscore.checks.online.shapes import Better, Pairs

    offline, online = context.text("offline") or "offline", context.text("online") or "online"
    pairs = Pairs((), offline, online)
    if context.text("pairs") is not None:
        pairs = read_pairs(
            rooted(context.source("pairs"), context.root),
            offline=offline,
            online=online,
            version=context.text("version"),
            date=context.text("date"),
            weight=context.text("weight"),
            experiment=context.text("experiment"),
        )
    elif context.text("variants") is None:
        raise ConfigError(
            "nothing says where offline and online figures are",
            where=context.where,
            hint='add pairs = "…", or variants = "…" to make models for a first experiment',
        )
    least, alpha = context.number("least"), context.number("false-alarms")
    report = check_online(
        pairs,
        offline_better=Better(context.text("offline-better") or "higher"),
        online_better=Better(context.text("online-better") or "higher"),
        least=0.3 if least is None else least,
        alpha=0.05 if alpha is None else alpha,
    )
    variants, note = _variants(context)
    return as_result(report, variants, note)


def _variants(context: Context) -> tuple[Variants | None, str | None]:
    """The variants that were asked for, where they are not there yet; else a note."""
    given = context.text("variants")
    if given is None:
        return None, None
    from mlscore.checks.labelled import label_of, labelled_rows
    from mlscore.checks.online.variants import TABLE, write_variants

    folder = context.root / given
    if (folder / TABLE).is_file():
        return None, f"the variants in {given} are left as they are"
    label, source, time = label_of(context), context.model.source, context.data.time
    with context.predictor() as predictor:
        rows = {}
        for role in ("train", "validation"):
            with context.table(role) as table:
                names = [column.name for column in table.columns]
                features = predictor.features or tuple(name for name in names if name not in (label, *context.data.id))
                chosen = [*features, label, *((time,) if time in names and role == "train" else ())]
                rows[role], _ = labelled_rows(table.sample(ROWS, 0, list(dict.fromkeys(chosen))), label, role, 10)
        ordered = time is not None and time in rows["train"].column_names
        if ordered:
            rows["train"] = rows["train"].sort_by(str(time))
        return write_variants(
            predictor,
            rows["train"].select([name for name in rows["train"].column_names if name in (*features, label)]),
            rows["validation"],
            folder,
            label=label,
            name=source if isinstance(source, str) else "model",
            ordered=ordered,
        ), None


def as_result(report: AgreementReport, variants: Variants | None = None, note: str | None = None) -> CheckResult:
    """The result of a check, with what was written beside it."""
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    values = [Value("pairs", report.pairs)]
    said = f"{report.offline} and {report.online} of {report.pairs} models"
    if report.kendall is not None and report.spearman is not None:
        values.insert(0, Value("tau", round(report.kendall.value, 4), None, report.least))
        values.insert(1, Value("rho", round(report.spearman.value, 4)))
        said += f" go together: tau {report.kendall}, rho {report.spearman}"
    if report.missing is not None:
        values.append(Value("pairs missing", report.missing))
    notes, unknown = [*report.notes], [*report.not_judged]
    details: dict[str, object] = {"agreement": encode(report)}
    if variants is not None:
        losses = [one.offline for one in variants.made if one.offline is not None]
        to = f", {min(losses):.4g} to {max(losses):.4g}" if losses else ""
        notes.append(
            f"{len(variants.made)} degraded variants were written to {variants.folder.name}, with their {variants.measure} "
            f"offline{to} (the released model's {variants.released:.4g})"
        )
        unknown += [f"a degraded variant: {why}" for why in variants.refused]
        details["variants"] = encode(variants.made)
    if note is not None:
        notes.append(note)
    summary = report.findings[0] if report.findings else (report.hollow or said)
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=report.findings,
        unknown=tuple(unknown),
        notes=tuple(notes),
        hollow=report.hollow if report.passed else None,
        details=details,
    )


CHECKS = (
    Check(
        id="online-agreement",
        title="Models that are better offline are better online",
        items=("model-2",),
        options=(
            Option(
                "pairs",
                Takes.SOURCE,
                "a table with a row for each model that was tried online, MLflow's runs (folder, database or tracking "
                "URI), or a function that returns rows",
            ),
            Option("version", Takes.TEXT, 'the column that names the model, "model" by default; a parameter of runs'),
            Option("offline", Takes.TEXT, "the column or metric of the offline figure", "offline"),
            Option("online", Takes.TEXT, "the column or metric of the online figure", "online"),
            Option("date", Takes.TEXT, "the column of days, by which a common trend is told from agreement"),
            Option("weight", Takes.TEXT, "the column of weights, such as the number of users"),
            Option("experiment", Takes.TEXT, "which of several experiments of MLflow"),
            Option("offline-better", Takes.CHOICE, "which offline figures are better", "higher", choices=BETTER),
            Option("online-better", Takes.CHOICE, "which online figures are better", "higher", choices=BETTER),
            Option("least", Takes.NUMBER, "the least rank correlation (Kendall's tau-b)", 0.3),
            Option("false-alarms", Takes.SHARE, "the chance that agreement at the limit is refused", 0.05),
            Option(
                "variants", Takes.TEXT, "a new folder to write degraded variants of the model to, for an experiment"
            ),
            Option("train", Takes.SOURCE, "the training data, from which variants are made", default="train"),
            Option("validation", Takes.SOURCE, "the rows of the variants' offline figures", default="validation"),
        ),
        run=_run,
    ),
)
