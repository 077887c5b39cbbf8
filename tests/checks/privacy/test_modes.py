"""Modes: what a file lets others do beyond the policy, owners and groups, links, and what has no modes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.checks.privacy.modes import ModePolicy, audit_modes, read_mode
from mlscore.errors import InputError, UsageError

POLICY = ModePolicy(0o640)


@pytest.fixture
def data(tmp_path):
    """A folder `data` with two files, as the policy wants them."""
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    for path in (folder / "a.csv", folder / "sub" / "b.csv"):
        path.write_text("x", encoding="utf-8")
        path.chmod(0o640)
    for path in (folder, folder / "sub"):
        path.chmod(0o750)
    return folder


def audit(data, policy=POLICY, paths=("data",)):
    return audit_modes(paths, policy, root=data.parent)


def test_what_keeps_to_the_policy_is_judged_and_not_found(data):
    result = audit(data)
    assert (result.judged, result.beyond, result.unknown) == (4, (), ())


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        (0o644, "mode 0644 lets everybody read, the policy is 0640"),
        (0o660, "mode 0660 lets the group write, the policy is 0640"),
        (
            0o777,
            "mode 0777 lets everybody read and write and enter or run and the group write and enter or run and the owner",
        ),
    ],
)
def test_a_wider_file_deep_in_the_folder(data, mode, what):
    (data / "sub" / "b.csv").chmod(mode)
    (one,) = audit(data).beyond
    assert one.path == "data/sub/b.csv"
    assert one.what.startswith(what)


def test_a_folder_that_everybody_enters(data):
    data.chmod(0o755)
    (one,) = audit(data).beyond
    assert (one.path, one.what) == ("data", "mode 0755 lets everybody read and enter or run, the policy is 0640")


def test_owners_and_groups(data):
    import grp
    import pwd

    owner, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(data.stat().st_gid).gr_name
    assert audit(data, ModePolicy(0o640, (owner,), (group,))).beyond == ()
    assert audit(data, ModePolicy(0o640, (str(os.getuid()),))).beyond == ()
    found = audit(data, ModePolicy(0o640, ("etl",), ("data",)), ("data/a.csv",)).beyond
    assert [one.what for one in found] == [
        f"its owner is {owner}, the policy names etl",
        f"its group is {group}, the policy names data",
    ]


def test_links_are_judged_by_where_they_lead(data, tmp_path):
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("x", encoding="utf-8")
    outside.chmod(0o644)
    (data / "link.csv").symlink_to(outside)
    (data / "inner.csv").symlink_to(data / "a.csv")
    (data / "loop").symlink_to(data)
    (data / "dead.csv").symlink_to(tmp_path / "gone")
    result = audit(data)
    assert {(one.path, one.what.partition(",")[0]) for one in result.beyond} == {
        ("data/link.csv", "it is a link out of the folder"),
        ("data/link.csv", "mode 0644 lets everybody read"),
    }
    assert result.unknown == ("data/dead.csv cannot be looked at: No such file or directory",)


def test_a_named_folder_that_is_a_link_is_followed(data, tmp_path):
    (data / "a.csv").chmod(0o644)
    (tmp_path / "current").symlink_to(data)
    assert len(audit(data, paths=("current",)).beyond) == 1


def test_globs_and_absolute_paths(data):
    (data / "sub" / "b.csv").chmod(0o644)
    assert len(audit(data, paths=("data/**/*.csv",)).beyond) == 1
    assert len(audit(data, paths=(str(data / "sub"), str(data))).beyond) == 1
    assert len(audit(data, paths=(f"{data}/s*/*.csv",)).beyond) == 1


def test_object_stores_are_named_as_unknown(data):
    result = audit(data, paths=("s3://key:secret@bucket/x", "data/a.csv"))
    assert result.judged == 1
    (unknown,) = result.unknown
    assert "object store" in unknown
    assert "secret" not in unknown


def test_access_control_lists_are_named_as_unknown(data, monkeypatch):
    monkeypatch.setattr(os, "listxattr", lambda path: ["system.posix_acl_access"], raising=False)
    assert audit(data, paths=("data/a.csv",)).unknown == ("data/a.csv has an access control list beside its mode",)


def test_what_is_not_there(data):
    for path in ("dta", "data/*.parquet"):
        with pytest.raises(InputError) as error:
            audit(data, paths=(path,))
        assert str(error.value) == f"{path}: there is no such file or folder; mend the path"
    with pytest.raises(UsageError, match="no file or folder is named"):
        audit(data, paths=())


@pytest.mark.parametrize(("text", "mode"), [("0640", 0o640), ("600", 0o600), ("0000", 0)])
def test_modes_are_read(text, mode):
    assert read_mode(text) == mode


@pytest.mark.parametrize("text", ["", "9", "0888", "rw-r-----", "0o640", "06400", "٦٤٠"])
def test_other_texts_are_no_modes(text):
    with pytest.raises(UsageError, match="is no mode"):
        read_mode(text)


def test_a_mode_beyond_the_bits_is_refused():
    with pytest.raises(UsageError):
        ModePolicy(0o1777)


@given(allowed=st.integers(0, 0o777), mode=st.integers(0, 0o7777))
def test_excess_is_what_the_policy_lacks(allowed, mode):
    excess = ModePolicy(allowed).excess(mode, folder=False)
    assert excess & allowed == 0
    assert (excess | allowed) & mode & 0o777 == mode & 0o777
    assert excess & ~mode == 0
