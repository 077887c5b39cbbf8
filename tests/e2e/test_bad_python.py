"""Test files that are no Python, or not readable as text: named in one sentence, left as they are, the others read."""

import re

import pytest

SOUND = "def test_training_twice_with_one_seed_is_reproducible():\n    assert train(seed=1) == train(seed=1)\n"
MARKED = 'import pytest\n\n@pytest.mark.mlscore("infra-1")\n' + SOUND

BROKEN = {
    "truncated": MARKED[: MARKED.index("(seed")] + "(",
    "not indented": MARKED.replace("    assert", "assert"),
    "tabs and spaces": MARKED + "\tassert True\n",
    "Python 2": MARKED + "    print 'done'\n",
    "not UTF-8": (MARKED + "    assert 'Prüfung'\n").encode("latin-1"),
    "UTF-16": MARKED.encode("utf-16"),
    "a null character": MARKED.replace("seed=1", "seed=\0"),
    "unknown encoding": "# coding: klingon\n" + MARKED,
    "nested too deeply": MARKED + "    assert " + "(" * 500 + "1" + ")" * 500 + "\n",
    "a number of thousands of digits": MARKED + f"    assert 1{'0' * 5000}\n",
    "too large": MARKED + "# " + "x" * (4 << 20) + "\n",
    "a program": b"\x7fELF\x02\x01\x01\0\0\0",
    "not Python": "<html></html>\n",
}
READ = {
    "empty": "",
    "byte-order mark and CRLF": ("\ufeff" + MARKED).replace("\n", "\r\n"),
    "carriage returns alone": MARKED.replace("\n", "\r"),
    "a comment alone": "# nothing yet\n",
    "Latin-1 and says so": "# coding: latin-1\n" + MARKED,
}


@pytest.mark.parametrize("name", BROKEN)
def test_python(name, mlscore, write, unchanged, plain, sentences):
    write("tests/test_broken.py", BROKEN[name])
    write("tests/test_sound.py", SOUND)
    with unchanged():
        done = mlscore("map", "--report", "json")
        assert (done.code, done.err) == (0, "")
        assert [t["path"] for t in done.data["tests"]] == ["tests/test_sound.py"]
        (found,) = done.data["diagnostics"]
        text = mlscore("map").out
        # The commit's hook and a score without tests have no reason to fail over it: pytest will.
        assert mlscore("hook", "tests/test_broken.py").code == 0
        assert mlscore("score", "--no-tests").code == 0
    assert found["help"]
    said = next(line for line in text.splitlines() if line.startswith("tests/test_broken.py"))
    # What Python itself says differs from version to version.
    assert re.sub("(cannot parse it: ).*(; mend)", r"\1…\2", plain(said)) == sentences
    assert mlscore("map", "--write", "--min-confidence", "0").code == 0


@pytest.mark.parametrize("name", BROKEN)
def test_marks_are_put_into_the_other_files_alone(name, mlscore, write, project):
    content = write("tests/test_broken.py", BROKEN[name]).read_bytes()
    write("tests/test_sound.py", SOUND)
    done = mlscore("map", "--write", "--min-confidence", "0")
    assert (done.code, done.out) == (0, "1 mark in 1 file put in\n")
    assert (project / "tests" / "test_broken.py").read_bytes() == content
    assert '@pytest.mark.mlscore("infra-1")' in (project / "tests" / "test_sound.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READ)
def test_what_is_only_unusual_is_read(name, mlscore, write):
    write("tests/test_unusual.py", READ[name])
    done = mlscore("map", "--report", "json")
    assert (done.code, done.err) == (0, "")
    assert done.data["diagnostics"] == []
    assert [t["items"] for t in done.data["tests"]] == ([["infra-1"]] if "infra-1" in READ[name] else [])


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_keep_the_byte_order_mark_and_the_line_ends(mlscore, write, project, mark, ends):
    text = mark + ("# précieux\n" + SOUND).replace("\n", ends)
    write("tests/test_sound.py", text)
    assert mlscore("map", "--write", "--min-confidence", "0").code == 0
    after = (project / "tests" / "test_sound.py").read_bytes().decode("utf-8")
    assert after.startswith(mark)
    assert after.count("\ufeff") == len(mark)
    assert after.count("\r\n") == (after.count("\n") if ends == "\r\n" else 0)
    assert after.endswith(SOUND.replace("\n", ends))
    assert mlscore("map", "--report", "json").data["tests"][0]["placed"] is True


ARGUMENTS = {
    "a folder that is missing": ("map", "nowhere"),
    "a file that is missing": ("map", "tests/test_none.py"),
    "two forms at once": ("map", "--json", "--report", "terminal"),
    "a report and a change at once": ("map", "--json", "--write"),
    "a confidence that is no number": ("map", "--min-confidence=nan"),
    "a confidence out of range": ("map", "--min-confidence=7"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_map_argument(name, refused, sentences):
    assert refused(ARGUMENTS[name], {"tests/test_sound.py": SOUND}) == sentences
