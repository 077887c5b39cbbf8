"""Fixtures, parameters and marks, as pytest finds them."""

from __future__ import annotations

import pytest

ASSERTING = (
    "import pytest\n@pytest.fixture{mark}\ndef {name}({args}):\n    rows = load()\n    assert rows\n    return rows\n"
)
AFTER = "import pytest\n@pytest.fixture{mark}\ndef {name}({args}):\n    yield load()\n    assert no_files_left()\n"
SILENT = "import pytest\n@pytest.fixture{mark}\ndef {name}({args}):\n    return load()\n"


def fixture(text, name="data", mark="", args=""):
    return text.format(name=name, mark=mark, args=args)


PLACES = {
    "same file": ("{}def test(data):\n    print(data)", {}),
    "conftest beside": ("def test(data):\n    print(data)", {"tests/conftest.py": "{}"}),
    "conftest above": ("def test(data):\n    print(data)", {"conftest.py": "{}"}),
    "plugin module": (
        "def test(data):\n    print(data)",
        {"conftest.py": "pytest_plugins = ['tests.fixtures']", "tests/fixtures.py": "{}"},
    ),
    "imported into conftest": (
        "def test(data):\n    print(data)",
        {"tests/conftest.py": "from fixtures import data", "tests/fixtures.py": "{}"},
    ),
    "usefixtures": (
        "import pytest\n@pytest.mark.usefixtures('data')\ndef test():\n    print(1)",
        {"tests/conftest.py": "{}"},
    ),
    "usefixtures of the class": (
        "import pytest\n@pytest.mark.usefixtures('data')\nclass T:\n    def test(self):\n        print(1)",
        {"tests/conftest.py": "{}"},
    ),
    "asked for by a fixture": (
        "import pytest\n@pytest.fixture\ndef outer(data):\n    return data\ndef test(outer):\n    print(outer)",
        {"tests/conftest.py": "{}"},
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("text", "expected"), [(ASSERTING, "weak"), (AFTER, None), (SILENT, "hollow")])
def test_fixture_that_asserts(judge, place, text, expected):
    source, files = PLACES[place]
    source = source.replace("{}", fixture(text))
    files = {path: body.replace("{}", fixture(text)) for path, body in files.items()}
    finding = judge(source, "T.test" if "class T" in source else "test", files)
    assert (None if finding is None else finding.verdict) == expected


def test_nearest_fixture_wins(judge):
    files = {"conftest.py": fixture(AFTER), "tests/conftest.py": fixture(SILENT)}
    assert judge("def test(data):\n    print(data)", "test", files).verdict == "hollow"


def test_fixture_given_another_name(judge):
    files = {"conftest.py": fixture(AFTER, name="_data", mark="(name='data')")}
    assert judge("def test(data):\n    print(data)", "test", files) is None


def test_automatic_fixture_that_asserts_makes_every_test_weak_at_most(judge):
    files = {"conftest.py": fixture(AFTER, mark="(autouse=True)")}
    finding = judge("def test():\n    print(1)", "test", files)
    assert (finding.verdict, finding.reason) == ("weak", "fixture-asserts")
    assert judge("def test():\n    assert load()", "test", files) is None


def test_fixture_of_a_class(judge):
    source = (
        "import pytest\nclass T:\n    @pytest.fixture\n    def data(self):\n        yield 1\n        assert load()\n"
        "    def test(self, data):\n        print(data)"
    )
    assert judge(source, "T.test") is None


def test_fixture_that_overrides_and_asks_for_one_of_its_name(judge):
    files = {"conftest.py": fixture(AFTER), "tests/conftest.py": fixture(SILENT, args="data")}
    assert judge("def test(data):\n    print(data)", "test", files) is None


@pytest.mark.parametrize("body", ["assert x", "print(x)"])
@pytest.mark.parametrize(
    "made",
    [
        "    def inner(x):\n        BODY\n    return inner",
        "    return helper",
        "    return Helper()",
        "    yield helper",
    ],
)
def test_function_that_a_fixture_returns(judge, made, body):
    source = (
        "import pytest\ndef helper(x):\n    BODY\nclass Helper:\n    def __call__(self, x):\n        BODY\n"
        f"@pytest.fixture\ndef check():\n{made}\ndef test(check, x):\n    check(x)"
    ).replace("BODY", body)
    finding = judge(source, "test")
    assert (finding is None) is (body == "assert x")


def test_fixture_that_is_named_like_a_test_is_none(judge):
    assert judge("import pytest\n@pytest.fixture\ndef test_data():\n    return 1", "test_data") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class T(unittest.TestCase):\n    def setUp(self):\n        assert load()\n", "weak"),
        ("class T(unittest.TestCase):\n    def tearDown(self):\n        self.assertTrue(load())\n", None),
        ("class T:\n    def setup_method(self):\n        assert load()\n", "weak"),
        ("class T:\n    def setup_method(self):\n        self.x = load()\n", "hollow"),
    ],
)
def test_methods_around_a_test(judge, source, expected):
    finding = judge(f"import unittest\n{source}    def test(self):\n        print(1)\n", "T.test")
    assert (None if finding is None else finding.verdict) == expected


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("@pytest.mark.parametrize('f', [check, other])", None),
        ("@pytest.mark.parametrize('f, n', [(other, 1), (check, 2)])", None),
        ("@pytest.mark.parametrize('f', [pytest.param(check, id='c')])", None),
        ("@pytest.mark.parametrize(('n', 'f'), [(1, check)])", None),
        ("@pytest.mark.parametrize('f', ALL)", None),
        ("@pytest.mark.parametrize('f', [other])", "hollow"),
        ("@pytest.mark.parametrize('f', found())", "weak"),
        ("@pytest.mark.parametrize('f', [])", "hollow"),
        ("@pytest.mark.parametrize('f', ())", "hollow"),
        ("@pytest.mark.parametrize(argnames='f', argvalues=[])", "hollow"),
    ],
)
def test_parameters_that_are_functions(judge, mark, expected):
    source = (
        "import pytest\ndef check(x):\n    assert x\ndef other(x):\n    print(x)\nALL = [check]\n"
        f"{mark}\ndef test(f, x=1, n=0):\n    f(x)"
    )
    finding = judge(source, "test")
    assert (None if finding is None else finding.verdict) == expected


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ("@pytest.mark.skip", "always-skips"),
        ("@pytest.mark.skip('later')", "always-skips"),
        ("@pytest.mark.skipif(True, reason='x')", "always-skips"),
        ("@pytest.mark.skipif(1 + 1 == 2, reason='x')", "always-skips"),
        ("@unittest.skip('later')", "always-skips"),
        ("@unittest.skipIf(True, 'x')", "always-skips"),
        ("@unittest.skipUnless(False, 'x')", "always-skips"),
        ("@slow", "always-skips"),
        ("@pytest.mark.xfail(run=False)", "always-skips"),
        ("@pytest.mark.xfail", "xfail-non-strict"),
        ("@pytest.mark.xfail(reason='x', strict=False)", "xfail-non-strict"),
        ("@pytest.mark.xfail(strict=True)", None),
        ("@pytest.mark.xfail(raises=KeyError)", None),
        ("@pytest.mark.xfail(sys.version_info < (3, 12), reason='x')", None),
        ("@pytest.mark.skipif(sys.version_info < (3, 12), reason='x')", None),
        ("@pytest.mark.skipif('sys.platform == \"x\"', reason='x')", None),
        ("@unittest.skipUnless(load(), 'x')", None),
        ("@pytest.mark.slow", None),
        ("@pytest.mark.mlscore('data-1')", None),
    ],
)
def test_marks(judge, marks, reason):
    head = "import pytest, sys, unittest\nslow = pytest.mark.skip(reason='slow')\n"
    finding = judge(f"{head}{marks}\ndef test(x):\n    assert x", "test")
    assert (None if finding is None else finding.reason) == reason


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\npytestmark = pytest.mark.skip\ndef test(x):\n    assert x",
        "import pytest\npytestmark = [pytest.mark.slow, pytest.mark.skip('x')]\ndef test(x):\n    assert x",
        "import pytest\npytest.skip('x', allow_module_level=True)\ndef test(x):\n    assert x",
        "import pytest\n@pytest.mark.skip\nclass T:\n    def test(self, x):\n        assert x",
        "import pytest\nclass T:\n    pytestmark = pytest.mark.skip\n    def test(self, x):\n        assert x",
    ],
)
def test_marks_of_file_and_class(judge, source):
    assert judge(source, "T.test" if "class T" in source else "test").reason == "always-skips"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\nxfail_strict = true\n"),
        ("pytest.ini", "[pytest]\nxfail_strict = True\n"),
        ("setup.cfg", "[tool:pytest]\nxfail_strict = 1\n"),
    ],
)
def test_xfail_made_strict_by_the_configuration(judge, path, text):
    source = "import pytest\n@pytest.mark.xfail\ndef test(x):\n    assert x"
    assert judge(source, "test", {path: text}) is None
    assert (
        judge(source, "test", {path: text.replace("true", "false").replace("True", "0").replace("1", "0")}) is not None
    )


def test_warnings_made_errors_by_the_configuration(judge):
    source = "import warnings\ndef test(x):\n    if x:\n        warnings.warn('x')"
    assert judge(source, "test").reason == "warns-only"
    text = '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n'
    assert judge(source, "test", {"pyproject.toml": text}) is None


@pytest.mark.parametrize("plugin", ["snapshot", "regtest", "httpx_mock"])
def test_fixtures_of_plugins_that_compare_when_the_test_is_over(judge, plugin):
    assert judge(f"def test({plugin}):\n    print(1)", "test") is None


@pytest.mark.parametrize(
    "decorator",
    ["@pytest.mark.mpl_image_compare", "@pytest.mark.limit_memory('1 MB')", "@pytest.mark.timeout(3)",
     "@pytest_bdd.scenario('a.feature', 'b')", "@pandera.check_types", "@pytest.mark.fail_slow('1s')"],
)  # fmt: skip
def test_decorators_that_check(judge, decorator):
    assert judge(f"import pandera, pytest, pytest_bdd\n{decorator}\ndef test():\n    draw()", "test") is None
