"""Meta-level requirements of features: the check `feature-policy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.context import Context, resolve_source
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.policy.features import FeatureList
    from mlscore.tables.shapes import Column


def _run(context: Context) -> CheckResult:
    from mlscore.checks.policy.features import enriched
    from mlscore.checks.policy.judge import check_features
    from mlscore.checks.policy.report import as_result
    from mlscore.checks.policy.rules import read_policy

    policy = read_policy(context.root / (context.text("policy") or ""), context.root)
    lists = _lists(context)
    role = "table" if context.text("table") is not None else "train"
    table = context.table(role) if role == "table" or role in context.data.sources else None
    try:
        if not lists:
            if table is None:
                raise ConfigError(
                    "nothing says which features there are",
                    where=context.where,
                    hint='add list, pipeline, feast or table = "…", or train to [tool.mlscore.data]',
                )
            lists = {"table": _columns_of(table.columns, context)}
        used, *others = lists.values()
        features = enriched(used.features, *(other.features for other in others))
        sample = context.number("sample")
        result = check_features(
            features,
            policy,
            today=context.today,
            table=table,
            purpose=context.text("purpose"),
            sample=int(sample) if sample is not None else 100_000,
        )
    finally:
        if table is not None:
            table.close()
    unjudged = tuple(line for one in lists.values() for line in one.not_judged)
    return as_result(result, named_by=next(iter(lists)), not_judged=unjudged)


def _lists(context: Context) -> dict[str, FeatureList]:
    """The feature lists that are configured; the first of them says which features the model uses."""
    from mlscore.checks.policy.feast import read_feast
    from mlscore.checks.policy.features import read_feature_list
    from mlscore.checks.policy.pipeline import ENDINGS, load_pipeline, pipeline_features

    found: dict[str, FeatureList] = {}
    root = context.root
    pipeline, listed, feast = context.text("pipeline"), context.text("list"), context.text("feast")
    if pipeline is not None:
        if pipeline.lower().endswith(ENDINGS):
            fitted = load_pipeline(root / pipeline, root, trust=bool(context.options.get("trust")))
        elif ":" in pipeline:
            fitted = resolve_source(pipeline, context.data, root, where=context.where)
        else:
            hint = f'name a file that ends with {", ".join(ENDINGS)}, or "module:callable"'
            raise ConfigError(f'"{pipeline}" is no pipeline', where=context.where, hint=hint)
        found["pipeline"] = pipeline_features(fitted, pipeline)
    if listed is not None:
        found["list"] = read_feature_list(root / listed, root)
    if feast is not None:
        found["feast"] = read_feast(root / feast, root, service=context.text("service"))
    return found


def _columns_of(columns: tuple[Column, ...], context: Context) -> FeatureList:
    from mlscore.checks.policy.features import Feature, FeatureList

    data = context.data
    own = {data.label, data.time, *data.id}
    return FeatureList(tuple(Feature(c.name, origin="table") for c in columns if c.name not in own))


CHECKS = (
    Check(
        id="feature-policy",
        title="Holds features against a policy, and looks for proxies of protected attributes",
        items=("data-4",),
        options=(
            Option("policy", Takes.TEXT, "the policy's TOML file", required=True),
            Option("pipeline", Takes.TEXT, 'the fitted pipeline: a joblib file, or "module:callable" that returns it'),
            Option("trust", Takes.FLAG, "load the joblib file, which runs the code in it", False),
            Option("list", Takes.TEXT, "a TOML file that lists features with owner, source and purposes"),
            Option("feast", Takes.TEXT, "the folder of a Feast repository, which is read and not run"),
            Option("service", Takes.TEXT, "the feature service of it that the model uses"),
            Option(
                "table", Takes.SOURCE, "data with features and protected attributes, for proxies (by default train)"
            ),
            Option("purpose", Takes.TEXT, "what the model is for"),
            Option("sample", Takes.COUNT, "how many rows to look for proxies in", 100_000),
        ),
        run=_run,
    ),
)
