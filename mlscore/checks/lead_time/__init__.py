"""Time from idea to production of features, measured from git: the check `feature-lead-time`."""

from __future__ import annotations

from collections.abc import Mapping

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.context import Context
from mlscore.errors import ConfigError


def _run(context: Context) -> CheckResult:
    from mlscore.checks.lead_time.measure import Places, Production, measure_lead_times
    from mlscore.checks.lead_time.report import as_result
    from mlscore.checks.policy.features import read_feature_list

    listed = context.text("list")
    features = () if listed is None else read_feature_list(context.root / listed, context.root).features
    schema, code = context.text("schema"), context.texts("code")
    if schema is None and not code:
        raise ConfigError(
            "nothing says where features are named", where=context.where, hint='add schema = "…" or code = […]'
        )
    production = Production(
        context.texts("tags"), context.text("branch"), context.text("registry"), context.texts("stage")
    )
    if production == Production(stages=production.stages):
        hint = 'add tags = "v*", branch = "…" or registry = "…"'
        raise ConfigError("nothing says what production is", where=context.where, hint=hint)
    window = context.number("window")
    times = measure_lead_times(
        context.root,
        Places(schema, code),
        production,
        today=context.today,
        names=(*context.texts("features"), *(feature.name for feature in features)),
        proposed={feature.name: feature.proposed for feature in features if feature.proposed is not None},
        renamed=_renamed(context),
        window=None if window is None else int(window),
        median_limit=context.number("median"),
        worst_limit=context.number("worst"),
    )
    return as_result(times)


def _renamed(context: Context) -> Mapping[str, tuple[str, ...]]:
    given = context.options.get("renamed")
    found: dict[str, tuple[str, ...]] = {}
    for name, earlier in given.items() if isinstance(given, dict) else ():
        names = (earlier,) if isinstance(earlier, str) else tuple(earlier) if isinstance(earlier, list) else ()
        if not names or not all(isinstance(one, str) for one in names):
            hint = f'write renamed = {{{name} = "earlier-name"}}'
            raise ConfigError(f'"renamed" has no earlier name for "{name}"', where=context.where, hint=hint)
        found[name] = names
    return found


CHECKS = (
    Check(
        id="feature-lead-time",
        title="Measures the time of features from idea to production",
        items=("data-6",),
        options=(
            Option("schema", Takes.TEXT, "the schema file that lists the features (TOML, JSON, YAML, CSV header)"),
            Option("code", Takes.TEXTS, "files or folders of code in which features are named", ()),
            Option("features", Takes.TEXTS, "names of features, besides those of the schema", ()),
            Option("list", Takes.TEXT, "a feature list in TOML, whose `proposed` says when each was thought of"),
            Option("renamed", Takes.TABLE, 'earlier names: {new = "old"}'),
            Option("tags", Takes.TEXTS, "patterns of release tags, such as v*", ()),
            Option("branch", Takes.TEXT, "the branch that is deployed"),
            Option("registry", Takes.TEXT, "a file of model versions with their commits (MLflow's JSON, or TOML)"),
            Option("stage", Takes.TEXTS, "the registry's stages that are production; any when left out", ()),
            Option("median", Takes.NUMBER, "the limit of the median, in days"),
            Option("worst", Takes.NUMBER, "the limit of the slowest feature, in days"),
            Option("window", Takes.COUNT, "leave out what reached production more than so many days ago"),
        ),
        run=_run,
    ),
)
