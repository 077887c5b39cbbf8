"""A trace as a page that a person reads: Markdown, and self-contained HTML."""

from __future__ import annotations

from html import escape
from pathlib import Path

from mlscore.checks.trace.compare import changes
from mlscore.checks.trace.shapes import Cell, Snapshot, Step, TraceReport
from mlscore.errors import OutputError

_STYLE = """
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #f4f6f9; --ink: #1b1f27; --dim: #5d6675; --bad: #b3261e;
  --good: #14713a; --new: #e9f4ec; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --line: #3a404b; --soft: #23272f; --ink: #e6e9ee; --dim: #9aa4b2;
  --bad: #ff8a80; --good: #7bd88f; --new: #1f3326; --page: #17191e } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .25rem } h2 { font-size: 1.1rem; margin: 0 }
.verdict { border-left: 4px solid var(--good); background: var(--soft); padding: .6rem 1rem; margin: 1rem 0 }
.verdict.bad { border-color: var(--bad) } .verdict ul { margin: .3rem 0 0; padding-left: 1.2rem }
section { border: 1px solid var(--line); border-radius: 6px; margin: .8rem 0; padding: .7rem 1rem }
section.inner { margin-left: 2rem } section.bad { border-color: var(--bad) }
.what, .kind { color: var(--dim) } .kind { font-weight: normal; font-size: .9rem } .error { color: var(--bad) }
.wide { overflow-x: auto } table { border-collapse: collapse; margin-top: .5rem; font-size: .9rem }
th, td { text-align: left; padding: .15rem .9rem .15rem 0; border-bottom: 1px solid var(--line) }
td.value { font-family: ui-monospace, monospace; overflow-wrap: anywhere } tr.new td { background: var(--new) }
.null { color: var(--bad) } .arrow { text-align: center; color: var(--dim); margin: -.3rem 0 }
"""
_MOST = 60


def write_page(report: TraceReport, path: Path) -> None:
    """Write the trace: as Markdown to a path that ends in .md, else as HTML. Raises OutputError."""
    text = markdown(report) if path.suffix.lower() in (".md", ".markdown") else html(report)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=path, hint="mend the path") from None


def _rows(step: Step) -> tuple[list[tuple[str, str, Cell, str]], int]:
    """A line for each value after a step: its name, dtype, value and what became of it; and how many are not shown."""
    after, before = step.after, step.before
    if after is None:
        return [], 0
    old = {} if before is None else {_name(before, number): cell for number, cell in before.cells}
    alike = before is not None and (before.columns is None) == (after.columns is None)
    named = alike and before is not None and (after.columns is not None or before.shape == after.shape)
    lines = []
    for number, cell in after.cells[:_MOST]:
        name = _name(after, number)
        if not named or before is None:
            became = ""
        elif name not in old:
            became = "new"
        else:
            became = "" if old[name] == cell else f"was {_value(old[name])}"
        lines.append((name, _dtype(after, number), cell, became))
    return lines, after.size - len(lines)


def _name(of: Snapshot, number: int) -> str:
    if of.columns is not None and of.columns:
        row, place = divmod(number, len(of.columns))
        return of.columns[place] if row == 0 else f"{of.columns[place]} (row {row + 1})"
    return f"[{number}]" if of.shape else "value"


def _dtype(of: Snapshot, number: int) -> str:
    return of.dtypes[number % len(of.dtypes)] if of.dtypes else ""


def _value(cell: Cell) -> str:
    if cell is None:
        return "null"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _what(of: Snapshot) -> str:
    shape = " × ".join(map(str, of.shape)) if of.shape else "one value"
    nulls = f", {of.nulls} null{'s' if of.nulls != 1 else ''}" if of.nulls else ", no nulls"
    return f"{of.form}, {shape}{nulls}{f', {of.infinite} infinite' if of.infinite else ''}"


def _verdict(report: TraceReport) -> str:
    if report.passed:
        return f"The trace ends in the served prediction: {report.served}"
    end = "in nothing" if report.end is None else f"in {report.end}"
    return f"The trace ends {end}; served was {report.served}"


def _start(report: TraceReport) -> Step:
    """The row itself, as a step that nothing came before."""
    return Step("the example", report.row, None, report.example)


# --- Markdown


