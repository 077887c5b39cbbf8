"""Following just, poe, taskipy, pdm, hatch, rye, pixi, pipenv and npm, and scripts of the repository."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

PY, JUST, NPM = "pyproject.toml", "justfile", "package.json"
# Command, file, text, and why it does not count (None: it does; "" when nothing is found at all).
CASES = [
    ("just test", JUST, "test:\n    pytest\n", None),
    ("just", JUST, "test:\n    pytest\nother:\n    echo\n", None),
    ("just", JUST, "other:\n    echo\ntest:\n    pytest\n", ""),
    ("just t", JUST, "alias t := test\ntest:\n    pytest\n", None),
    ("just ci", JUST, "ci: lint test\nlint:\n    ruff\ntest:\n    pytest\n", None),
    ("just test", JUST, "test:\n    -pytest\n", "`-` before it"),
    ("just test", JUST, "test:\n    @-pytest\n", "`-` before it"),
    ("just test", JUST, "test:\n    @pytest\n", None),
    ("just test", JUST, "test:\n    pytest; echo\n", "without `set -e`"),
    ("just test", JUST, "test:\n    pytest\n    echo\n", None),
    ("just test", JUST, "set shell := ['bash', '-euo', 'pipefail', '-c']\ntest:\n    pytest | tee x\n", None),
    ("just test", JUST, "set shell := ['bash', '-c']\ntest:\n    pytest | tee x\n", "no `pipefail`"),
    ("just test", JUST, "test:\n    #!/usr/bin/env bash\n    set -e\n    pytest\n    echo\n", None),
    ("just test", JUST, "test:\n    #!/usr/bin/env bash\n    pytest\n    echo\n", "without `set -e`"),
    ("just test", JUST, "test:\n    #!/usr/bin/env python\n    import pytest\n", ""),
    ("just test -x", JUST, "test *args:\n    pytest {{args}}\n", None),
    ("just test unit", JUST, "test suite='all':\n    pytest tests/{{suite}}\n", None),
    ("just test", JUST, "opts := '-q' + ' -x'\ntest:\n    pytest {{opts}}\n", None),
    ("just test", JUST, "opts := `date`\ntest:\n    pytest {{opts}}\n", "not in the repository"),
    ("just -n test", JUST, "test:\n    pytest\n", ""),
    ("just test", JUST, "test: test\n    pytest\n", None),
    ("just test", JUST, "# test:\n#    pytest\ntest:\n    echo\n", ""),
    ("poe test", PY, '[tool.poe.tasks]\ntest = "pytest"\n', None),
    ("poetry run poe test", PY, '[tool.poe.tasks]\ntest = { cmd = "pytest" }\n', None),
    ("poe test", PY, '[tool.poe.tasks.test]\nshell = "pytest; true"\n', "without `set -e`"),
    ("poe test", PY, '[tool.poe.tasks.test]\nshell = "pytest"\n', None),
    ("poe ci", PY, '[tool.poe.tasks]\ntest = "pytest"\nci = ["lint", "test"]\nlint = "ruff"\n', None),
    ("poe ci", PY, '[tool.poe.tasks]\ntest = "pytest"\nci = { ref = "test" }\n', None),
    ("poe ci", PY, '[tool.poe.tasks]\ntest = "pytest"\nci = { cmd = "echo", deps = ["test"] }\n', None),
    ("poe ci", PY, '[tool.poe.tasks.ci]\nsequence = ["test"]\nignore_fail = true\n[tool.poe.tasks]\ntest = "pytest"\n', "ignore_fail"),
    ("poe ci", PY, '[tool.poe.tasks.ci]\nsequence = ["test"]\nignore_fail = "return_non_zero"\n[tool.poe.tasks]\ntest = "pytest"\n', None),
    ("poe -d test", PY, '[tool.poe.tasks]\ntest = "pytest"\n', ""),
    ("poe again", PY, '[tool.poe.tasks]\nagain = ["again"]\n', ""),
    ("poe test", PY, '[tool.poe.tasks]\ntest = { script = "a:b" }\n', ""),
    ("task test", PY, '[tool.taskipy.tasks]\ntest = "pytest"\n', None),
    ("task test", PY, '[tool.taskipy.tasks]\ntest = "pytest || true"\n', "|| true"),
    ("task test", PY, '[tool.taskipy.tasks]\npre_test = "pytest"\ntest = { cmd = "echo" }\n', None),
    ("pdm run test", PY, '[tool.pdm.scripts]\ntest = "pytest"\n', None),
    ("pdm test", PY, '[tool.pdm.scripts]\ntest = { cmd = ["pytest", "-q"] }\n', None),
    ("pdm run test", PY, '[tool.pdm.scripts]\ntest = { shell = "pytest || true" }\n', "|| true"),
    ("pdm run ci", PY, '[tool.pdm.scripts]\ntest = "pytest"\nci = { composite = ["test", "echo"] }\n', None),
    ("pdm run ci", PY, '[tool.pdm.scripts]\npre_ci = "pytest"\nci = "echo"\n', None),
    ("pdm run ci", PY, '[tool.pdm.scripts]\nci = { composite = ["ci"] }\n', ""),
    ("pdm install", PY, '[tool.pdm.scripts]\ntest = "pytest"\n', ""),
    ("hatch run test", PY, '[tool.hatch.envs.default.scripts]\ntest = "pytest {args}"\n', None),
    ("hatch run cov:test", PY, '[tool.hatch.envs.cov.scripts]\ntest = ["echo", "pytest"]\n', None),
    ("hatch run other:test", PY, '[tool.hatch.envs.cov.scripts]\ntest = "pytest"\n', ""),
    ("hatch run cov:test", PY, '[tool.hatch.envs.default.scripts]\ntest = "pytest"\n[tool.hatch.envs.cov]\n', None),
    ("hatch run test", PY, '[tool.hatch.envs.default.scripts]\ntest = "- pytest"\n', "`- ` before it"),
    ("hatch run all", PY, '[tool.hatch.envs.default.scripts]\ntest = "pytest"\nall = ["test {args}", "lint"]\nlint = "ruff"\n', None),
    ("hatch run test", "hatch.toml", '[envs.default.scripts]\ntest = "pytest"\n', None),
    ("hatch run again", PY, '[tool.hatch.envs.default.scripts]\nagain = "more"\nmore = "again"\n', ""),
    ("hatch test", PY, '[tool.hatch.envs.hatch-test]\nextra-args = ["-q"]\n', None),
    ("hatch test", PY, '[tool.hatch.envs.hatch-test.scripts]\nrun = "pytest{env:HATCH_TEST_ARGS:} {args}"\n', None),
    ("hatch test", PY, '[tool.hatch.envs.hatch-test.scripts]\nrun = "echo"\n', ""),
    ("rye run test", PY, '[tool.rye.scripts]\ntest = "pytest"\n', None),
    ("rye run ci", PY, '[tool.rye.scripts]\ntest = { cmd = "pytest" }\nci = { chain = ["test"] }\n', None),
    ("rye test", PY, "[tool.rye]\nmanaged = true\n", None),
    ("pixi run test", "pixi.toml", '[tasks]\ntest = "pytest"\n', None),
    ("pixi run test", PY, '[tool.pixi.feature.dev.tasks]\ntest = { cmd = "pytest", depends-on = ["x"] }\n', None),
    ("pixi run ci", "pixi.toml", '[tasks]\ntest = "pytest"\nci = { depends-on = ["test"] }\n', None),
    ("pixi run test", "pixi.toml", '[tasks]\ntest = "pytest || true"\n', "|| true"),
    ("pipenv run test", "Pipfile", '[scripts]\ntest = "pytest"\n', None),
    ("pipenv run other", "Pipfile", '[scripts]\ntest = "pytest"\n', ""),
    ("mise run test", "mise.toml", '[tasks.test]\nrun = "uv run pytest"\n', None),
    ("mise run test", "mise.toml", '[tasks.test]\nrun = "pytest || true"\n', "|| true"),
    ("mise run ci", "mise.toml", '[tasks]\nci = { depends = ["test"] }\ntest = ["echo", "pytest"]\n', None),
    ("mise run test", "mise.toml", '[tasks.test]\ndepends = ["test"]\nrun = "echo"\n', ""),
    ("mise install", "mise.toml", '[tasks.test]\nrun = "pytest"\n', ""),
    ("npm run test", NPM, '{"scripts": {"test": "pytest"}}', None),
    ("npm test", NPM, '{"scripts": {"test": "pytest"}}', None),
    ("npm t", NPM, '{"scripts": {"test": "pytest || true"}}', "|| true"),
    ("npm run py -- -q", NPM, '{"scripts": {"py": "pytest"}}', None),
    ("npm run --silent py", NPM, '{"scripts": {"prepy": "pytest", "py": "echo"}}', None),
    ("npm install", NPM, '{"scripts": {"test": "pytest"}}', ""),
    ("npm run other", NPM, '{"scripts": {"test": "pytest"}}', ""),
    ("yarn py", NPM, '{"scripts": {"py": "pytest"}}', None),
    ("yarn run py", NPM, '{"scripts": {"py": "pytest"}}', None),
    ("pnpm py", NPM, '{"scripts": {"py": "pytest"}}', None),
    ("npm run again", NPM, '{"scripts": {"again": "npm run again"}}', ""),
    ("npm test", NPM, "{broken", ""),
    ("npm test", NPM, "[1]", ""),
    ("bash run.sh", "run.sh", "pytest\n", None),
    ("bash run.sh", "run.sh", "pytest\necho\n", "without `set -e`"),
    ("bash -e run.sh", "run.sh", "pytest\necho\n", None),
    ("bash run.sh", "run.sh", "#!/bin/bash -e\npytest\necho\n", "without `set -e`"),
    ("./run.sh", "run.sh", "#!/bin/bash -e\npytest\necho\n", None),
    ("./run.sh", "run.sh", "#!/usr/bin/env -S bash -eu\npytest\necho\n", None),
    ("./run.sh", "run.sh", "#!/bin/sh\nset -e\npytest\necho\n", None),
    ("./run.sh", "run.sh", "#!/usr/bin/env python3\nimport pytest\n", ""),
    (".ci/run test", ".ci/run", '#!/bin/sh\ncase "$1" in\n test) pytest;;\n lint) ruff;;\nesac\n', None),
    (".ci/run lint", ".ci/run", '#!/bin/sh\ncase "$1" in\n test) pytest;;\n lint) ruff;;\nesac\n', ""),
    ("bash missing.sh", "run.sh", "pytest\n", ""),
    ("bash run.sh", "run.sh", "bash run.sh\npytest\n", None),
    ("source run.sh", "run.sh", "pytest\necho\n", None),
    (". ./run.sh && run_tests", "run.sh", "run_tests() {\n  pytest\n}\n", None),
    ("./run.sh unit -x", "run.sh", 'pytest "tests/$1" "${@:2}"\n', "not in the repository"),
    ("./run.sh unit -x", "run.sh", 'suite=$1; shift\npytest "tests/$suite" "$@"\n', None),
    ("bash run.sh", "run.sh", "pytest 'unclosed\n", "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "path", "text", "why"), CASES)
def test_follow(follow, command, path, text, why):
    leads = follow(command, {path: text, "tests/unit/test_a.py": "", "tests/all/test_b.py": ""})
    if why == "":
        assert leads == []
    else:
        assert (
            [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads]
            == [True] * len(leads)
            != []
        )


@pytest.mark.parametrize(
    ("command", "path", "text", "place", "shown"),
    [
        ("just test", JUST, "a := '1'\n\ntest:\n    echo\n    pytest\n", "justfile:5", "pytest"),
        ("poe test -q", PY, '[project]\nname = "x"\n[tool.poe.tasks]\nlint = "ruff"\ntest = "pytest"\n', "pyproject.toml:5", "pytest -q"),
        ("pdm run test", PY, '[tool.pdm.scripts]\n\ntest = {cmd = "pytest {args:-x}"}\n', "pyproject.toml:3", "pytest -x"),
        ("hatch run test -- -q", PY, '[tool.hatch.envs.default.scripts]\ntest = [\n  "echo",\n  "pytest {args:tests}",\n]\n', "pyproject.toml:4", "pytest -- -q"),
        ("hatch run test", PY, '[tool.hatch.envs.default.scripts]\ntest = "pytest {args:tests}"\n', "pyproject.toml:2", "pytest tests"),
        ("npm run py -- -q", NPM, '{\n  "scripts": {\n    "a": "x",\n    "py": "pytest"\n  }\n}\n', "package.json:4", "pytest -q"),
        ("./scripts/t.sh unit", "scripts/t.sh", '#!/bin/sh\ncd "$(dirname "$0")/.."\n\npytest tests/$1\n', "scripts/t.sh:4", "pytest tests/unit"),
        ("./scripts/t.sh", "scripts/t.sh", 'here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)\ncd "${here%/*}"\npytest tests\n', "scripts/t.sh:3", "pytest tests"),
        ("./scripts/t.sh", "scripts/t.sh", "cd $(git rev-parse --show-toplevel)\npytest tests\n", "scripts/t.sh:2", "pytest tests"),
    ],
)  # fmt: skip
def test_places_and_arguments(follow, command, path, text, place, shown):
    (lead,) = follow(command, {path: text, "tests/unit/test_a.py": ""})
    assert (lead.why_not, str(lead.chain[-1]), lead.command) == (None, place, shown)
    assert lead.chain[0].path == "ci.yml"


def test_scripts_that_call_each_other_end(follow):
    leads = follow("./a.sh", {"a.sh": "./b.sh\npytest -k a\n", "b.sh": "./a.sh\npytest -k b\n"})
    assert {lead.selection.keyword for lead in leads} == {"a", "b"}
