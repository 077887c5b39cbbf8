"""What tests of predictors share: a project with functions, rows, and a way to open a model in it."""

import pytest

FUNCTIONS = """
import os
import time


def half(rows):
    return rows["a"] / 2


def double(rows):
    return rows["a"] * 2


def shares(rows):
    return (rows["a"] > 2) * 0.8 + 0.1


def raises_at_17(rows):
    if (rows["a"] == 17).any():
        raise ValueError("no such age")
    return rows["a"]


def raises_always(rows):
    raise KeyError("away")


def dies_at_17(rows):
    if (rows["a"] == 17).any():
        os._exit(3)
    return rows["a"]


def segfaults(rows):
    os.kill(os.getpid(), 11)


def hangs_at_17(rows):
    if (rows["a"] == 17).any():
        time.sleep(60)
    return rows["a"]


def hangs(rows):
    time.sleep(60)


def nan_at_17(rows):
    return rows["a"].where(rows["a"] != 17).astype(float)


def text_at_17(rows):
    return ["12.5 min" if one == 17 else one for one in rows["a"]]


def generator(rows):
    return (one for one in rows["a"])


def short(rows):
    return rows["a"][1:]


def nothing(rows):
    return None


def leaves(rows):
    raise SystemExit("enough")


def prints(rows):
    print("so many rows:", len(rows))
    os.write(1, b"from below\\n")
    os.system("echo from a shell")
    return rows["a"]


def reads(rows):
    import sys

    return [len(sys.stdin.read())] * len(rows)


def forks(rows):
    os.fork()
    return rows["a"]


def works_apart(rows):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return rows["a"]


KEPT = []


def keeps(rows):
    KEPT.append(b"x" * 60_000_000)
    return rows["a"]


def greedy(rows):
    filler = b"x" * 2_000_000_000
    time.sleep(60)


class Loaded:
    classes_ = ["no", "yes"]

    def predict(self, rows):
        return ["yes" if one > 2 else "no" for one in rows["a"]]


def load():
    return Loaded()


ready = Loaded()
number = 3


def spam(texts):
    return ["spam" if "win" in one else "ham" for one in texts]
"""


@pytest.fixture
def project(tmp_path):
    """The folder of a project whose module `models_here` holds functions that behave in all manners."""
    (tmp_path / "models_here.py").write_text(FUNCTIONS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def rows():
    """Forty rows: `a` counts from 1, so that its value is the row's number; `b` is text."""
    import pyarrow as pa

    return pa.table({"a": list(range(1, 41)), "b": ["x"] * 40})


@pytest.fixture
def opened(project, request):
    """`opened(source, **settings)`: a predictor of the project, closed after the test."""
    from mlscore.predictors import open_predictor
    from mlscore.project.config import ModelSettings

    def make(source, **settings):
        settings.setdefault("features", ("a",))
        found = open_predictor(ModelSettings(source=source, **settings), project, where="mlscore.toml:3")
        request.addfinalizer(found.close)
        return found

    return make
