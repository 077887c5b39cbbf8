"""One line of configuration per foreign marker: how a suite's own markers name the rubric's items.

The lines, each read by `parse_conventions`:

    ml_test                                          the first argument is the id: @pytest.mark.ml_test("FD-1")
    ml_test_score(category_test)                     a keyword holds it: ...ml_test_score(category_test="Data1")
    ml_test_score(category_test; status=manual)      and the test earns manual at most where status="manual"
    model_{n}                                        the marker's own name is the id: @pytest.mark.model_5
    model_test+model_{n}                             both markers together
    {section}_test+{section}_{n}                     the same for every section
    smoke_schema=data-1                              the marker stands for one item
    resilience=infra                                 the marker stands for a section, which earns nothing
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlscore.core.placement_ids import item_id, prefix_of, section_named
from mlscore.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from mlscore.core.evidence import Location
    from mlscore.core.placement import Mark

PLACEHOLDERS = ("n", "section", "item")
_PATTERNS = {"n": r"(?P<n>\d{1,3})", "section": r"(?P<section>[A-Za-z]+(?:_[A-Za-z]+)*)", "item": r"(?P<item>\w+)"}
_NAME = re.compile(r"[A-Za-z_](?:\w|\{\w*\})*|\{\w*\}(?:\w|\{\w*\})*")
# Makes the error about one line, from what is wrong and a hint.
_Wrong = Callable[..., ConfigError]
_LIST = "`mlscore rubric show` lists the ids"
_EXAMPLE = 'write for example "ml_test", "ml_test_score(category_test)", "model_test+model_{n}" or "smoke=data-1"'


@dataclass(frozen=True, slots=True)
class MarkerRule:
    """One line of `markers`, read: the marker names it wants together, and where the id stands."""

    source: str
    names: tuple[re.Pattern[str], ...]
    keyword: str | None = None
    manual: tuple[str, str] | None = None
    target: str | None = None

    @property
    def reads_arguments(self) -> bool:
        """Whether the id stands in the marker's arguments, not in its name or on the line itself."""
        return self.target is None and not any(name.groupindex for name in self.names)


@dataclass(frozen=True, slots=True)
class Match:
    """What the foreign markers of one test say."""

    items: tuple[str, ...] = ()
    section: str | None = None
    manual: bool = False
    problems: tuple[str, ...] = ()
    why: str = ""


def parse_conventions(
    markers: Sequence[str],
    *,
    rubric_ids: tuple[str, ...] = (),
    prefixes: tuple[tuple[str, str], ...] = (),
    where: Location | str | None = None,
) -> tuple[MarkerRule, ...]:
    """The rules behind the lines of `markers`.

    With `rubric_ids`, ids and sections on a line's right-hand side are checked too. Raises ConfigError, with `where`,
    for a line that cannot be read, and says what to write instead.
    """
    return tuple(_parse(line, rubric_ids, prefixes, where) for line in markers)


@lru_cache(maxsize=32)
def rules_of(markers: tuple[str, ...]) -> tuple[MarkerRule, ...]:
    """The rules of a configuration that has been checked before; kept, because every test of a suite asks for them."""
    return parse_conventions(markers)


def _parse(
    line: str, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...], where: Location | str | None
) -> MarkerRule:
    def wrong(what: str, hint: str = _EXAMPLE) -> ConfigError:
        return ConfigError(f'the marker line "{line}" {what}', where=where, hint=hint)

    left, equals, right = line.partition("=") if "(" not in line else (line, "", "")
    left = left.strip()
    for prefix in ("@pytest.mark.", "pytest.mark.", "mark."):
        if left.startswith(prefix):
            raise wrong("is more than the marker's name", f'write "{line.strip().removeprefix(prefix)}"')
    head, bracket, inside = left.partition("(")
    keyword: str | None = None
    manual: tuple[str, str] | None = None
    if bracket:
        if not inside.endswith(")"):
            raise wrong("does not close its bracket", f'write "{left})"')
        keyword, manual = _arguments(inside[:-1], wrong)
    names = [name.strip() for name in head.split("+")]
    patterns = tuple(_name_pattern(name, wrong) for name in names)
    if len(names) > 2:
        raise wrong("joins more than two markers")
    numbered = any(p.groupindex for p in patterns)
    if len(names) == 2 and not numbered and not equals:
        raise wrong(
            "joins two markers but does not say where the number stands", f'write "{names[0]}+{names[1]}_{{n}}"'
        )
    if bracket and (numbered or len(names) == 2):
        raise wrong("reads the id from the marker's name and from its arguments; it can be only one of them")
    target = _target(right.strip(), patterns, rubric_ids, prefixes, wrong) if equals else None
    return MarkerRule(source=line, names=patterns, keyword=keyword, manual=manual, target=target)


