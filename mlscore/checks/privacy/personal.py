"""Personal data in a table, by the content of every row and by the names of the columns, outside an allow-list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlscore.checks import intervals
from mlscore.checks.privacy import detectors, names, scan
from mlscore.checks.privacy.detectors import Detector, Judged
from mlscore.errors import InputError, UsageError, did_you_mean
from mlscore.tables.shapes import Column, Kind

if TYPE_CHECKING:
    from mlscore.tables.engines.base import Engine
    from mlscore.tables.table import Table

SHARE = 0.01
_FAMILIES = {"phone-es": "phone", "iban": "account", "ipv6": "ip", "mac": "ip"}
_NATIONAL = ("dni", "nie", "nif-pt", "nir", "codice-fiscale", "steuer-id", "nino", "ssn", "rut", "cuit", "curp", "cpf")
_FAMILIES |= dict.fromkeys(_NATIONAL, "national-id")
KINDS = tuple(dict.fromkeys((*detectors.KINDS, *names.LABELS)))
_PRECISE = 0.5  # of the pairs of coordinates so many have a fourth decimal


@dataclass(frozen=True, slots=True)
class Allowed:
    """A column that may hold personal data, for a reason: of these kinds (or families, "national-id"), of all for none."""

    reason: str
    kinds: tuple[str, ...] = ()

    def covers(self, kind: str) -> bool:
        """Whether it allows the kind."""
        return not self.kinds or kind in self.kinds or _FAMILIES.get(kind, kind) in self.kinds


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """One kind of personal data in one column; never a value of it.

    `column` is the column's name, or its number where the name is itself personal data. `by` is "content" or "name".
    Of `present` rows with a value `candidates` look alike at first sight; they hold `distinct` values, of which `judged`
    were judged. `rows` hold a confirmed one: exact, or estimated between `low` and `high` (95 %, Wilson's interval over
    distinct values) where not all values were judged. `tokens` distinct look-alikes were met, `confirmed` are well-formed.
    """

    column: str
    kind: str
    label: str
    by: str
    present: int
    rows: int
    candidates: int = 0
    distinct: int = 0
    judged: int = 0
    tokens: int = 0
    confirmed: int = 0
    low: int = 0
    high: int = 0

    @property
    def exact(self) -> bool:
        """Whether every candidate was judged."""
        return self.judged >= self.distinct

    def __str__(self) -> str:
        if self.by == "name":
            return f"{self.column}: the name says {self.label}, and {self.rows:,} rows have a value"
        about = "" if self.exact else "about "
        share = self.rows / self.present if self.present else 0.0
        interval = "" if self.exact else f", {self.low:,} to {self.high:,} of them at 95 %"
        return f"{self.column}: {self.label} in {about}{self.rows:,} of {self.present:,} values ({share:.2%}{interval})"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What was found: `found` outside the allow-list, `allowed` inside it, `cleared` look-alikes that chance explains.

    `judged` are the columns that could have failed, `unknown` what could not be judged, `stale` names in the allow-list
    that are no columns.
    """

    source: str
    rows: int
    found: tuple[PersonalColumn, ...]
    allowed: tuple[PersonalColumn, ...]
    cleared: tuple[PersonalColumn, ...]
    judged: tuple[str, ...]
    unknown: tuple[str, ...]
    stale: tuple[str, ...]


def find_personal_data(
    source: object,
    *,
    allow: Mapping[str, Allowed | str] | None = None,
    share: float = SHARE,
    kinds: Sequence[str] | None = None,
    by_name: bool = True,
    values: int = scan.VALUES,
) -> PersonalData:
    """Personal data in a table (or whatever `open_table` takes), over all rows.

    `allow` maps a column to the reason why it may hold some. A kind without check digits is an alarm from `share` of a
    column's values on; one with them as soon as chance does not explain it (see docs/data/privacy.md). `kinds` limits the
    search. Of each column and kind at most `values` distinct values are judged. Raises UsageError for kinds that there
    are not and for a reason that is missing, InputError where the source cannot be read.
    """
    permitted = {column: _permitted(column, given) for column, given in (allow or {}).items()}
    wanted = frozenset(_known(kinds or KINDS))
    if not 0 < share <= 1:
        raise UsageError(f"a share of {share} would not tell anything", hint="give one above 0, up to 1")
    with opened(source) as table:
        return _Search(table, permitted, share, wanted, by_name, values).run()


@contextmanager
def opened(source: object) -> Iterator[Table]:
    """The table itself, or what is opened for the time being."""
    from mlscore.tables.table import Table, open_table

    if isinstance(source, Table):
        yield source
        return
    with open_table(source) as table:
        yield table


def _permitted(column: str, given: Allowed | str) -> Allowed:
    made = given if isinstance(given, Allowed) else Allowed(given)
    if not made.reason.strip():
        raise UsageError(f"the allow-list gives no reason for {column!r}", hint="say why the column may be there")
    _known(made.kinds)
    return made


