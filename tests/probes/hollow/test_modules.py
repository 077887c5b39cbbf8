"""Helpers are found wherever Python would find them: the same test is sound or hollow by what the helper does."""

from __future__ import annotations

import pytest

# layout: (source of the test, {path of the helper's file: source with BODY in it, other files})
LAYOUTS = {
    "same file": ("def help_out(x):\n    BODY\ndef test(x):\n    help_out(x)", {}),
    "beside the test": (
        "from support import help_out\ndef test(x):\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "as a module": (
        "import support\ndef test(x):\n    support.help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "under another name": (
        "import support as s\nfrom support import help_out as h\ndef test(x):\n    g = h\n    g(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "relative": (
        "from .support import help_out\ndef test(x):\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY", "tests/__init__.py": ""},
    ),
    "relative module": (
        "from . import support\ndef test(x):\n    support.help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "from the root": (
        "from tests.support import help_out\ndef test(x):\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY", "tests/__init__.py": ""},
    ),
    "dotted module": (
        "import tests.helping.deep\ndef test(x):\n    tests.helping.deep.help_out(x)",
        {"tests/helping/deep.py": "def help_out(x):\n    BODY"},
    ),
    "passed on by a package": (
        "from helping import help_out\ndef test(x):\n    help_out(x)",
        {"tests/helping/__init__.py": "from .deep import help_out", "tests/helping/deep.py": "def help_out(x):\n    BODY"},
    ),
    "star import": (
        "from support import *\ndef test(x):\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "imported inside the test": (
        "def test(x):\n    from support import help_out\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "imported where it can be": (
        "try:\n    from support import help_out\nexcept ImportError:\n    help_out = None\ndef test(x):\n    help_out(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "src layout": (
        "from kit.testing import help_out\ndef test(x):\n    help_out(x)",
        {"src/kit/testing.py": "def help_out(x):\n    BODY", "src/kit/__init__.py": ""},
    ),
    "only place of that name": (
        "from kit.testing import help_out\ndef test(x):\n    help_out(x)",
        {"services/model/kit/testing.py": "def help_out(x):\n    BODY"},
    ),
    "two levels": (
        "from support import outer\ndef test(x):\n    outer(x)",
        {"tests/support.py": "from deeper import help_out\ndef outer(x):\n    help_out(x)",
         "tests/deeper.py": "def help_out(x):\n    BODY"},
    ),
    "base class": (
        "from bases import Base\nclass T(Base):\n    def test(self, x):\n        self.help_out(x)",
        {"tests/bases.py": "class Base:\n    def help_out(self, x):\n        BODY"},
    ),
    "super": (
        "from bases import Base\nclass T(Base):\n    def test(self, x):\n        super().help_out(x)",
        {"tests/bases.py": "class Base:\n    def help_out(self, x):\n        BODY"},
    ),
    "inherited test": (
        "from bases import Base\nclass T(Base):\n    def help_out(self, x):\n        BODY",
        {"tests/bases.py": "class Base:\n    def test(self, x):\n        self.help_out(x)"},
    ),
    "static method": (
        "class T:\n    @staticmethod\n    def help_out(x):\n        BODY\n    def test(self, x):\n        T.help_out(x)",
        {},
    ),
    "method of an object": (
        "from support import Helper\ndef test(x):\n    helper = Helper()\n    helper.help_out(x)",
        {"tests/support.py": "class Helper:\n    def help_out(self, x):\n        BODY"},
    ),
    "object called": (
        "from support import Helper\ndef test(x):\n    helper = Helper()\n    helper(x)",
        {"tests/support.py": "class Helper:\n    def __call__(self, x):\n        BODY"},
    ),
    "context manager": (
        "from support import Helper\ndef test(x):\n    with Helper():\n        print(x)",
        {"tests/support.py": "class Helper:\n    def __exit__(self, *x):\n        BODY"},
    ),
    "handed to a pool": (
        "from support import help_out\ndef test(pool, x):\n    list(map(help_out, x))",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "partial": (
        "from functools import partial\nfrom support import help_out\ndef test(x):\n    f = partial(help_out, x)\n    f()",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "in a loop": (
        "from support import help_out\ndef test(x):\n    for f in (help_out,):\n        f(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "closure of a factory": (
        "from support import make\ndef test(x):\n    help_out = make(3)\n    help_out(x)",
        {"tests/support.py": "def make(n):\n    def inner(x):\n        BODY\n    return inner"},
    ),
    "closure called at once": (
        "from support import make\ndef test(x):\n    make(3)(x)",
        {"tests/support.py": "def make(n):\n    def inner(x):\n        BODY\n    return inner"},
    ),
    "object of a factory": (
        "from support import make\ndef test(x):\n    helper = make()\n    helper.help_out(x)",
        {"tests/support.py": "class Helper:\n    def help_out(self, x):\n        BODY\ndef make():\n    return Helper()"},
    ),
    "object kept by setup": (
        "from support import Helper\nclass T:\n    def setup_method(self):\n        self.helper = Helper()\n"
        "    def test(self, x):\n        self.helper.help_out(x)",
        {"tests/support.py": "class Helper:\n    def help_out(self, x):\n        BODY"},
    ),
    "annotated argument": (
        "from support import Helper\ndef test(x, helper: Helper):\n    helper.help_out(x)",
        {"tests/support.py": "class Helper:\n    def help_out(self, x):\n        BODY"},
    ),
    "fluent steps": (
        "from support import Helper\ndef test(x):\n    Helper().first().help_out(x)",
        {"tests/support.py": "class Helper:\n    def first(self):\n        return self\n"
                             "    def help_out(self, x):\n        BODY"},
    ),
    "table of functions": (
        "from support import help_out\nTABLE = {'a': help_out}\n"
        "def test(x):\n    for name, f in TABLE.items():\n        f(x)",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "comprehension": (
        "from support import help_out\ndef test(x):\n    [f(x) for f in [help_out]]",
        {"tests/support.py": "def help_out(x):\n    BODY"},
    ),
    "decorator": (
        "def checked(f):\n    def inner(x):\n        f(x)\n        BODY\n    return inner\n"
        "@checked\ndef test(x):\n    print(x)",
        {},
    ),
}  # fmt: skip


def filled(layout, body):
    source, files = LAYOUTS[layout]
    return source.replace("BODY", body), {path: text.replace("BODY", body) for path, text in files.items()}


def name_in(source):
    return "T.test" if "class T" in source else "test"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_helper_that_asserts_clears_the_test(judge, layout):
    source, files = filled(layout, "assert x")
    assert judge(source, name_in(source), files) is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_helper_that_prints_does_not(judge, layout):
    source, files = filled(layout, "print(x)")
    finding = judge(source, name_in(source), files)
    assert finding is not None
    assert (finding.verdict, finding.reason) == ("hollow", "no-assertion")


def test_helper_whose_assertion_is_constant_is_named_where_it_stands(judge):
    files = {"tests/support.py": "def help_out(x):\n    print(x)\n    assert True"}
    finding = judge("from support import help_out\ndef test(x):\n    help_out(x)", "test", files)
    assert (finding.reason, str(finding.location)) == ("constant-assertion", "tests/support.py:3")


def test_inherited_test_is_located_in_the_base_class(judge):
    files = {"tests/bases.py": "class Base:\n\n    def test(self, x):\n        print(x)"}
    finding = judge("from bases import Base\nclass T(Base):\n    pass", "T.test", files)
    assert str(finding.location) == "tests/bases.py:3"


def test_installed_library_is_not_mistaken_for_a_file_of_its_name(judge):
    # Somewhere in the project there is another `requests.py`: the import is of the library all the same.
    files = {"vendor/copies/requests.py": "def get(url):\n    assert url"}
    finding = judge("import requests\ndef test():\n    requests.get('http://localhost')", "test", files)
    assert finding.reason == "unread-result"


def test_same_name_in_two_places_is_not_guessed(judge):
    body = "def help_out(x):\n    print(x)"
    files = {"a/kit/helping.py": body, "b/kit/helping.py": body}
    finding = judge("from kit.helping import help_out\ndef test(x):\n    help_out(x)", "test", files)
    assert (finding.verdict, finding.reason) == ("weak", "unknown-helper")


def test_last_definition_counts(judge):
    source = "def test(x):\n    print(x)\ndef test(x):\n    assert x"
    assert judge(source, "test") is None


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("assert out.ready", "weak"),
        ("if out.loss > 3:\n        raise RuntimeError('diverged')", "weak"),
        ("if x is None:\n        raise ValueError('no data')", "hollow"),
        ("print(out)", "hollow"),
        ("SCHEMA.validate(out)", "weak"),
    ],
)
def test_code_under_test_that_checks_itself_makes_a_test_weak(judge, body, verdict):
    code = (
        f"import pandera.pandas as pa\nSCHEMA = pa.DataFrameSchema({{}})\ndef train(x):\n    out = fit(x)\n    {body}\n"
    )
    finding = judge("from model import train\ndef test(x):\n    train(x)", "test", {"src/model.py": code})
    assert finding.verdict == verdict


@pytest.mark.parametrize("name", ["validate_rows", "check_rows", "ensure_rows", "verifyRows"])
def test_code_under_test_that_promises_a_check_and_keeps_it_is_enough(judge, name):
    code = f"def {name}(x):\n    if x is None:\n        raise ValueError('no rows')\n"
    source = f"from model import {name}\ndef test(x):\n    {name}(x)"
    assert judge(source, "test", {"src/model.py": code}) is None
    code = f"def {name}(x):\n    return len(x) > 3\n"
    assert judge(source, "test", {"src/model.py": code}).reason == "unread-result"