def markdown(report: TraceReport) -> str:
    """The page in Markdown."""
    lines = [f"# Trace of {_md(report.row)}", "", f"Traced: {_md(report.what)}. Served by {report.by}.", ""]
    lines += [f"**{_md(_verdict(report))}**", ""]
    lines += [f"- {_md(one)}" for one in report.findings] + ([""] if report.findings else [])
    if report.agreeing is not None:
        lines += [f"The last step known to agree is `{report.agreeing}`.", ""]
    if report.personal:
        lines += [f"Redacted: {_md(', '.join(report.personal))}.", ""]
    start = _start(report)
    for number, step in enumerate([start, *report.steps]):
        title = "The example" if step is start else f"{number}. {_md(step.name)}"
        lines += [f"{'###' if step.depth else '##'} {title}", "", f"{_md(step.kind)}", ""]
        if step.error is not None:
            lines += [f"It raises {_md(step.error)}", ""]
        if step.after is not None:
            lines += [f"{_md(_what(step.after))}. {_md(_sentence(step))}".strip(), ""]
            rows, more = _rows(step)
            if rows:
                lines += ["| name | dtype | value | change |", "|---|---|---|---|"]
                lines += [f"| {_md(n)} | {_md(d)} | {_md(_value(c))} | {_md(b)} |" for n, d, c, b in rows]
                lines += [f"\nand {more:,} more, 0 or null" if more > 0 else "", ""]
    lines += ["## The end", "", _md(_verdict(report)), ""]
    return "\n".join(lines)


def _sentence(step: Step) -> str:
    told = changes(step.before, step.after)
    return f"{'; '.join(told)}." if told else ""


def _md(text: str) -> str:
    """Text that Markdown leaves as it is, on one line."""
    kept = " ".join(text.split())
    for sign in "\\`*_[]<>|#":
        kept = kept.replace(sign, f"\\{sign}")
    return kept


# --- HTML


def html(report: TraceReport) -> str:
    """The page in HTML, with nothing that is loaded from elsewhere."""
    title = f"Trace of {report.row}"
    bad = "" if report.passed else " bad"
    found = "".join(f"<li>{escape(one)}</li>" for one in report.findings)
    agreeing = f"<p>The last step known to agree is <b>{escape(report.agreeing)}</b>.</p>" if report.agreeing else ""
    redacted = f'<p class="what">Redacted: {escape(", ".join(report.personal))}.</p>' if report.personal else ""
    start = _start(report)
    steps = [start, *report.steps]
    body = '<div class="arrow">↓</div>'.join(_section(step, number, report, start) for number, step in enumerate(steps))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>\n'
        f'<h1>{escape(title)}</h1><p class="what">Traced: {escape(report.what)}. Served by {escape(report.by)}.</p>\n'
        f'<div class="verdict{bad}"><b>{escape(_verdict(report))}</b><ul>{found}</ul>{agreeing}</div>{redacted}\n{body}\n'
        f'<div class="arrow">↓</div><section><h2>The end</h2><p>{escape(_verdict(report))}</p></section>\n</body></html>\n'
    )


def _section(step: Step, number: int, report: TraceReport, start: Step) -> str:
    name = "The example" if step is start else f"{number}. {step.name}"
    wrong = step.error is not None or (report.parting is not None and step.name == report.parting)
    kind = f"{'inner' if step.depth else ''}{' bad' if wrong else ''}".strip()
    parts = [f'<section class="{kind}"><h2>{escape(name)} <span class="kind">{escape(step.kind)}</span></h2>']
    if step.error is not None:
        parts.append(f'<p class="error">It raises {escape(step.error)}</p>')
    if step.after is not None:
        parts.append(f'<p class="what">{escape(_what(step.after))}. {escape(_sentence(step))}</p>')
        rows, more = _rows(step)
        if rows:
            cells = "".join(
                f'<tr class="{"new" if became else ""}"><td>{escape(name)}</td><td>{escape(dtype)}</td>'
                f'<td class="value{" null" if cell is None else ""}">{escape(_value(cell))}</td>'
                f"<td>{escape(became)}</td></tr>"
                for name, dtype, cell, became in rows
            )
            head = "<tr><th>name</th><th>dtype</th><th>value</th><th>change</th></tr>"
            parts.append(f'<div class="wide"><table>{head}{cells}</table></div>')
        if more > 0:
            parts.append(f'<p class="what">and {more:,} more, 0 or null</p>')
    return "".join(parts) + "</section>"
