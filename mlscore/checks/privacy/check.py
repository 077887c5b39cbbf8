"""Privacy as configured checks: personal data, erasure, k-anonymity, access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.context import Context, resolve_source
from mlscore.core.evidence import Value
from mlscore.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from mlscore.checks.privacy.personal import Allowed

ITEMS = ("data-5",)


def _pairs(context: Context, name: str) -> Mapping[str, object]:
    given = context.options.get(name)
    return given if isinstance(given, dict) else {}


def _misfit(context: Context, what: str, hint: str) -> ConfigError:
    return ConfigError(what, where=context.where, hint=hint)


def _allowed(context: Context) -> dict[str, Allowed]:
    from mlscore.checks.privacy.personal import Allowed

    found: dict[str, Allowed] = {}
    hint = 'write allow = {notes = "why"} or allow = {notes = {kinds = ["phone"], reason = "why"}}'
    for column, given in _pairs(context, "allow").items():
        whole = given if isinstance(given, dict) else {"reason": given}
        reason, kinds = whole.get("reason"), whole.get("kinds", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not isinstance(reason, str) or not reason.strip() or set(whole) - {"reason", "kinds"}:
            raise _misfit(context, f'the allow-list gives no reason for "{column}"', hint)
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise _misfit(context, f'the kinds allowed in "{column}" are no list of texts', hint)
        found[column] = Allowed(reason, tuple(kinds))
    return found


def _personal(context: Context) -> CheckResult:
    from mlscore.checks.privacy.personal import SHARE, find_personal_data

    allow = _allowed(context)
    share = context.number("share")
    results = {}
    for given in context.texts("sources"):
        with context.opened(given) as table:
            results[given] = find_personal_data(
                table,
                allow=allow,
                share=SHARE if share is None else share,
                kinds=context.texts("kinds") or None,
                by_name=context.options.get("names") is not False,
            )
    several = len(results) > 1
    findings, unknown, hollow = [], [], []
    for name, result in results.items():
        lead = f"{name}: " if several else ""
        findings += [f"{lead}{found}" for found in result.found]
        unknown += [f"{lead}{text}" for text in result.unknown]
        if not result.rows:
            hollow.append(f"{lead}the table is empty")
        elif not result.judged and not result.found:
            covered = "the allow-list covers every column with a value"
            hollow.append(lead + (covered if allow else "no column could hold personal data"))
    everywhere = set(allow)
    for result in results.values():
        everywhere &= set(result.stale)
    unknown += [f'the allow-list names "{name}", which is no column' for name in sorted(everywhere)]
    if hollow and len(hollow) < len(results):
        unknown += hollow
    columns = len({(name, found.column) for name, result in results.items() for found in result.found})
    judged = sum(len(result.judged) for result in results.values())
    rows = sum(result.rows for result in results.values())
    kept = sum(len(result.allowed) for result in results.values())
    summary = f"{columns} of {judged} columns judged hold personal data, {rows:,} rows read"
    return CheckResult(
        passed=not findings,
        summary=summary + (f", {kept} findings are allowed" if kept else ""),
        values=(Value("columns with personal data", columns, "columns", 0), Value("columns judged", judged, "columns")),
        findings=tuple(findings),
        unknown=tuple(unknown),
        hollow="; ".join(hollow) if hollow and len(hollow) == len(results) else None,
        details={name: asdict(result) for name, result in results.items()},
    )


def _erasure(context: Context) -> CheckResult:
    from contextlib import ExitStack

    from mlscore.checks.privacy.erasure import find_erased

    own = context.texts("id") or context.data.id
    if not own:
        raise _misfit(context, "no column of ids is named", 'add id = "…" here or to [tool.mlscore.data]')
    names = context.texts("sources")
    ids: dict[str, tuple[str, ...]] = {}
    for source, given in _pairs(context, "ids").items():
        columns = [given] if isinstance(given, str) else given
        if source not in names or not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
            hint = f"its keys are the sources ({', '.join(names)}), its values columns"
            raise _misfit(context, f'"ids" says nothing for "{source}"', hint)
        ids[source] = tuple(columns)
    with ExitStack() as stack:
        erased = stack.enter_context(context.opened(context.text("erased") or ""))
        tables = {name: stack.enter_context(context.opened(name)) for name in names}
        result = find_erased(
            erased,
            tables,
            id=own,
            ids=ids,
            list_id=context.texts("list-id") or None,
            hashed=context.text("hashed") or "none",
        )
    held = [one for one in result.sources if one.rows]
    unlike = [f"{one.source}: {one.unlike}" for one in result.sources if one.unlike]
    unknown = [
        f"{one.source}: {one.missing:,} of {one.total:,} rows have no id" for one in result.sources if one.missing
    ]
    if result.missing:
        unknown.append(f"{result.missing:,} rows of the erasure list have no id")
    hollow = None
    if not result.listed:
        hollow = "the erasure list is empty"
    elif len(unlike) == len(result.sources):
        hollow = "no id could be found: " + "; ".join(unlike)
    else:
        unknown += unlike
    rows = sum(one.rows for one in held)
    return CheckResult(
        passed=not held,
        summary=f"{rows:,} rows in {len(held)} of {len(names)} sources hold erased ids, {result.listed:,} ids are erased",
        values=(Value("rows with erased ids", rows, "rows", 0), Value("erased ids", result.listed, "ids")),
        findings=tuple(str(one) for one in sorted(held, key=lambda one: -one.rows)),
        unknown=tuple(unknown),
        hollow=hollow,
        details=asdict(result),
    )


def _anonymity(context: Context) -> CheckResult:
    from mlscore.checks.privacy.anonymity import measure_anonymity

    k, diversity = int(context.number("k") or 5), int(context.number("diversity") or 2)
    limit = context.number("exposed") or 0.0
    with context.opened(context.text("source") or "train") as table:
        result = measure_anonymity(
            table,
            context.texts("columns"),
            k=k,
            bins=dict(_pairs(context, "bins")),  # type: ignore[arg-type]  # each is judged where its column is known
            sensitive=context.texts("sensitive"),
            diversity=diversity,
            person=context.text("person"),
        )
    findings: list[str] = []
    who = "persons" if context.text("person") else "rows"
    if result.exposed_share > limit:
        findings.append(
            f"{result.exposed_rows:,} of {result.rows:,} rows ({result.exposed_share:.2%}) stand in "
            f"{result.exposed_groups:,} groups of fewer than {k} {who} that share {', '.join(result.columns)}; "
            f"the smallest has {result.smallest}"
        )
    for one in result.diversity:
        if one.rows > limit * result.rows:
            findings.append(
                f"{one.rows:,} of {result.rows:,} rows stand in groups with fewer than {diversity} values of {one.column}; "
                f"the fewest are {one.smallest}"
            )
    hollow = None
    if not result.rows:
        hollow = "the table is empty"
    elif result.groups == 1 and not findings:
        hollow = f"all rows share {', '.join(result.columns)}: they tell nobody apart"
    return CheckResult(
        passed=not findings,
        summary=f"the smallest of {result.groups:,} groups has {result.smallest:,} {who} (k = {k})",
        values=(
            Value("smallest group", result.smallest, who, k),
            Value("exposed rows", result.exposed_share, None, limit),
            *(Value(f"fewest values of {one.column}", one.smallest, "values", diversity) for one in result.diversity),
        ),
        findings=tuple(findings),
        hollow=hollow,
        details=asdict(result),
    )


def _access(context: Context) -> CheckResult:
    from mlscore.checks.privacy.grants import GrantPolicy, audit_grants
    from mlscore.checks.privacy.modes import ModePolicy, audit_modes, read_mode

    database, paths, mode = context.text("database"), context.texts("paths"), context.text("mode")
    allow = _pairs(context, "allow")
    if database is None and not (paths or allow or mode or context.texts("tables")):
        raise _misfit(
            context, "there is no policy", 'name tables of a "database" with "allow", or "paths" with a "mode"'
        )
    if database is not None and (not context.texts("tables") or not allow):
        hint = 'add tables = ["public.customers"] and allow = {analyst = ["SELECT"]}'
        raise _misfit(context, "a database without tables and roles is no policy", hint)
    if database is None and (allow or context.texts("tables")):
        raise _misfit(context, "tables and roles need a database", 'add database = "postgresql://…"')
    if paths and mode is None:
        raise _misfit(context, "paths without a mode are no policy", 'add the widest mode: mode = "0640"')
    if not paths and mode is not None:
        raise _misfit(context, "a mode needs paths", 'add paths = ["data/"]')
    findings: list[str] = []
    unknown: list[str] = []
    details: dict[str, object] = {}
    judged = 0
    if database is not None:
        roles: dict[str, tuple[str, ...]] = {}
        for role, given in allow.items():
            words = [given] if isinstance(given, str) else given
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise _misfit(context, f'what "{role}" may do is no list of privileges', 'write ["SELECT"]')
            roles[role] = tuple(word.upper() for word in words)
        policy = GrantPolicy(roles, context.texts("superusers"), context.texts("members"))
        url = resolve_source(database, context.data, context.root, where=context.where)
        if not isinstance(url, str):
            raise _misfit(context, '"database" leads to a frame', "let it be a URL")
        timeout = context.data.timeout
        grants = audit_grants(url, context.texts("tables"), policy, **({"timeout": timeout} if timeout else {}))
        findings += [str(one) for one in grants.beyond]
        unknown += grants.unknown
        judged += len(grants.relations)
        details["grants"] = asdict(grants)
    if paths and mode is not None:
        try:
            widest = ModePolicy(read_mode(mode), context.texts("owners"), context.texts("groups"))
        except UsageError as error:
            raise _misfit(context, error.what, error.hint or "") from None
        modes = audit_modes(paths, widest, root=context.root)
        findings += [str(one) for one in modes.beyond]
        unknown += modes.unknown
        judged += modes.judged
        details["modes"] = asdict(modes)
    return CheckResult(
        passed=not findings,
        summary=f"{len(findings)} ways of access beyond the policy, {judged:,} tables, files and folders judged",
        values=(Value("ways beyond the policy", len(findings), None, 0), Value("judged", judged)),
        findings=tuple(findings),
        unknown=tuple(unknown),
        hollow=None if judged else "nothing could be judged",
        details=details,
    )


_SOURCES = Option("sources", Takes.TEXTS, 'the sources to search: roles, paths, URLs, "module:function"', ("train",))

CHECKS = (
    Check(
        id="personal-data",
        title="Personal data by content and by the names of columns, outside an allow-list",
        items=ITEMS,
        options=(
            _SOURCES,
            Option("allow", Takes.TABLE, 'columns that may hold some, each with a reason: {notes = "why"}'),
            Option("share", Takes.SHARE, "the share of values from which a kind without check digits alarms", 0.01),
            Option("kinds", Takes.TEXTS, "the kinds to look for; by default all"),
            Option("names", Takes.FLAG, "judge the names of columns too", True),
        ),
        run=_personal,
    ),
    Check(
        id="erasure",
        title="Ids that were to be forgotten, looked for in training data, features and logs",
        items=ITEMS,
        options=(
            Option("erased", Takes.SOURCE, "the erasure list", required=True),
            _SOURCES,
            Option("id", Takes.TEXTS, "the id's column or columns; by default the data's id"),
            Option("ids", Takes.TABLE, 'sources whose id has another name: {"logs/*.parquet" = "customer"}'),
            Option("list-id", Takes.TEXTS, "the id's column in the list, where it has another name"),
            Option(
                "hashed", Takes.CHOICE, "the digest of the ids in the list", "none", choices=("none", "md5", "sha256")
            ),
        ),
        run=_erasure,
    ),
    Check(
        id="k-anonymity",
        title="How many rows or persons share the quasi-identifiers, and how diverse they are",
        items=ITEMS,
        options=(
            Option("columns", Takes.TEXTS, "the quasi-identifiers", required=True),
            Option("source", Takes.SOURCE, "the table", default="train"),
            Option("k", Takes.COUNT, "the smallest group that may be", 5),
            Option("bins", Takes.TABLE, 'columns to make coarser: {age = 10, postcode = 3, born = "year"}'),
            Option("sensitive", Takes.TEXTS, "columns of which every group must hold different values"),
            Option("diversity", Takes.COUNT, "how many different values at least", 2),
            Option("person", Takes.TEXT, "the column of the person's id, where one person has several rows"),
            Option("exposed", Takes.SHARE, "the share of rows that may stand in smaller groups", 0.0),
        ),
        run=_anonymity,
    ),
    Check(
        id="access",
        title="Grants on PostgreSQL tables and modes of files against a declared policy",
        items=ITEMS,
        options=(
            Option("database", Takes.SOURCE, "the server's URL, or the role of data that has one"),
            Option("tables", Takes.TEXTS, 'the tables to judge: "schema.table", with * and ?'),
            Option("allow", Takes.TABLE, 'who may do what: {analyst = ["SELECT"], etl = ["ALL"]}'),
            Option("superusers", Takes.TEXTS, "the superusers that may be"),
            Option("members", Takes.TEXTS, "groups whose members may do what the group may"),
            Option("paths", Takes.TEXTS, "files and folders to judge"),
            Option("mode", Takes.TEXT, 'the widest mode of a file, such as "0640"'),
            Option("owners", Takes.TEXTS, "the owners that files may have; by default any"),
            Option("groups", Takes.TEXTS, "the groups that files may have; by default any"),
        ),
        run=_access,
    ),
)
