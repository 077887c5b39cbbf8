"""Writing attestations and waivers into a project's files, and reading them back."""

from datetime import date, timedelta

import pytest

from mlscore.core.attestation import WaiverReason
from mlscore.project.attest import write_attestation, write_waiver

DONE = {"item": "monitor-4", "owner": "team-data", "what": "read the age of every stage", "link": "docs/age.md"}
WAIVED = {"item": "infra-6", "reason": "planned", "note": "comes with the new server", "author": "ml-platform"}


@pytest.fixture(autouse=True)
def _project(write):
    write("docs/age.md")
    write("mlscore.toml", 'name = "flights"\n')


@pytest.fixture
def attest(load, today):
    def attest(**other):
        return write_attestation(load(), **{**DONE, "on": today, "today": today, **other})

    return attest


@pytest.fixture
def waive(load, today):
    def waive(**other):
        return write_waiver(load(), **{**WAIVED, "on": today, "today": today, **other})

    return waive


def read(root, name="mlscore.attestations.toml"):
    return (root / name).read_bytes().decode("utf-8")


def test_the_file_is_made_with_a_few_words_of_explanation(attest, waive, root, load, today, snapshot):
    written = attest()
    assert (str(written.location), written.renewed) == ("mlscore.attestations.toml:5", False)
    assert waive().location.line == 13
    assert read(root) == snapshot
    (attestation,) = load().attestations
    assert attestation == written.statement.__class__(
        **DONE, date=today, expires=today + timedelta(days=180), location=written.location
    )
    (waiver,) = load().waivers
    assert (waiver.reason, waiver.expires) == (WaiverReason.PLANNED, today + timedelta(days=180))


def test_the_same_owner_renews_and_another_adds(attest, root, load, today):
    attest(on=date(2026, 7, 1), expires=date(2026, 12, 1))
    assert attest(owner="ml-platform").renewed is False
    written = attest(what="read it again", link="https://example.org/age")
    assert (written.renewed, written.location.line) == (True, 5)
    first, second = load().attestations
    assert (first.owner, first.date, first.what, first.link) == (
        "team-data",
        today,
        "read it again",
        "https://example.org/age",
    )
    assert first.expires == today + timedelta(days=180)
    assert second.owner == "ml-platform"


def test_of_several_the_newest_is_renewed(write, attest, load):
    entry = '[[attestation]]\nitem = "monitor-4"\nowner = "team-data"\ndate = {}\nwhat = "x"\nlink = "docs/age.md"\n\n'
    dates = ["2026-01-01", "2026-05-05", "2026-03-03"]
    write("mlscore.attestations.toml", "".join(entry.format(d) for d in dates))
    assert attest().location.line == 8
    assert [a.date.isoformat() for a in load().attestations] == ["2026-01-01", "2026-11-21", "2026-03-03"]


def test_the_file_s_comments_order_and_line_ends_stay(write, attest, root):
    text = (
        "\ufeff# by hand\r\n[[waiver]]  # for now\r\n"
        'item = "infra-6"\r\nreason = "planned"\r\nnote = "n"\r\nauthor = "a"\r\ndate = 2026-10-01\r\n\r\n# the rest\r\n'
        '[[attestation]]\r\nowner = "team-data" # them\r\nitem = "monitor-4"\r\ndate = 2026-01-01\r\nwhat = "old"\r\n'
        'link = "docs/age.md"\r\nexpires = "2026-07-01"\r\n# the end\r\n'
    )
    write("mlscore.attestations.toml", text)
    assert attest().renewed
    expected = text.replace("2026-01-01", "2026-11-21").replace('"old"', '"read the age of every stage"')
    assert read(root) == expected.replace('"2026-07-01"', "2027-05-20")
    attest(item="data-6")
    assert read(root).startswith(expected.replace('"2026-07-01"', "2027-05-20"))
    assert read(root).count("\n") == read(root).count("\r\n")


@pytest.mark.parametrize("name", ["mlscore.toml", "pyproject.toml"])
def test_an_entry_in_the_configuration_is_renewed_there(write, attest, waive, root, name):
    (root / "mlscore.toml").unlink()
    base = "tool.mlscore." if name == "pyproject.toml" else ""
    head = '[tool.mlscore]\nname = "x"\n\n' if base else 'name = "x"\n\n'
    text = (
        head + f'[[{base}attestation]]\nitem = "monitor-4"\nowner = "team-data"\ndate = 2026-01-01\nwhat = "old"\n'
        f'link = "docs/age.md"\n\n[[{base}waiver]]\nitem = "infra-6"\nreason = "accepted-risk"\nnote = "n"\n'
        'author = "ml-platform"\ndate = 2026-01-01\n\n# others\n'
    )
    write(name, text)
    assert attest().location.path == name
    assert waive().location.path == name
    assert not (root / "mlscore.attestations.toml").exists()
    assert read(root, name).endswith("date = 2026-11-21\nexpires = 2027-05-20\n\n# others\n")
    assert 'reason = "planned"\nnote = "comes with the new server"\n' in read(root, name)


def test_a_configured_file_is_written_to(write, attest, root):
    write("mlscore.toml", 'attestations = ["people/a.toml", "people/b.toml"]\n')
    write("people/a.toml", "# ours\n")
    write(
        "people/b.toml",
        '[[attestation]]\nitem = "data-6"\nowner = "team-data"\ndate = 2026-01-01\nwhat = "x"\nlink = "docs/age.md"\n',
    )
    assert str(attest().location) == "people/a.toml:3"
    assert str(attest(item="data-6").location) == "people/b.toml:1"


def test_texts_of_any_kind_survive(attest, load):
    what = 'said "yes" \\ then\nñ 漢\t# no comment\n[[attestation]]'
    attest(what=what, owner="équipe 'données'")
    (found,) = load().attestations
    assert (found.what, found.owner) == (what, "équipe 'données'")


WRONG = {
    "unknown item": {"item": "monitor-9"},
    "empty owner": {"owner": ""},
    "empty what": {"what": " "},
    "future": {"on": date(2026, 11, 23)},
    "wrong order": {"expires": date(2026, 11, 20)},
    "too long": {"expires": date(2028, 1, 1)},
    "no such path": {"link": "docs/gone.md"},
    "outside": {"link": "../age.md"},
    "other address": {"link": "ftp://example.org/a"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_loader_would_refuse_is_not_written(attest, root, complaint, snapshot, name):
    assert complaint(attest, **WRONG[name]) == snapshot
    assert not (root / "mlscore.attestations.toml").exists()


WRONG_WAIVERS = {
    "unknown reason": {"reason": "no-time"},
    "unknown item": {"item": "infra-66"},
    "empty note": {"note": ""},
    "too long": {"expires": date(2028, 1, 1)},
}


@pytest.mark.parametrize("name", WRONG_WAIVERS)
def test_a_wrong_waiver_is_not_written(waive, root, complaint, snapshot, name):
    assert complaint(waive, **WRONG_WAIVERS[name]) == snapshot
    assert not (root / "mlscore.attestations.toml").exists()


def test_a_file_that_leaves_no_room_is_left_alone(write, attest, root, complaint, snapshot):
    write("mlscore.attestations.toml", "attestation = []\n")
    assert complaint(attest) == snapshot
    assert read(root) == "attestation = []\n"


def test_a_file_that_cannot_be_written_is_left_alone(attest, root, complaint, monkeypatch):
    import os

    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
    assert "read-only file system; make it writable" in complaint(attest)
    assert [path.name for path in sorted(root.iterdir())] == ["docs", "mlscore.toml"]
