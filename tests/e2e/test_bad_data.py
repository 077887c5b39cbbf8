"""Data no one wishes for, through the commands: an honest verdict or one clear sentence, and other checks go on."""

import json
import math
import re
import sys
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest

ROWS = 60
START = datetime(2026, 3, 1)
SECRET = "hunter2-very-secret"
HOSTILE = [
    "'; DROP TABLE x; --",
    'quo"te',
    "it's",
    "a.b.c",
    " sp ace ",
    "🙂",
    "select",
    "x",
    "X",
    "count(*)",
    "mlscore row",
    "\x1b[31mred",
    "line\nbreak",
]


def rows(**others):
    """Ordinary rows, with some columns exchanged for others."""
    number = range(ROWS)
    data = {
        "id": list(number),
        "x": [math.sin(n) for n in number],
        "c": ["abc"[n % 3] for n in number],
        "at": [START + timedelta(hours=n) for n in number],
    }
    return pa.table(data | others)


def empty(of):
    return pa.nulls(ROWS, of)


TABLES = {
    "as it should be": lambda: rows(),
    "empty": lambda: rows().slice(0, 0),
    "one row": lambda: rows().slice(0, 1),
    "all null": lambda: pa.table({field.name: empty(field.type) for field in rows().schema}),
    "null without a type": lambda: rows(id=empty(pa.null()), x=empty(pa.null()), c=empty(pa.null())),
    "nothing in common": lambda: pa.table({"p": [1.5] * ROWS, "q": ["z"] * ROWS}),
    "duplicated ids": lambda: rows(id=[n // 2 for n in range(ROWS)]),
    "missing ids": lambda: rows(id=[None if n % 3 == 0 else n for n in range(ROWS)]),
    "wrong types": lambda: rows(id=[str(n) for n in range(ROWS)], x=["1.5"] * ROWS, c=list(range(ROWS)), at=["now"] * ROWS),
    "infinity and NaN": lambda: rows(x=[[math.inf, -math.inf, math.nan, 1.0][n % 4] for n in range(ROWS)]),
    "decimals": lambda: rows(x=[Decimal(n) / 100 for n in range(ROWS)]),
    "nested and binary": lambda: rows(x=[{"a": n} for n in range(ROWS)], c=[b"\x00\xff"] * ROWS),
    "zoned times": lambda: rows(at=pa.array([START] * ROWS, pa.timestamp("us", "Europe/Madrid"))),
    "hostile names": lambda: pa.table({"id": list(range(ROWS))} | {name: [1.0, 2.0] * (ROWS // 2) for name in HOSTILE}),
}  # fmt: skip


@pytest.fixture
def parquet(project):
    """`parquet(name, table)`: a file of the project."""

    def put(name, table):
        pyarrow.parquet.write_table(table, project / name)
        return project / name

    return put


@pytest.fixture
def good(parquet, mlscore):
    """Ordinary rows and the schema that they propose."""
    parquet("good.parquet", rows())
    assert mlscore("data", "schema", "infer", "good.parquet", "-o", "good.toml").code == 0


def verdict(done, plain):
    """What a call ended with, in a line: the sentence, or what of the report matters here."""
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    if done.code == 2:
        assert done.out == ""
        assert done.err.count("\n") == 1
        return f"exit 2 | {plain(done.err)}"
    assert done.err == ""
    data = done.data
    if "rules" in data:
        broken = [
            f"{rule['column'] or 'table'}: {rule['rule']} {rule['violations']}"
            for rule in data["rules"]
            if not rule["passed"]
        ]
        told = f"{len(data['rules'])} rules, broken {broken}, {len(data['unknown'])} unknown, {data['hollow']}"
        return f"exit {done.code} | {told}"
    if "examples" in data:
        found = [column["name"] for column in data["columns"] if column["found"]]
        return f"exit {done.code} | {data['verdict']}, {data['examples']['matched']} matched, {found}, {data['hollow']}"
    if "rows_drift" in data:
        found = {column["name"]: column["cause"] for column in data["columns"] if column["drifted"]}
        return f"exit {done.code} | {found}"
    return f"exit {done.code} | {data['rows']} rows, null {[column['null'] for column in data['columns']]}"


@pytest.mark.parametrize("name", TABLES)
def test_every_command_says_something_true(good, parquet, mlscore, plain, snapshot, name):
    parquet("bad.parquet", TABLES[name]())
    compare = ("--no-joint", "-r", "json")
    said = {
        "profile": mlscore("data", "profile", "bad.parquet", "-r", "json"),
        "infer": mlscore("data", "schema", "infer", "bad.parquet", "-r", "json"),
        "check": mlscore("data", "schema", "check", "good.toml", "bad.parquet", "-r", "json"),
        "drift": mlscore("data", "drift", "good.parquet", "bad.parquet", *compare),
        "drift back": mlscore("data", "drift", "bad.parquet", "good.parquet", *compare),
        "skew": mlscore("data", "skew", "bad.parquet", "good.parquet", "--id", "id", "-r", "json"),
    }
    assert {command: verdict(done, plain) for command, done in said.items()} == snapshot
    # A person reads no control characters of anybody's choice.
    for form in ("terminal", "markdown"):
        shown = mlscore("data", "profile", "bad.parquet", "-r", form)
        assert "\x1b" not in shown.out


def test_what_an_inferred_schema_says_as_json(good, mlscore, project):
    done = mlscore("data", "schema", "infer", "good.parquet", "-r", "json", "-r", "json:proposed.json")
    assert (done.code, done.err) == (0, "")
    assert done.data["passed"] is True
    found = {(rule["column"], rule["rule"]): rule for rule in done.data["rules"]}
    assert {column for column, _ in found} >= {"id", "x", "c", "at"}
    unique = found["id", "unique"]
    assert (unique["violations"], unique["rows"]) == (0, ROWS)
    assert unique["reason"].startswith(f"All {ROWS} values are different")
    assert json.loads((project / "proposed.json").read_text(encoding="utf-8"))["rules"] == done.data["rules"]
    both = mlscore("data", "schema", "infer", "good.parquet", "-o", "new.toml", "-r", "json", "-r", "terminal:told.txt")
    assert both.data["rules"] == done.data["rules"]
    assert (project / "told.txt").read_text(encoding="utf-8").startswith("wrote new.toml: 4 columns, ")
    assert mlscore("data", "schema", "check", "new.toml", "good.parquet").code == 0


@pytest.mark.parametrize("sides", [("good.parquet", "empty.parquet"), ("empty.parquet", "good.parquet")])
def test_no_rows_are_no_pass_of_drift(good, parquet, mlscore, sides):
    parquet("empty.parquet", rows().slice(0, 0))
    done = mlscore("data", "drift", *sides)
    assert done.code == 1
    assert done.out.startswith("one side has no rows: nothing can be compared\n")


def test_nothing_compared_is_no_pass_of_skew(good, parquet, mlscore):
    parquet("alone.parquet", pa.table({"id": list(range(ROWS)), "other": [1.0] * ROWS}))
    for served in ("alone.parquet", "good.parquet"):
        done = mlscore("data", "skew", served, "good.parquet", "--id", "id")
        assert done.code == 1
        assert "earns nothing: " in done.out


def test_served_examples_without_an_id_are_not_matched(good, parquet, mlscore):
    parquet("served.parquet", rows(id=[None if n < 6 else n for n in range(ROWS)]))
    done = mlscore("data", "skew", "served.parquet", "good.parquet", "--id", "id")
    assert done.code == 1
    assert done.out.startswith("54 of 60 served examples met a recomputed one: too few to compare\n")
    assert mlscore("data", "skew", "served.parquet", "good.parquet", "--id", "id", "--matched", "0.9").code == 0


WHOLE = b"id,x\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(50))
FILES = {
    "corrupt footer": ("bad.parquet", "footer"),
    "cut off": ("bad.parquet", "cut"),
    "no bytes": ("bad.parquet", b""),
    "not Parquet": ("bad.parquet", b"id,x\n1,2\n"),
    "ragged, too few": ("bad.csv", WHOLE + b"50\n"),
    "ragged, too many": ("bad.csv", WHOLE + b"50,1,2\n"),
    "another encoding": ("bad.csv", "id,name\n1,ni\xf1o\n".encode("latin-1")),
    "no header": ("bad.csv", b""),
    "broken JSON": ("bad.jsonl", b'{"id": 1}\n{"id":\n'),
    "not there": ("nowhere.parquet", None),
    "no such ending": ("bad.xyz", b"1"),
    "a folder of nothing": ("nothing/readme.txt", b"1"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_one_sentence(good, mlscore, write, parquet, plain, snapshot, name):
    place, content = FILES[name]
    whole = parquet("whole.parquet", rows()).read_bytes()
    content = {"footer": whole[:-30] + b"\xff" * 22 + whole[-8:], "cut": whole[: len(whole) // 2]}.get(content, content)
    if content is not None:
        write(place, content)
    place = place.removesuffix("/readme.txt")
    commands = [
        ("data", "profile", place),
        ("data", "schema", "infer", place),
        ("data", "schema", "check", "good.toml", place),
        ("data", "drift", "good.parquet", place),
        ("data", "skew", place, "good.parquet", "--id", "id"),
    ]
    said = {verdict(mlscore(*command), plain) for command in commands}
    assert len(said) == 1
    assert said.pop() == snapshot


UNREACHED = {
    "a server that is down": f"postgresql://ml:{SECRET}@127.0.0.1:1/d?table=t",
    "a server that nobody knows": f"postgresql://ml:{SECRET}@nowhere.invalid/d?table=t",
    "a server's URL without a table": f"postgresql://ml:{SECRET}@127.0.0.1:1/d",
    "no URL": f"postgresql://ml:{SECRET}@host:port/d?table=t",
    "another database": f"mysql://ml:{SECRET}@host/d",
}


@pytest.mark.parametrize("name", UNREACHED)
def test_a_server_that_cannot_be_reached_shows_no_password(good, mlscore, plain, snapshot, contents_of, name):
    place = UNREACHED[name]
    said = []
    for command in (
        ("profile", place),
        ("drift", "good.parquet", place),
        ("skew", place, "good.parquet", "--id", "id"),
    ):
        done = mlscore("data", *command)
        assert SECRET not in done.out + done.err
        said.append(verdict(done, plain))
    assert len(set(said)) == 1
    assert said[0] == snapshot
    assert SECRET.encode() not in contents_of()


@pytest.fixture
def contents_of(project):
    """All bytes of the project's files."""
    # What Python compiled of the project's own source is no trace of ours.
    return lambda: b"".join(p.read_bytes() for p in sorted(project.rglob("*")) if p.is_file() and p.suffix != ".pyc")


CHECKS = """
[data]
train = "good.parquet"
serving = "{serving}"
id = "id"
time = "at"

[[check]]
use = "schema"
name = "served"
schema = "good.toml"
source = "serving"

[[check]]
use = "drift"

[[check]]
use = "skew"
recomputed = "train"

[[check]]
use = "personal-data"
sources = ["train", "serving"]

[[check]]
use = "schema"
name = "trained"
schema = "good.toml"
"""


@pytest.mark.parametrize(
    "serving", ["bad.parquet", "nowhere.parquet", f"postgresql://ml:{SECRET}@127.0.0.1:1/d?table=t", "broken_here:rows"]
)
def test_the_other_checks_go_on(good, write, mlscore, suite, contents_of, serving):
    write("bad.parquet", b"PAR1 and no more")
    write("broken_here.py", f"def rows():\n    raise OSError('postgresql://ml:{'hunter2-' + 'very-secret'}@h/d')\n")
    write("mlscore.toml", CHECKS.format(serving=serving))
    done = mlscore("check", "-r", "json")
    assert done.code == 1
    outcomes = {check["name"]: check["outcome"] for check in done.data["checks"]}
    assert outcomes == dict.fromkeys(["served", "drift", "skew", "personal-data"], "error") | {"trained": "passed"}
    assert SECRET not in done.out + done.err
    tested = suite("--mlscore", "-r", "json:report.json", "-rA")
    assert re.search(r"1 passed.*4 errors|4 failed.*1 passed", tested.out)
    assert SECRET not in tested.out + tested.err
    sys.modules.pop("broken_here", None)
    (write("broken_here.py")).unlink()
    write("mlscore.toml", "")
    assert SECRET.encode() not in contents_of()


def test_injection_in_every_name_and_literal(parquet, mlscore, write, project):
    literal = "'); DROP TABLE x; COPY (SELECT 1) TO 'stolen.csv'; --"
    names = [name for name in HOSTILE if "\n" not in name]
    data = {"id": [str(n) + literal for n in range(ROWS)]}
    data |= {name: [literal, "b", "it's"] * (ROWS // 3) for name in names}
    parquet("hostile.parquet", pa.table(data))
    parquet("again.parquet", pa.table(data))
    assert mlscore("data", "schema", "infer", "hostile.parquet", "-o", "hostile.toml").code == 0
    text = (project / "hostile.toml").read_text(encoding="utf-8")
    assert "DROP TABLE" in text
    calls = {
        ("schema", "check", "hostile.toml", "hostile.parquet"): 0,
        ("profile", "hostile.parquet", "-c", literal): 2,
        ("drift", "hostile.parquet", "again.parquet", "--no-joint"): 0,
        ("drift", "hostile.parquet", "again.parquet", "--time", literal): 2,
        ("skew", "hostile.parquet", "again.parquet", "--id", "id"): 0,
        ("skew", "hostile.parquet", "again.parquet", "--id", literal): 2,
        ("profile", f"hostile.parquet{literal}"): 2,
    }
    assert {call: mlscore("data", *call).code for call in calls} == calls
    assert not (project / "stolen.csv").exists()
    assert mlscore("data", "profile", "hostile.parquet", "-r", "json").data["rows"] == ROWS


def test_no_time_and_no_memory_are_one_sentence(write, mlscore, snapshot, plain):
    sql = (
        "COPY (SELECT 'a rather long text, number ' || range AS t, range AS id FROM range(3_000_000)) TO 'many.parquet'"
    )
    duckdb.sql(sql)
    skew = ("data", "skew", "many.parquet", "many.parquet", "--id", "t")
    said = [verdict(mlscore(*skew, "--memory-mb", "1"), plain)]
    write("mlscore.toml", "[data]\ntimeout = 0.01\n")
    said.append(verdict(mlscore(*skew), plain))
    assert said == snapshot


def test_no_permission_is_one_sentence(good, project, program, plain, snapshot):
    (project / "good.parquet").chmod(0)
    command = [sys.executable, "-m", "mlscore", "data", "profile", "good.parquet"]
    done = program.run(command, may_write_everywhere=False)
    assert verdict(done, plain) == snapshot
