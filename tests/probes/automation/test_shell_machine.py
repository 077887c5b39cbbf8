"""What a shell script does when the pytest in it fails: the script fails too, or the failure is lost, and how."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

# Script, options (e: `set -e`, p: `pipefail`), and why its failure is lost (None: it is not).
CASES = [
    ("pytest", "e", None),
    ("pytest", "", None),
    ("pytest || true", "e", "failure swallowed by `|| true`"),
    ("pytest || :", "e", "failure swallowed by `|| :`"),
    ("pytest || echo failed", "e", "failure swallowed by `|| echo failed`"),
    ("pytest || false", "e", None),
    ("pytest || exit 1", "", None),
    ("pytest || exit 0", "e", "`exit 0` follows it"),
    ("pytest || { echo failed; exit 1; }", "", None),
    ("pytest || { echo failed; }", "e", "failure swallowed by"),
    ("pytest || (echo failed && exit 1)", "e", None),
    ("pytest || [ $? -eq 5 ]", "e", None),
    ("pytest || [ $? -eq 1 ]", "e", "failure swallowed by"),
    ("pytest || test $? = 5", "e", None),
    ("pytest; true", "e", None),
    ("pytest; true", "", "without `set -e`"),
    ("pytest; exit 0", "", "`exit 0` follows it"),
    ("pytest; sleep 5", "", "the exit code of `sleep 5` counts instead"),
    ("sleep 0; pytest", "", None),
    ("set -e\npytest\necho done", "", None),
    ("set +e\npytest\necho done", "e", "without `set -e`"),
    ("set -euo pipefail\npytest | cat", "", None),
    ("set -o errexit\npytest\necho", "", None),
    ("set -ex -o pipefail\npytest | cat", "", None),
    ("pytest | tee log", "e", "the pipe into `tee log` hides its exit code"),
    ("pytest | tee log", "ep", None),
    ("pytest 2>&1 | sed s/a/b/", "e", "hides its exit code"),
    ("pytest | tee log; exit ${PIPESTATUS[0]}", "", None),
    ("echo | pytest", "e", None),
    ("pytest && echo ok", "e", None),
    ("pytest && echo ok\necho done", "e", "does not act on the left of `&&`"),
    ("true && pytest\necho done", "e", None),
    ("pytest &", "e", "runs in the background"),
    ("pytest &\nwait", "e", "runs in the background"),
    ("if pytest; then echo ok; fi", "e", "its failure only decides an `if`"),
    ("if pytest; then echo ok; else exit 1; fi", "", None),
    ("if ! pytest; then exit 1; fi", "", None),
    ("if ! pytest; then echo no; fi", "", "turned round by `!`"),
    ("! pytest", "e", "turned round by `!`"),
    ("while ! pytest; do sleep 1; done", "e", "turned round by `!`"),
    ("until pytest; do sleep 1; done", "e", "only decides a loop"),
    ("set +e\npytest\nrc=$?\necho done\nexit $rc", "e", None),
    ("set +e\npytest\nrc=$?\necho done", "e", "without `set -e`"),
    ("rc=0\npytest || rc=$?\nexit $rc", "e", None),
    ("rc=0\npytest || rc=1\necho done\nexit $rc", "e", None),
    ("rc=0\npytest || rc=$?\nif [ $rc -ne 0 ]; then exit $rc; fi", "e", None),
    ("rc=0\npytest || rc=$?\nif [ $rc -ne 0 ]; then echo $rc; fi", "e", "failure swallowed by `|| rc=$?`"),
    ("rc=0\npytest || rc=$((rc + 1))\nexit $rc", "e", None),
    ("rc=0\npytest || ((rc++)) || true\nexit 0", "e", "failure swallowed"),
    ("rc=0\npytest\n((rc |= $?))\n(exit 0)\nexit $rc", "", None),
    ("( pytest )", "e", None),
    ("( pytest; true )", "", "without `set -e`"),
    ("{ pytest; }\necho", "e", None),
    ("( pytest && true )\necho", "e", None),
    ("f() { pytest; }\nf", "e", None),
    ("f() { pytest; }\nf || true", "e", "failure swallowed by `|| true`"),
    ("f() { pytest; return 0; }\nf", "", "without `set -e`"),
    ("f() { pytest || return 1; }\nf", "", None),
    ("function f { pytest; }\nf; true", "", "without `set -e`"),
    ("for d in a b; do pytest; done", "", None),
    ("for d in a b; do pytest; done", "e", None),
    ("for d in $(ls); do pytest; done", "", "only the last turn of a loop counts"),
    ("case x in x) pytest;; esac", "e", None),
    ("case $UNSET_SWITCH in x) pytest;; esac", "e", "runs only in case of `x`"),
    ("trap 'exit 0' EXIT\npytest", "e", "swallowed by `trap"),
    ("trap 'rm -f x' EXIT\npytest", "e", None),
    ("exec pytest", "", None),
    ("exec pytest\ntrue", "", None),
    ("eval 'pytest'", "e", None),
    ("eval 'pytest || true'", "e", "failure swallowed"),
    ("command pytest", "e", None),
    ("bash -c 'pytest'", "e", None),
    ("bash -c 'pytest; true'", "e", "without `set -e`"),
    ("bash -ec 'pytest; true'", "", None),
    ("bash <<EOF\npytest\nEOF", "e", None),
    ("bash <<'EOF'\npytest\ntrue\nEOF", "e", "without `set -e`"),
    ("FOO=1 pytest", "e", None),
    ("pytest \\\n  -q \\\n  || true", "e", "failure swallowed"),
    ("pytest # || true", "e", None),
    ("if [ -n \"$UNSET_SWITCH\" ]; then pytest; fi", "e", "runs only if `[ -n"),
    ("if [ -n \"$UNSET_SWITCH\" ]; then pytest -x; else pytest; fi", "e", None),
    ("[ -n \"$UNSET_SWITCH\" ] && pytest", "", "runs only if"),
    ("if [ -z \"$UNSET_SWITCH\" ]; then exit 0; fi\npytest", "e", "may end before"),
    ("if [ -z \"$UNSET_SWITCH\" ]; then exit 2; fi\npytest", "e", None),
    ("cd . && pytest", "e", None),
    ("(cd . && pytest)", "e", None),
    ("cd . || exit 1\npytest", "", None),
    ("make something || pytest", "e", "runs only if `make something` fails"),
    ("pytest --collect-only", "e", "runs no test"),
    ("pytest -h", "e", "runs no test"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "options", "why"), CASES)
def test_what_becomes_of_a_failure(follow, script, options, why):
    leads = follow(script, errexit="e" in options, pipefail="p" in options)
    assert leads, "pytest was not found"
    if why is None:
        assert [lead.why_not for lead in leads] == [None] * len(leads)
    else:
        assert all(why in (lead.why_not or "") for lead in leads), [lead.why_not for lead in leads]


REAL = [case for case in CASES if "make something" not in case[0] and "UNSET" not in case[0] and "$(ls)" not in case[0]
        and "-h" not in case[0] and "collect" not in case[0] and "while" not in case[0] and "until" not in case[0]]  # fmt: skip


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash itself is the judge here")
@pytest.mark.parametrize(("script", "options", "why"), REAL)
def test_a_real_shell_agrees(tmp_path, script, options, why):
    fake = tmp_path / "pytest"
    fake.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    fake.chmod(0o755)
    flags = [*(["-e"] if "e" in options else []), *(["-o", "pipefail"] if "p" in options else [])]
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    script = script.replace("sleep 5", "sleep 0")
    done = subprocess.run(["bash", *flags, "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert (done.returncode != 0) == (why is None), done


@pytest.mark.parametrize(
    ("live", "dead", "why"),
    [
        ('out=$(pytest -q)\necho "$out"', 'set +e\nout=$(pytest -q)\necho "$out"', "without `set -e`"),
        ("out=$(pytest)", "out=$(pytest || true)", "failure swallowed"),
        ("out=$(cd . && pytest)", "out=$(pytest; echo)", "without `set -e`"),
        ("local out; out=$(pytest)\necho", "local out=$(pytest)\necho", "`local` hides its exit code"),
        ("out=$(pytest)\necho $out", 'echo "$(pytest)"', "`echo` hides its exit code"),
        ("a=$(make) b=$(pytest)", "a=$(pytest) b=$(make)", "cannot be followed"),
        ("out=$(pytest) || exit 1", "out=$(pytest) || echo failed", "failure swallowed"),
        ("set +e\nout=$(pytest)\ncode=$?\nexit $code", "set +e\nout=$(pytest)\ncode=$?\nexit 0", "without `set -e`"),
    ],
)
def test_what_becomes_of_the_exit_code_of_a_substitution(follow, live, dead, why):
    (lead,) = follow(live)
    assert lead.why_not is None
    (lead,) = follow(dead)
    assert why in (lead.why_not or "")


def test_the_line_inside_a_substitution_is_told(follow):
    (lead,) = follow("echo\nout=$(\n  pytest -q\n)\n")
    assert [str(place) for place in lead.chain] == ["ci.yml:12"]
