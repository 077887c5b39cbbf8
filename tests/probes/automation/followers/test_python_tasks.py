"""Following nox sessions and invoke tasks, read as syntax."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest


def nox(*body, mark="@nox.session", top="", more=""):
    lines = "".join(f"    {line}\n" for line in body)
    return f"import nox\n{top}\n{mark}\ndef tests(session):\n{lines}\n{more}\n"


RUN = 'session.run("pytest", *session.posargs)'
NOX = [
    ("nox", nox(RUN), None),
    ("nox -s tests", nox(RUN), None),
    ("nox -s tests-3.12", nox(RUN, mark='@nox.session(python=["3.11", "3.12"])'), None),
    ("nox --session=tests -- -x", nox(RUN), None),
    ("nox -s 'tests(extra=True)'", nox(RUN), None),
    ("nox -s other", nox(RUN), ""),
    ("nox -s $UNSET", nox(RUN), "which nox session"),
    ("nox --list", nox(RUN), ""),
    ("nox -k tests", nox(RUN), "not followed"),
    ("NOXSESSION=tests nox", nox(RUN), None),
    ("nox", nox(RUN, mark="@nox.session(default=False)"), ""),
    ("nox", nox(RUN, mark="@nox.session(default=True)"), None),
    ("nox", nox(RUN, top='nox.options.sessions = ["tests"]'), None),
    ("nox", nox(RUN, top='nox.options.sessions = ["lint"]'), ""),
    ("nox -t ci", nox(RUN, mark='@nox.session(tags=["ci"])'), None),
    ("nox -t style", nox(RUN, mark='@nox.session(tags=["ci"])'), ""),
    ("nox -s unit", nox(RUN, mark='@nox.session(name="unit")'), None),
    ("nox", nox("# " + RUN, "pass"), ""),
    ("nox", nox('session.install("pytest")'), ""),
    ("nox", nox('session.run("python", "-m", "pytest", "tests")'), None),
    ("nox", nox('session.run("coverage", "run", "-m", "pytest")'), None),
    ("nox", nox('session.run("pytest", success_codes=[0, 1])'), "success_codes"),
    ("nox", nox('session.run("pytest", success_codes=[0])'), None),
    ("nox", nox("try:", '    session.run("pytest")', "except Exception:", "    pass"), "caught by `except`"),
    ("nox", nox("try:", '    session.run("pytest")', "except Exception:", "    raise"), None),
    ("nox", nox("try:", '    session.run("pytest")', "finally:", '    session.run("echo")'), None),
    ("nox", nox("with suppress(Exception):", '    session.run("pytest")'), "caught by `suppress`"),
    ("nox", nox("if os.environ.get('FULL'):", '    session.run("pytest")'), "runs only if"),
    ("nox", nox("if os.environ.get('CI'):", '    session.run("pytest")'), None),
    ("nox", nox("if session.posargs:", '    session.run("x")', "else:", '    session.run("pytest")'), None),
    ("nox", nox('args = session.posargs or ["tests"]', 'session.run("pytest", *args)'), None),
    ("nox", nox('args = ["tests"] + unknown()', 'session.run("pytest", *args)'), "not in the repository"),
    ("nox", nox("helper(session)", more='def helper(s):\n    s.run("pytest")\n'), None),
    ("nox", nox("helper(session)", more="def helper(s):\n    helper(s)\n"), ""),
    ("nox -s a", nox(RUN, more='@nox.session\ndef a(session):\n    session.notify("tests")\n'), None),
    ("nox", nox('for d in ["tests"]:', '    session.run("pytest", d)'), None),
    ("nox", nox('session.run("bash", "-c", "pytest || true", external=True)'), "|| true"),
    ("nox", "def broken(:\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "text", "why"), NOX)
def test_nox(follow, command, text, why):
    leads = follow(command, {"noxfile.py": text, "tests/test_a.py": ""}, env={"CI": "true"})
    if why == "":
        assert leads == []
    else:
        assert (
            [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads]
            == [True] * len(leads)
            != []
        )


def test_nox_place_arguments_and_folder(follow):
    text = nox("session.chdir('sub')", 'args = session.posargs or ["-m", "fast"]', 'session.run("pytest", *args)')
    (lead,) = follow("nox -s tests", {"noxfile.py": text, "sub/test_a.py": ""})
    assert [str(place) for place in lead.chain] == ["ci.yml:10", "noxfile.py:7"]
    assert (lead.selection.markexpr, lead.selection.paths) == ("fast", ("sub",))
    (lead,) = follow("nox -s tests -- -m slow", {"noxfile.py": text, "sub/test_a.py": ""})
    assert lead.selection.markexpr == "slow"


def test_nox_environment(follow):
    (lead,) = follow("nox", {"noxfile.py": nox('session.run("pytest", env={"PYTEST_ADDOPTS": "-m slow"})')})
    assert lead.selection.markexpr == "slow"


def invoke(*body, mark="@task", signature="c", more=""):
    lines = "".join(f"    {line}\n" for line in body)
    return f"from invoke import task\n{mark}\ndef test({signature}):\n{lines}\n{more}\n"


INVOKE = [
    ("invoke test", invoke('c.run("pytest")'), None),
    ("inv test", invoke('c.run("pytest", pty=True)'), None),
    ("inv other", invoke('c.run("pytest")'), ""),
    ("inv --list", invoke('c.run("pytest")'), ""),
    ("inv test", invoke('c.run("pytest", warn=True)'), "warn=True"),
    ("inv test", invoke('c.run("pytest", warn=False)'), None),
    ("inv -w test", invoke('c.run("pytest")'), "ignores its failure"),
    ("inv test", invoke('c.run("pytest || true")'), "|| true"),
    ("inv test", invoke('c.run("pytest", asynchronous=True)'), "does not wait"),
    ("inv test", invoke('cmd = "pytest"', "if slow:", '    cmd += " -m slow"', "c.run(cmd)", signature="c, slow=False"), None),
    ("inv ci", invoke('c.run("pytest")', more="@task(pre=[test])\ndef ci(c):\n    pass\n"), None),
    ("inv ci", invoke('c.run("pytest")', more="@task(test)\ndef ci(c):\n    pass\n"), None),
    ("inv ci", invoke('c.run("pytest")', more="@task\ndef ci(c):\n    test(c)\n"), None),
    ("inv run-all", invoke('c.run("pytest")', more='@task\ndef run_all(c):\n    c.run("pytest")\n'), None),
    ("inv", invoke('c.run("pytest")', mark="@task(default=True)"), None),
    ("inv", invoke('c.run("pytest")'), ""),
    ("inv test", invoke('with c.cd("tests"):', '    c.run("pytest")'), None),
    ("inv test", invoke("pass", more='def helper(c):\n    c.run("pytest")\n'), ""),
    ("inv test", invoke("test(c)", 'c.run("pytest")'), None),
]  # fmt: skip


@pytest.mark.parametrize(("command", "text", "why"), INVOKE)
def test_invoke(follow, command, text, why):
    leads = follow(command, {"tasks.py": text, "tests/test_a.py": ""})
    if why == "":
        assert leads == []
    else:
        assert (
            [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads]
            == [True] * len(leads)
            != []
        )


def test_invoke_flags_and_place(follow):
    text = invoke('cmd = "pytest"', "if slow:", '    cmd += " -m slow"', "c.run(cmd)", signature="c, slow=False")
    (lead,) = follow("inv test", {"tasks.py": text})
    assert (lead.selection.markexpr, str(lead.chain[1])) == (None, "tasks.py:7")
    (lead,) = follow("inv test --slow", {"tasks.py": text})
    assert lead.selection.markexpr == "slow"
