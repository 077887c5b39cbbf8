"""What the shell's words come to: variables, defaults, arithmetic, and the substitutions whose answer is plain."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import ROOT, UNKNOWN, resolve
from mlscore.probes.automation.shell_lexer import ShellSyntaxError
from mlscore.probes.automation.shell_listing import LISTERS, printed_paths
from mlscore.probes.automation.shell_nodes import Part, Simple, Word
from mlscore.probes.automation.shell_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlscore.probes.automation.shell_nodes import Command
    from mlscore.project.tree import Tree

MAX_FIELDS = 2000
_BRACE = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ARITHMETIC = re.compile(r"[\d\s+\-*/%()<>=!&|]*")
_PATH_CUT = {"%/*": dirname, "%%/*": dirname, "##*/": basename}
_COMPARE: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b, ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
}  # fmt: skip


@dataclass(slots=True)
class Values:
    """What a shell knows while it runs: variables, arguments, folder, and the last exit codes (None: not known).

    `tree` gives what commands such as `find` list.
    """

    variables: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    script: str = UNKNOWN
    cwd: str | None = ""
    last: int | None = 0
    pipe: tuple[int | None, ...] = (0,)
    tree: Tree | None = None

    def copy(self) -> Values:
        """The same knowledge, free to change."""
        return Values(dict(self.variables), self.arguments, self.script, self.cwd, self.last, self.pipe, self.tree)

    # -- words --------------------------------------------------------------------------------------------------------

    def expand(self, words: tuple[Word, ...]) -> list[str]:
        """The words as the command gets them; what cannot be known is UNKNOWN."""
        found: list[str] = []
        for word in words:
            found.extend(self.fields(word))
        return found[:MAX_FIELDS]

    def text(self, word: Word) -> str:
        """The word as one text, as after `=`."""
        return "".join(" ".join(v) if isinstance(v := self.part(part), tuple) else v for part in word)

    def fields(self, word: Word) -> list[str]:
        """One word's fields: none, one or several."""
        fields: list[str] = []
        current: str | None = None
        for part in word:
            value = self.part(part)
            if isinstance(value, tuple):
                pieces, split = list(value), True
            elif part.quoted or part.kind == "text":
                pieces, split = [value], False
            else:
                pieces, split = value.split(), True
            if split and not pieces:
                continue
            for number, piece in enumerate(pieces):
                if number and current is not None:
                    fields.append(current)
                    current = None
                current = (current or "") + piece
        if current is not None:
            fields.append(current)
        if len(fields) == 1 and "{" in fields[0] and not any(part.quoted for part in word):
            return _braces(fields[0])
        return fields

    def part(self, part: Part) -> str | tuple[str, ...]:
        """The value of one part of a word."""
        if part.kind == "text":
            return part.value
        if part.kind == "math":
            number = self.arithmetic(part.value)
            return UNKNOWN if number is None else str(number)
        if part.kind == "sub":
            return self.substitution(part.value)
        value = self.variable(part.value)
        if isinstance(value, tuple) and part.quoted and part.value.endswith(("*", "[*]")):
            value = " ".join(value)
        return self.modified(value, part) if part.op else UNKNOWN if value is None else value

    def variable(self, name: str) -> str | tuple[str, ...] | None:
        """A variable's value; None when nothing in the repository sets it."""
        if name in ("?", "#"):
            number = self.last if name == "?" else len(self.arguments)
            return UNKNOWN if number is None else str(number)
        if name in ("@", "*"):
            return self.arguments
        if name.isdigit():
            index = int(name)
            return self.script if index == 0 else self.arguments[index - 1] if index <= len(self.arguments) else ""
        if name in ("PWD", "OLDPWD"):
            return UNKNOWN if self.cwd is None or name == "OLDPWD" else f"{ROOT}/{self.cwd}"
        base, _, index_text = name.partition("[")
        if base == "BASH_SOURCE":
            return self.script
        if base == "PIPESTATUS":
            index = int(index_text[:-1]) if index_text[:-1].isdigit() else 0
            status = self.pipe[index] if index < len(self.pipe) else None
            return UNKNOWN if status is None else str(status)
        value = self.variables.get(base)
        if isinstance(value, tuple) and index_text[:-1] not in ("@", "*"):
            index = int(index_text[:-1] or 0) if index_text[:-1].isdigit() or not index_text else len(value)
            return value[index] if index < len(value) else UNKNOWN
        return value

    def modified(self, value: str | tuple[str, ...] | None, part: Part) -> str | tuple[str, ...]:
        """The value of `${name:-default}` and its like."""
        empty = value is None or (part.op.startswith(":") and value == "")
        if value is not None and UNKNOWN in value:
            return UNKNOWN
        if part.op in (":-", "-", ":=", "="):
            if not empty:
                return value or ""
            default = self.plain(part.rest)
            if part.op.endswith("=") and re.fullmatch(r"\w+", part.value):
                self.variables[part.value] = default
            return default
        if part.op in (":+", "+"):
            return "" if empty else self.plain(part.rest)
        if part.op in (":?", "?"):
            return UNKNOWN if value is None else value
        if isinstance(value, str) and part.op + part.rest in _PATH_CUT:
            return _PATH_CUT[part.op + part.rest](value)
        return UNKNOWN

    def plain(self, text: str) -> str:
        """A default's text, itself expanded."""
        if not re.search(r"[$`'\"\\]", text):
            return text
        try:
            first = parse(f"x={text}" if re.match(r"[\"'$]\S*$", text) else f'x="{text}"')[0].parts[0][1].commands[0]
        except (ShellSyntaxError, IndexError):
            return UNKNOWN
        return self.text(first.assignments[0].values[0]) if isinstance(first, Simple) and first.assignments else UNKNOWN

    # -- substitutions and arithmetic ---------------------------------------------------------------------------------

    def substitution(self, text: str) -> str:
        """What `$(…)` prints, for the few commands whose answer the repository gives."""
        try:
            script = parse(text)
        except ShellSyntaxError:
            return UNKNOWN
        if len(script) == 1 and len(script[0].parts) == 1:
            listed = self.listed(script[0].parts[0][1].commands)
            if listed is not None and not any(re.search(r"\s", path) for path in listed):
                return " ".join(listed)
        folder, printed = self.cwd, UNKNOWN
        for entry in script:
            for op, pipeline in entry.parts:
                command = pipeline.commands[0]
                if op == "||" or len(pipeline.commands) > 1 or not isinstance(command, Simple):
                    return UNKNOWN
                words = [word for word in self.expand(command.words) if word not in ("--", "-P", "-f", "-m", "-e")]
                if words[:1] == ["cd"] and len(words) == 2:
                    folder = resolve(folder, words[1])
                elif words == ["pwd"] or words == ["git", "rev-parse", "--show-toplevel"]:
                    printed = UNKNOWN if folder is None else f"{ROOT}/{folder}" if words == ["pwd"] else ROOT
                elif len(words) == 2 and words[0] in ("dirname", "basename", "echo", "realpath", "readlink"):
                    printed = self.printed(words[0], words[1], folder)
                else:
                    return UNKNOWN
        return printed

    def listed(self, commands: tuple[Command, ...]) -> tuple[str, ...] | None:
        """The paths that piped commands print, where they only list files of the repository."""
        words = [self.expand(command.words) for command in commands if isinstance(command, Simple)]
        if self.tree is None or len(words) < len(commands) or not words or not words[0] or words[0][0] not in LISTERS:
            return None
        return printed_paths(words, self.cwd, self.tree)

    def printed(self, command: str, word: str, folder: str | None) -> str:
        """What a command about one path prints."""
        if UNKNOWN in word or command == "echo":
            return word
        if command in ("realpath", "readlink"):
            path = resolve(folder, word)
            return UNKNOWN if path is None else f"{ROOT}/{path}"
        return dirname(word) or "." if command == "dirname" else basename(word)

    def arithmetic(self, text: str) -> int | None:
        """The value of a small arithmetic expression, or None. Assignments inside are carried out."""
        match = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*([-+*/%|&]?)=(?!=)(.*)", text, re.DOTALL)
        if match:
            right = self.arithmetic(match[3])
            value = self.arithmetic(f"{match[1]} {match[2]} ({match[3]})") if match[2] and right is not None else right
            self.variables[match[1]] = UNKNOWN if value is None else str(value)
            return value

        def known(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            value = self.variable(name) if not name.isdigit() or found[0].startswith("$") else name
            return f" {value} " if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value) else "?"

        flat = re.sub(r"\$\{?([A-Za-z_]\w*(?:\[\d+\])?|[?#0-9])\}?|\b([A-Za-z_]\w*|\d+)\b", known, text)
        if not _ARITHMETIC.fullmatch(flat) or "**" in flat or "<<" in flat or ">>" in flat or len(flat) > 200:
            return None
        flat = flat.replace("&&", " and ").replace("||", " or ")
        try:
            return _number(ast.parse(re.sub(r"!(?!=)", " not ", flat).strip(), mode="eval").body)
        except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
            return None


def _number(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return int(node.value)
    if isinstance(node, ast.BoolOp):
        values = [_number(value) != 0 for value in node.values]
        return int(all(values) if isinstance(node.op, ast.And) else any(values))
    if isinstance(node, ast.UnaryOp):
        value = _number(node.operand)
        return -value if isinstance(node.op, ast.USub) else int(not value) if isinstance(node.op, ast.Not) else value
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        return int(_COMPARE[type(node.ops[0])](_number(node.left), _number(node.comparators[0])))
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left), _number(node.right)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left // right
            case ast.Mod():
                return left % right
            case ast.BitOr():
                return left | right
            case ast.BitAnd():
                return left & right
    raise ValueError("no plain arithmetic")


def _braces(text: str) -> list[str]:
    found = [text]
    for _ in range(4):
        grown: list[str] = []
        for item in found:
            match = _BRACE.search(item)
            choices = match[1].split(",") if match else [None]
            grown.extend(
                item if choice is None or match is None else item[: match.start()] + choice + item[match.end() :]
                for choice in choices
            )
        found = grown[:MAX_FIELDS]
    return found