def _name_pattern(name: str, wrong: _Wrong) -> re.Pattern[str]:
    if not name:
        raise wrong("has no marker name")
    for found in re.findall(r"\{(.*?)\}", name):
        if found not in PLACEHOLDERS:
            near = did_you_mean("{" + found + "}", ["{" + p + "}" for p in PLACEHOLDERS])
            raise wrong(f'has an unknown placeholder "{{{found}}}"', near or "write {n}, {section} or {item}")
    if not _NAME.fullmatch(name):
        raise wrong(f'has "{name}" where a marker\'s name should be')
    parts = re.split(r"\{(\w+)\}", name)
    if len(set(parts[1::2])) < len(parts[1::2]):
        raise wrong("has the same placeholder twice in one marker")
    return re.compile("".join(_PATTERNS[p] if odd % 2 else re.escape(p) for odd, p in enumerate(parts)), re.IGNORECASE)


def _arguments(text: str, wrong: _Wrong) -> tuple[str | None, tuple[str, str] | None]:
    keyword, semicolon, condition = (part.strip() for part in text.partition(";"))
    if keyword and not keyword.isidentifier():
        near = keyword.partition("=")[0].strip()
        raise wrong(
            f'has "{keyword}" where the name of the keyword that holds the id should be',
            f'write "(...; {keyword})" for a condition' if "=" in keyword and near.isidentifier() else _EXAMPLE,
        )
    if not semicolon:
        if not keyword:
            raise wrong("has empty brackets", "leave them out when the first argument is the id")
        return keyword, None
    name, equals, value = (part.strip() for part in condition.partition("="))
    if not equals or not name.isidentifier() or not value:
        raise wrong(f'has "{condition}" where a condition should be', 'write "; status=manual"')
    level = value.strip("\"'").lower()
    return keyword or None, (name, level)


def _target(
    right: str,
    patterns: tuple[re.Pattern[str], ...],
    rubric_ids: tuple[str, ...],
    prefixes: tuple[tuple[str, str], ...],
    wrong: _Wrong,
) -> str:
    if not right:
        raise wrong("ends at the equals sign", 'write an id after it, for example "data-1"')
    if "{n}" in right:
        if not any("n" in p.groupindex for p in patterns):
            raise wrong('has "{n}" on the right but not in the marker\'s name')
        return right
    if rubric_ids and item_id(right, rubric_ids, prefixes) is None:
        section = section_named(right, rubric_ids, prefixes)
        if section is None:
            near = did_you_mean(right, rubric_ids)
            raise wrong(
                f'names "{right}", which the rubric does not have', near or "`mlscore rubric show` lists the ids"
            )
        return section
    return right


def match_rules(
    rules: tuple[MarkerRule, ...],
    marks: Sequence[Mark],
    rubric_ids: tuple[str, ...],
    prefixes: tuple[tuple[str, str], ...],
) -> Match | None:
    """What the configured markers among `marks` say, or None when there is none.

    A test of which any mark says manual earns manual at most: the cautious reading of two that differ.
    """
    items: list[str] = []
    problems: list[str] = []
    section: str | None = None
    manual = False
    why = ""
    for rule in rules:
        for names, used in _candidates(rule, marks, rubric_ids, prefixes):
            why = why or f'marker "{used.name}", read by "{rule.source}"'
            if rule.reads_arguments:
                found, wrong = ids_in_arguments(used, rule.keyword, rubric_ids, prefixes)
                problems += wrong
            else:
                found, here, wrong = _from_names(rule, names, rubric_ids, prefixes)
                section = section or here
                problems += wrong
            items += [item for item in found if item not in items]
            if rule.manual is not None and found:
                manual |= str(used.kwargs.get(rule.manual[0], "")).strip().lower() == rule.manual[1]
    if not (items or problems or section):
        return None
    return Match(tuple(items), section, manual, tuple(dict.fromkeys(problems)), why)


