"""Following `make`: targets, prerequisites, variables, and what swallows a failure."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.followers.makefile import Makefile

PHONY = ".PHONY: test ci all check\n"
# Command, Makefile, and why it does not count (None: it does; "" when nothing is found at all).
CASES = [
    ("make test", "test:\n\tpytest\n", None),
    ("make", "test:\n\tpytest\nother:\n\techo\n", None),
    ("make", "other:\n\techo\ntest:\n\tpytest\n", ""),
    ("make", ".DEFAULT_GOAL := test\nother:\n\techo\ntest:\n\tpytest\n", None),
    ("make ci", "ci: lint test\nlint:\n\truff\ntest:\n\tpytest\n", None),
    ("make lint", "ci: lint test\nlint:\n\truff\ntest:\n\tpytest\n", ""),
    ("make test", "test:\n\t-pytest\n", "`-` before it"),
    ("make test", "test:\n\t@-pytest\n", "`-` before it"),
    ("make test", "test:\n\t@pytest\n", None),
    ("make test", "test:\n\tpytest || true\n", "|| true"),
    ("make test", "test:\n\tpytest; echo done\n", "without `set -e`"),
    ("make test", "test:\n\tpytest | tee log\n", "no `pipefail`"),
    ("make test", "SHELL := /bin/bash\n.SHELLFLAGS := -eu -o pipefail -c\ntest:\n\tpytest | tee log\n", None),
    ("make test", "test:\n\tpytest\n\techo done\n", None),
    ("make test", ".ONESHELL:\ntest:\n\tpytest\n\techo done\n", "without `set -e`"),
    ("make test", ".ONESHELL:\n.SHELLFLAGS = -ec\ntest:\n\tpytest\n\techo done\n", None),
    ("make test", ".IGNORE:\ntest:\n\tpytest\n", ".IGNORE"),
    ("make test", ".IGNORE: other\ntest:\n\tpytest\n", None),
    ("make -n test", "test:\n\tpytest\n", "runs nothing"),
    ("make -i test", "test:\n\tpytest\n", "ignores failures"),
    ("make -k test", "test:\n\tpytest\n", None),
    ("make -sj4 test", "test:\n\tpytest\n", None),
    ("make test ARGS='-m slow'", "test:\n\tpytest $(ARGS)\n", None),
    ("make test", "PYTEST ?= python -m pytest\ntest:\n\t$(PYTEST) tests\n", None),
    ("make test", "PY = python\nPYTEST = $(PY) -m pytest\ntest:\n\t${PYTEST}\n", None),
    ("make test", "test:\n\tpytest $(shell ls)\n", "not in the repository"),
    ("make test", "test:\n\tpytest $$UNSET\n", "not in the repository"),
    ("make test", "test:\n\tX=tests; pytest $$X\n", None),
    ("make test", "test: ; pytest\n", None),
    ("make test", "test: lint\nlint: ; echo\ntest:\n\tpytest\n", None),
    ("make test", "test:\n\techo\ntest:\n\tpytest\n", None),
    ("make test", "test:\n\tpytest\ntest:\n\techo\n", ""),
    ("make test-unit", "test-%:\n\tpytest tests/$*\n", None),
    ("make test", "test:\n\t$(MAKE) unit\nunit:\n\tpytest\n", None),
    ("make test", "test:\n\tmake -C sub unit\n", ""),
    ("make test", "ifdef CI\ntest:\n\tpytest\nelse\ntest:\n\techo\nendif\n", None),
    ("make test", "ifndef CI\ntest:\n\tpytest\nelse\ntest:\n\techo\nendif\n", ""),
    ("make test", "X = a\nifeq ($(X),a)\nT = pytest\nelse\nT = echo\nendif\ntest:\n\t$(T)\n", None),
    ("make test", "X = b\nifeq ($(X),a)\nT = pytest\nelse ifeq ($(X),b)\nT = python -m pytest\nendif\ntest:\n\t$(T)\n", None),
    ("make test", "ifeq ($(shell uname),Linux)\ntest:\n\tpytest\nendif\n", "inside `ifeq"),
    ("make test", "include rules.mk\n", None),
    ("make test", "define run\npytest\nendef\ntest:\n\t$(run)\n", None),
    ("make test", "test:\n\t# pytest\n\techo\n", ""),
    ("make test", "# test:\n#\tpytest\ntest:\n\techo\n", ""),
    ("make test", "test: export PYTEST_ADDOPTS = -q\ntest:\n\tpytest\n", None),
    ("make test", "test:\n\tcd . && \\\n\tpytest \\\n\t-q\n", None),
    ("make -f other.mk test", "test:\n\techo\n", None),
    ("make nothing", "test:\n\tpytest\n", ""),
    ("make test", "test: test\n\tpytest\n", None),
    ("make test", "test: ci\n\tmake ci\n\tpytest\nci: test\n\tmake test\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("command", "makefile", "why"), CASES)
def test_make(follow, command, makefile, why):
    files = {
        "Makefile": PHONY + makefile,
        "rules.mk": "test:\n\tpytest\n",
        "other.mk": "test:\n\tpytest\n",
        "tests/test_a.py": "",
    }
    leads = follow(command, files, env={"CI": "true"})
    if why == "":
        assert leads == []
    else:
        assert leads
        assert [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads] == [True] * len(leads)


def test_the_recipe_line_is_in_the_chain(follow):
    (lead,) = follow(
        "cd . && make -C sub ci", {"sub/Makefile": "ci: test\n\ntest:\n\t@echo\n\tpytest\n", "sub/test_a.py": ""}
    )
    assert [str(place) for place in lead.chain] == ["ci.yml:10", "sub/Makefile:5"]
    assert lead.selection.paths == ("sub",)
    assert lead.entry == "make -C sub ci"


def test_a_folder_called_as_the_target_stops_make(follow):
    rule = "tests:\n\tpytest\n"
    files = {"tests/test_a.py": ""}
    (lead,) = follow("make tests", {**files, "Makefile": rule})
    assert "is not .PHONY" in lead.why_not
    (lead,) = follow("make tests", {**files, "Makefile": ".PHONY: tests\n" + rule})
    assert lead.why_not is None
    (lead,) = follow("make -B tests", {**files, "Makefile": rule})
    assert lead.why_not is None


def test_overrides_reach_the_command(follow):
    (lead,) = follow("make test ARGS='-m slow'", {"Makefile": "ARGS = -m fast\ntest:\n\tpytest $(ARGS)\n"})
    assert lead.selection.markexpr == "slow"


def test_a_wide_and_deep_makefile_ends(follow):
    layers = "".join(
        f"a{n}: " + " ".join(f"b{n}x{m}" for m in range(8)) + "\n" + "".join(f"b{n}x{m}: a{n + 1}\n" for m in range(8))
        for n in range(12)
    )
    leads = follow("make a0", {"Makefile": layers + "a12:\n\tpytest\n"})
    assert [lead.why_not for lead in leads] == [None]


def test_targets_that_call_make_again_and_again_end(follow):
    makefile = "".join(f"t{n}:\n\tmake t{(n + 1) % 5}\n\tmake t{(n + 2) % 5}\n\tpytest -n {n}\n" for n in range(5))
    assert follow("make t0", {"Makefile": makefile})


PIECES = st.sampled_from(
    ["a", "b:", "test", ":", "::", "=", ":=", "?=", "+=", "\t", "\n", "\n\t", " ", "$(", "${", ")", "}", "$", "$$", "\\\n", "#", ";",
     "ifeq", "ifeq (", ",", "else", "endif", "define", "endef", "include", "export", "%", ".PHONY", "|", "pytest", "'", '"', "$(shell ", "$(if "]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_makefile_is_read(text):
    makefile = Makefile(text, "", "Makefile", overrides={}, environment={})
    for rule in makefile.rules.values():
        assert all(line.line >= 1 for line in rule.recipe)
    assert isinstance(makefile.expand(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "A = $(A)\nt:\n\t$(A)\n",
        "A = $(B)$(B)\nB = $(A)$(A)\nt:\n\t$(A)\n",
        "A = x" + "".join(f"\nA{n} = $(A{n - 1 if n else ''})" * 1 for n in range(40)),
    ],
)
def test_variables_that_name_themselves_end(text):
    makefile = Makefile(text, "", "Makefile", overrides={}, environment={})
    assert isinstance(makefile.value("A"), str)