def _known(kinds: Sequence[str]) -> Sequence[str]:
    for kind in kinds:
        if kind not in KINDS:
            near = did_you_mean(kind, KINDS)
            listed = f"the kinds are {', '.join(KINDS)}"
            raise UsageError(
                f"there is no kind of personal data {kind!r}", hint=f"{near} ({listed})" if near else listed
            )
    return kinds


class _Search:
    """One search over one table."""

    def __init__(
        self,
        table: Table,
        allow: Mapping[str, Allowed],
        share: float,
        kinds: frozenset[str],
        by_name: bool,
        values: int,
    ) -> None:
        self.table, self.allow, self.share, self.kinds, self.values = table, allow, share, kinds, values
        self.by_name = by_name
        self.engine: Engine = table.engine
        self.unknown: list[str] = []
        self.all: list[PersonalColumn] = []
        self.cleared: list[PersonalColumn] = []
        numbers = {column.name: number for number, column in enumerate(table.columns, 1)}
        self.label = {
            name: f"column {number} (its name is personal data)" if detectors.names_itself(name) else f'column "{name}"'
            for name, number in numbers.items()
        }

    def run(self) -> PersonalData:
        columns = [column for column in self.table.columns if not self._free(column.name)]
        looked = self._look(columns)
        rows = looked[0].rows if looked else self.table.count()
        self._contents(looked)
        self._names_as_values(columns, rows)
        if self.by_name:
            self._names(looked)
        self._pairs(looked)
        kept = [found for found in self.all if found.kind in self.kinds]
        by_label = {self.label[name]: allowed for name, allowed in self.allow.items() if name in self.label}
        inside = [f for f in kept if f.column in by_label and by_label[f.column].covers(f.kind)]
        outside = sorted((f for f in kept if f not in inside), key=lambda f: (f.by == "name", -f.rows, f.column))
        named = {name: name if label == f'column "{name}"' else label for name, label in self.label.items()}
        judged = tuple(named[one.column.name] for one in looked if one.present and self._judges(one.column))
        stale = tuple(self.allow.keys() - self.label.keys())
        return PersonalData(
            str(self.table.source), rows, tuple(outside), tuple(inside), tuple(self.cleared), judged,
            tuple(self.unknown), tuple(sorted(stale)),
        )  # fmt: skip

    def _free(self, name: str) -> bool:
        """Whether the allow-list takes the column out altogether."""
        return name in self.allow and not self.allow[name].kinds

    def _judges(self, column: Column) -> bool:
        searched = any(one.kind in self.kinds for one in scan.searched(column))
        return searched or (self.by_name and column.kind not in (Kind.BOOLEAN, Kind.BINARY))

    def _look(self, columns: list[Column]) -> list[scan.Looked]:
        for column in columns:
            if column.kind is Kind.BINARY:
                self.unknown.append(f"{self.label[column.name]} holds binary values")
        try:
            return scan.first_look(self.engine, columns)
        except InputError:
            simple = [column for column in columns if column.kind not in (Kind.NESTED, Kind.OTHER)]
            if len(simple) == len(columns):
                raise
            odd = [column for column in columns if column not in simple]
            self.unknown += [f"{self.label[c.name]} holds {c.native[:40]} values, not to be read as text" for c in odd]
            return scan.first_look(self.engine, simple)

    def _contents(self, looked: list[scan.Looked]) -> None:
        by_name = {one.column.name: one for one in looked}
        pairs = [
            (one.column, detector)
            for one in looked
            if one.loose
            for detector in scan.searched(one.column)
            if detector.kind in self.kinds
        ]
        for column, detector, count in list(scan.count_candidates(self.engine, pairs)):
            if count:
                self._judge(by_name[column.name], detector, count)

    def _judge(self, one: scan.Looked, detector: Detector, count: int) -> None:
        column, present = one.column, one.present
        seen = scan.candidates(self.engine, one, detector, count, self.values)
        tokens: set[str] = set()
        good: set[str] = set()
        strong = matched = hits = bare = 0
        for text, n in seen.values:
            hit = False
            for token in detector.find(text):
                tokens.add(token.text)
                if token.confirmed:
                    good.add(token.text)
                    hit = True
                    strong += token.strong
            hits += hit
            bare += hit and text.isdigit()
            matched += n if hit else 0
        read = sum(n for _, n in seen.values)
        told = intervals.share(hits, len(seen.values))
        if seen.whole:
            rows = least = most = matched
        else:
            rows = round(count * matched / max(1, read))
            least, most = min(rows, int(count * told.low)), min(count, max(rows, int(count * told.high) + 1))
        found = PersonalColumn(
            column=self.label[column.name],
            kind=detector.kind,
            label=detector.label,
            by="content",
            present=present,
            rows=rows,
            candidates=count,
            distinct=seen.distinct,
            judged=len(seen.values),
            tokens=len(tokens),
            confirmed=len(good),
            low=least,
            high=most,
        )
        judged = Judged(
            tokens=len(tokens),
            confirmed=len(good),
            strong=strong,
            present_share=rows / max(1, present),
            plausible=detector.plausible(good),
            bare=2 * bare > hits,
            candidate_share=rows / max(1, count),
        )
        if detectors.alarms(detector, judged, self.share):
            self.all.append(found)
        elif good:
            self.cleared.append(found)
        elif not seen.whole:
            self.unknown.append(
                f"{found.column}: none of {found.judged:,} values judged is of {found.label}, {found.distinct:,} look alike"
                f" (at most {found.high:,} rows may hold one, at 95 %)"
            )

    def _names_as_values(self, columns: list[Column], rows: int) -> None:
        for column in columns:
            if detectors.names_itself(column.name):
                kind = next(d for d in detectors.DETECTORS if any(t.confirmed for t in d.find(column.name)))
                label = f"{kind.label} as the column's own name,"
                self.all.append(PersonalColumn(self.label[column.name], kind.kind, label, "content", rows, rows))

    def _names(self, looked: list[scan.Looked]) -> None:
        held = {(found.column, _FAMILIES.get(found.kind, found.kind)) for found in self.all}
        firsts = self._first_names([one.column.name for one in looked if one.column.kind is Kind.TEXT and one.present])
        for one in looked:
            column, label = one.column, self.label[one.column.name]
            kind = names.kind_by_name(column.name)
            share = firsts.get(column.name)
            if kind is None and names.bare_name(column.name) and (share is None or share >= names.NO_NAMES):
                kind = "name" if column.kind is Kind.TEXT else None
            if kind is None and share is not None and share >= names.SOME_NAMES:
                kind = "first-name"
                text = f"{names.LABELS[kind]} ({share:.0%} of the distinct values of a sample begin with a common one)"
                self.all.append(PersonalColumn(label, kind, text, "content", one.present, round(share * one.present)))
            elif kind is not None and one.present and (label, kind) not in held and _bears(kind, one):
                text = names.LABELS[kind]
                if names.of_digests(column.name):
                    text = f"digests of {text}, which anybody can compute again"
                self.all.append(PersonalColumn(label, kind, text, "name", one.present, one.present))

    def _first_names(self, columns: list[str]) -> dict[str, float | None]:
        """Of a sample, the share of distinct values that begin with a first name; None of fewer than three of them."""
        if not columns or not {"name", "first-name"} & self.kinds:
            return {}
        drawn = self.table.sample(3_000, columns=columns)
        shares: dict[str, float | None] = {}
        for name in columns:
            distinct = {value for value in drawn.column(name).to_pylist() if isinstance(value, str) and value.strip()}
            begun = sum(map(names.begins_with_first_name, distinct))
            shares[name] = begun / len(distinct) if len(distinct) >= 3 else None
        return shares

    def _pairs(self, looked: list[scan.Looked]) -> None:
        """Columns of numbers that are latitude and longitude by name, and precise."""
        sides: dict[str, dict[str, scan.Looked]] = {"latitude": {}, "longitude": {}}
        for one in looked:
            side = names.axis(one.column.name)
            if side and one.column.kind is Kind.NUMBER and one.present:
                rest = " ".join(word for word in names.words(one.column.name) if names.axis(word) is None)
                sides[side].setdefault(rest, one)
        scope = self.engine.scope
        for rest, north in sides["latitude"].items():
            east = sides["longitude"].get(rest)
            if east is None:
                continue
            a, b = scope.sql(north.column.name), scope.sql(east.column.name)
            fine = " AND ".join(f"ABS({v} * 1000 - FLOOR({v} * 1000 + 0.5)) > 0.001" for v in (a, b))
            there = f"ABS({a}) <= 90 AND ABS({b}) <= 180"
            sql = f"SELECT COUNT_IF({there}), COUNT_IF({there} AND {fine}) FROM {scope.relation}"
            both, precise = (int(cell or 0) for cell in self.engine.run(sql, "looking for coordinates")[0])
            if precise and precise >= _PRECISE * both:
                label = f"coordinates to some 10 m (with {self.label[east.column.name]})"
                found = PersonalColumn(self.label[north.column.name], "coordinates", label, "content", both, precise)
                self.all.append(found)


def _bears(kind: str, one: scan.Looked) -> bool:
    """Whether the column can hold what its name says: flags, counts and codes cannot."""
    column = one.column
    if column.kind is Kind.BOOLEAN or column.kind is Kind.BINARY:
        return False
    if column.kind in (Kind.DATE, Kind.DATETIME):
        return kind == "birth"
    if column.kind.numeric:
        return kind not in names.OF_LETTERS and one.large > 0
    return kind not in names.OF_DIGITS or one.loose > 0


def relabel(found: PersonalColumn, source: str) -> PersonalColumn:
    """The same with its source's name before the column's, for findings over several tables."""
    return replace(found, column=f"{source}: {found.column}")