def _candidates(
    rule: MarkerRule, marks: Sequence[Mark], rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> list[tuple[list[re.Match[str]], Mark]]:
    """The marks that fit a rule: the matches of their names, and the mark that tells the id (in a pair, the numbered).

    The two markers of a pair have to be about one section: with `{section}_test+{section}_{n}` the marks `model_test`
    and `data_1` are no pair, `infrastructure_test` and `infra_1` are.
    """
    fits = [[(m, mark) for mark in marks if (m := name.fullmatch(mark.name))] for name in rule.names]
    if len(fits) == 1:
        return [([m], mark) for m, mark in fits[0]]
    pairs: list[tuple[list[re.Match[str]], Mark]] = []
    for first, first_mark in fits[0]:
        for second, second_mark in fits[1]:
            names = [first, second]
            words = [name["section"] for name in names if "section" in name.re.groupindex]
            if first_mark.name != second_mark.name and (
                len({section_named(word, rubric_ids, prefixes) or word for word in words}) < 2
            ):
                pairs.append((names, second_mark if "n" in second.re.groupindex else first_mark))
    return pairs


def _from_names(
    rule: MarkerRule, names: list[re.Match[str]], rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> tuple[list[str], str | None, list[str]]:
    groups: dict[str, str] = {}
    for name in names:
        groups.update(name.groupdict())
    if rule.target is not None:
        text = rule.target.replace("{n}", groups.get("n", ""))
        found = item_id(text, rubric_ids, prefixes)
        if found is not None:
            return [found], None, []
        section = section_named(text, rubric_ids, prefixes)
        return [], section, [] if section else [unknown_id(text, rubric_ids, f'the marker line "{rule.source}"')]
    texts = [groups["item"]] if "item" in groups else []
    if "n" in groups:
        texts += [f"{groups['section']} {groups['n']}"] if "section" in groups else []
        texts += [name.string for name in names if "n" in name.re.groupindex]
        texts += [f"{_bare(name.string)} {groups['n']}" for name in names if "n" not in name.re.groupindex]
    for text in texts:
        if (found := item_id(text, rubric_ids, prefixes)) is not None:
            return [found], None, []
    if not any(section_named(_bare(t.rstrip("0123456789_ ")), rubric_ids, prefixes) for t in texts):
        # `{section}_{n}` also fits markers that have nothing to do with a rubric, such as `python_3`.
        return [], None, []
    used = "+".join(f"@pytest.mark.{name.string}" for name in names)
    return [], None, [unknown_id(texts[0].replace(" ", "_"), rubric_ids, used)]


def _bare(name: str) -> str:
    return "_".join(word for word in name.split("_") if word.lower() not in ("test", "tests", ""))


def ids_in_arguments(
    mark: Mark, keyword: str | None, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> tuple[list[str], list[str]]:
    """The ids in a mark's arguments, and a sentence for each argument that cannot be read as one.

    An Ellipsis stands for an argument that only running the test would tell; it is passed over.
    """
    shown = f"@pytest.mark.{mark.name}"
    if keyword is not None:
        if keyword not in mark.kwargs:
            given = did_you_mean(keyword, list(mark.kwargs))
            hint = given or f'write {shown}({keyword}="{_sample(rubric_ids)}")'
            return [], [f"{shown} has no {keyword}; {hint}"]
        values: tuple[object, ...] = (mark.kwargs[keyword],)
        sample = f'{shown}({keyword}="{_sample(rubric_ids)}")'
    else:
        values = mark.args
        sample = f'{shown}("{_sample(rubric_ids)}")'
        if not values and not mark.kwargs:
            return [], [f"{shown} names no item; write for example {sample}"]
        if not values:
            names = ", ".join(mark.kwargs)
            return [], [f"{shown} does not read the keyword {names}; write the ids alone, for example {sample}"]
    items: list[str] = []
    problems: list[str] = []
    for value in values:
        if value is ...:
            continue
        if isinstance(value, list | tuple | set | frozenset):
            inner = ", ".join(f'"{v}"' for v in value if isinstance(v, str)) or f'"{_sample(rubric_ids)}"'
            problems.append(
                f"{shown} takes its ids one by one, not as a {type(value).__name__}; write {shown}({inner})"
            )
        elif not isinstance(value, str):
            problems.append(f"{shown}: an item's id is text, not {value!r}; write {sample}")
        elif (found := item_id(value, rubric_ids, prefixes)) is not None:
            items.append(found)
        else:
            problems.append(unknown_id(value, rubric_ids, f'{shown}("{value}")' if keyword is None else shown))
    return items, problems


def unknown_id(text: str, rubric_ids: tuple[str, ...], where: str) -> str:
    """The sentence about an id that the rubric does not have."""
    if (section := section_named(text, rubric_ids)) is not None:
        inside = ", ".join(item for item in rubric_ids if prefix_of(item) == section)
        return f'{where}: "{text}" is a section, not an item; its items are {inside}'
    near = did_you_mean(text, rubric_ids) if text else None
    return f'{where}: the rubric has no item "{text}"; {near or _LIST}'


def _sample(rubric_ids: tuple[str, ...]) -> str:
    return rubric_ids[0] if rubric_ids else "data-1"
