"""Marks put into sources: where they go, and that nothing else moves by a byte."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.core.placement import Conventions
from mlscore.probes.suite.marking import put_marks
from mlscore.probes.suite.survey import marks_by_file, survey
from mlscore.project.tree import Tree

MARK = '@pytest.mark.mlscore("data-1")'


def put(source, *, line=None, items=("data-1",)):
    data = source if isinstance(source, bytes) else source.encode()
    if line is None:
        tree = ast.parse(data)
        line = next(n.lineno for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return put_marks(data, {line: items})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # above the def, under other decorators, with its indentation
        (
            "import pytest\n\n\ndef test_a():\n    pass\n",
            f"import pytest\n\n\n{MARK}\ndef test_a():\n    pass\n",
        ),
        (
            "import pytest\n\n@pytest.mark.slow\n@patch('x')\nasync def test_a(x):\n    pass\n",
            f"import pytest\n\n@pytest.mark.slow\n@patch('x')\n{MARK}\nasync def test_a(x):\n    pass\n",
        ),
        (
            "import pytest\nclass TestA:\n\tdef test_a(self):\n\t\tpass\n",
            f"import pytest\nclass TestA:\n\t{MARK}\n\tdef test_a(self):\n\t\tpass\n",
        ),
        # the name under which pytest is imported
        ("import pytest as pt\ndef test_a(): pass\n", '@pt.mark.mlscore("data-1")'),
        # the import: after docstring and __future__, among the other imports
        ('"""Doc."""\n\ndef test_a(): pass\n', f'"""Doc."""\n\nimport pytest\n\n{MARK}\ndef test_a(): pass\n'),
        (
            "from __future__ import annotations\n\ndef test_a(): pass\n",
            f"from __future__ import annotations\n\nimport pytest\n\n{MARK}\ndef test_a(): pass\n",
        ),
        ("def test_a(): pass\n", f"import pytest\n\n\n{MARK}\ndef test_a(): pass\n"),
        (
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# License.\n\ndef test_a(): pass\n",
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# License.\n\nimport pytest\n\n\n"
            f"{MARK}\ndef test_a(): pass\n",
        ),
        (
            "import os\nimport sys\n\nimport numpy as np\nimport torch\n\nfrom a import b\ndef test_a(): pass\n",
            "import os\nimport sys\n\nimport numpy as np\nimport pytest\nimport torch\n\nfrom a import b\n"
            f"{MARK}\ndef test_a(): pass\n",
        ),
        (
            "import os\nfrom pathlib import Path\n\n\ndef test_a(): pass\n",
            f"import os\nfrom pathlib import Path\n\nimport pytest\n\n\n{MARK}\ndef test_a(): pass\n",
        ),
        (
            "from pytest import mark\ndef test_a(): pass\n",
            f"import pytest\nfrom pytest import mark\n{MARK}\ndef test_a(): pass\n",
        ),
        (
            "from a import (\n    b,\n    c,\n)\ndef test_a(): pass\n",
            f"import pytest\nfrom a import (\n    b,\n    c,\n)\n{MARK}\ndef test_a(): pass\n",
        ),
        # an import that is there only sometimes does not serve
        (
            "import typing\nif typing.TYPE_CHECKING:\n    import pytest\ndef test_a(): pass\n",
            f"import typing\n\nimport pytest\nif typing.TYPE_CHECKING:\n    import pytest\n{MARK}\ndef test_a(): pass\n",
        ),
        # an import further down comes too late
        (
            "def test_a(): pass\nimport pytest\n",
            f"import pytest\n\n\n{MARK}\ndef test_a(): pass\nimport pytest\n",
        ),
        # marks of the module and of the class stay
        (
            "import pytest\npytestmark = [pytest.mark.slow]\nclass TestA:\n    pytestmark = pytest.mark.gpu\n"
            "    def test_a(self): pass\n",
            "import pytest\npytestmark = [pytest.mark.slow]\nclass TestA:\n    pytestmark = pytest.mark.gpu\n"
            f"    {MARK}\n    def test_a(self): pass\n",
        ),
        # line ends, byte-order mark, no line end at the end
        (
            "import pytest\r\n\r\ndef test_a():\r\n    pass\r\n",
            f"import pytest\r\n\r\n{MARK}\r\ndef test_a():\r\n    pass\r\n",
        ),
        ("import pytest\rdef test_a(): pass\r", f"import pytest\r{MARK}\rdef test_a(): pass\r"),
        ("import pytest\ndef test_a(): pass", f"import pytest\n{MARK}\ndef test_a(): pass"),
        ("\ufeffdef test_a(): pass\n", f"\ufeffimport pytest\n\n\n{MARK}\ndef test_a(): pass\n"),
        ("import pytest\r\nx = 1\ndef test_a(): pass\n", f"import pytest\r\nx = 1\n{MARK}\ndef test_a(): pass\n"),
        # lines as Python counts them: neither a form feed nor these separators end one
        (
            "import pytest\nx = 'a\u2028b\x1cc'\n\x0cdef test_a(): pass\n",
            f"import pytest\nx = 'a\u2028b\x1cc'\n{MARK}\n\x0cdef test_a(): pass\n",
        ),
    ],
)
def test_where_marks_go(before, after):
    marked = put(before)
    assert not marked.refused
    got = marked.data.decode()
    assert got == after if "def" in after else after in got
    ast.parse(marked.data)


def test_several_tests_and_items():
    source = b"import pytest\ndef test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n"
    marked = put_marks(source, {2: ("data-1", "monitor-2"), 4: ("infra-3",)})
    assert marked.data == (
        b'import pytest\n@pytest.mark.mlscore("data-1", "monitor-2")\ndef test_a(): pass\n'
        b'def test_b(): pass\n@pytest.mark.mlscore("infra-3")\ndef test_c(): pass\n'
    )


def test_another_declared_encoding_is_kept():
    source = "# coding: latin-1\nimport pytest\ndef test_a(): assert 'ñ'\n".encode("latin-1")
    marked = put(source)
    assert marked.data == f"# coding: latin-1\nimport pytest\n{MARK}\ndef test_a(): assert 'ñ'\n".encode("latin-1")


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("import pytest\nif True: pass\ndef test_a(): pass\n", 2, "no function"),
        ("def pytest(): pass\ndef test_a(): pass\n", 2, "uses the name pytest"),
        ("pytest = 1\ndef test_a(): pass\n", 2, "uses the name pytest"),
        ("from mine import pytest\ndef test_a(): pass\n", 2, "uses the name pytest"),
        ("def test_a(:\n", 1, "cannot parse"),
    ],
)
def test_what_cannot_be_marked_is_refused_and_left_as_it_is(source, line, reason):
    marked = put(source, line=line)
    assert marked.data == source.encode()
    assert reason in marked.refused[0][1]


def test_nothing_wanted_changes_nothing():
    assert put_marks(b"def test_a(): pass\n", {}).data == b"def test_a(): pass\n"


def test_a_real_run_sees_every_mark(pytester):
    source = (
        "import functools, unittest\n"
        "def wrapped(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n    return inner\n"
        "@wrapped\ndef test_wrapped(): pass\n"
        "class TestA:\n    @staticmethod\n    def test_static(): pass\n    @classmethod\n    def test_class(cls): pass\n"
        "class Case(unittest.TestCase):\n    @unittest.skipIf(False, '')\n    def test_unit(self): pass\n"
    )
    tree = ast.parse(source)
    lines = {
        n.lineno: ("data-1",) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")
    }
    pytester.path.joinpath("test_a.py").write_bytes(put_marks(source.encode(), lines).data)
    result = pytester.runpytest_inprocess("-m", "mlscore", "-p", "no:cacheprovider", "-W", "ignore", "-q")
    result.assert_outcomes(passed=4)


BLOCKS = st.sampled_from(
    [
        "import os",
        "import torch",
        "from a import b",
        "x = 1; y = 2",
        "# a comment",
        "",
        "@deco",
        "def test_{n}(a, b=1):\n    assert a",
        "async def test_{n}(): assert True",
        "class Test{n}:\n    @one\n    @two(1,\n         2)\n    def test_m(self):\n        '''Doc.'''\n"
        "        def inner(): pass",
        "if x:\n\tdef test_{n}():\n\t\tpass",
        "s = '''\ndef test_text(): pass\n'''",
    ]
)


@settings(max_examples=120)
@given(
    blocks=st.lists(BLOCKS, max_size=7),
    docstring=st.booleans(),
    future=st.booleans(),
    ours=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    last=st.booleans(),
    data=st.data(),
)
def test_only_marks_and_one_import_are_added(blocks, docstring, future, ours, end, bom, last, data):
    head = ['"""Doc."""'] * docstring + ["from __future__ import annotations"] * future + ["import pytest"] * ours
    text = "\n".join([*head, *(block.replace("{n}", str(n)) for n, block in enumerate(blocks))]) + "\n" * last
    source = (b"\xef\xbb\xbf" if bom else b"") + text.replace("\n", end).encode()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    defs = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    chosen = data.draw(st.sets(st.sampled_from(defs))) if defs else set()
    marked = put_marks(source, dict.fromkeys(chosen, ("data-1",)))
    assert not marked.refused
    # Taking the added lines out again gives the source, byte for byte, and each chosen def has its mark.
    eol = end.encode()
    kept = [ln for ln in marked.data.split(eol) if ln.strip() != MARK.encode()]
    assert len(marked.data.split(eol)) - len(kept) == len(chosen)
    again = put_marks(marked.data, {})
    assert again.data == marked.data
    after = ast.parse(marked.data)
    marks = sum(
        ast.unparse(d) == "pytest.mark.mlscore('data-1')"
        for n in ast.walk(after)
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        for d in n.decorator_list
    )
    assert marks == len(chosen)
    bare = eol.join(kept).replace(b"import pytest", b"").replace(b"\r", b"").replace(b"\n", b"")
    assert bare == source.replace(b"import pytest", b"").replace(b"\r", b"").replace(b"\n", b"")


@settings(max_examples=25, deadline=None)
@given(
    blocks=st.lists(
        st.sampled_from(
            [
                "def test_{n}():\n    assert bucket({n}) == 'small'",
                "class Test{n}:\n    def test_m(self):\n        assert bucket({n}) == 'small'",
                "class Base{n}:\n    def test_m(self):\n        assert bucket(1) == 's'\nclass TestA{n}(Base{n}): pass",
                "def test_plain_{n}():\n    assert other() == {n}",
                "@pytest.mark.ml_test('FD-1')\ndef test_claimed_{n}():\n    assert other() == {n}",
            ]
        ),
        max_size=5,
    ),
    ours=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_second_time_there_is_nothing_left_to_put_in(tmp_path_factory, blocks, ours, end):
    root = tmp_path_factory.mktemp("suite")
    head = ["from shop.features import bucket", *(["import pytest"] if ours else [])]
    text = "\n".join([*head, *(block.replace("{n}", str(n)) for n, block in enumerate(blocks))]) + "\n"
    file = root / "test_a.py"
    file.write_bytes(text.replace("\n", end).encode())
    ids = ("data-1", "data-7")

    def look():
        return survey(Tree(root), conventions=Conventions(), rubric_ids=ids, analyse=lambda path, name: None)

    sure = look().confident(0.7)
    wanted = marks_by_file(sure).get("test_a.py", {})
    file.write_bytes(put_marks(file.read_bytes(), wanted).data)
    again = look()
    assert again.confident(0.7) == ()
    assert {row.id for row in again.rows if row.placed} == {row.id for row in sure}
    once = file.read_bytes()
    assert put_marks(once, marks_by_file(again.confident(0.7)).get("test_a.py", {})).data == once
