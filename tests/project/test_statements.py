"""People's statements: the days they hold, and the links that must lead somewhere."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.core.attestation import DEFAULT_DAYS, MAX_DAYS, attestation_evidence
from mlscore.core.evidence import Location, Outcome
from mlscore.errors import ConfigError
from mlscore.project.statements import attestation, known_item, link_found, waiver

HERE = Location("people.toml", 3)


def place(name):
    return HERE


@pytest.fixture
def made(rubric, root, today):
    """An attestation of some days ago that expires after some days; None leaves the expiry out."""

    def made(ago=0, after=None, **other):
        done = today - timedelta(days=ago)
        entry = {
            "item": "data-6",
            "owner": "ml-platform",
            "date": done,
            "what": "measured",
            "link": "https://a.example/b",
        }
        if after is not None:
            entry["expires"] = done + timedelta(days=after)
        return attestation(entry | other, place, rubric=rubric, root=root, today=today)

    return made


def test_an_expiry_that_is_left_out_comes_180_days_later(made, today):
    assert made(3).expires == today + timedelta(days=DEFAULT_DAYS - 3)
    assert DEFAULT_DAYS == 180


@pytest.mark.parametrize("days", [0, 1, 365])
def test_an_expiry_up_to_365_days_later_is_kept(made, today, days):
    assert made(0, days).expires == today + timedelta(days=days)


@given(ago=st.integers(-400, 400), after=st.integers(-400, 800))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_statement_stands_exactly_when_its_days_are_in_order(made, ago, after):
    if ago >= 0 and 0 <= after <= MAX_DAYS:
        found = made(ago, after)
        assert (found.expires - found.date).days == after
    else:
        with pytest.raises(ConfigError) as caught:
            made(ago, after)
        assert caught.value.where == HERE


def test_what_has_expired_is_no_mistake(made, today):
    assert attestation_evidence(made(400, 30), today).outcome is Outcome.EXPIRED


def test_a_waiver_keeps_the_same_days(rubric, today):
    entry = {"item": "infra-6", "reason": "planned", "note": "soon", "author": "ml-platform", "date": today}
    found = waiver(entry, place, rubric=rubric, today=today)
    assert found.expires == today + timedelta(days=180)
    assert found.location == HERE
    with pytest.raises(ConfigError, match="lies in the future"):
        waiver(entry | {"date": today + timedelta(days=2)}, place, rubric=rubric, today=today)


def test_a_date_may_be_a_day_ahead_of_utc_where_the_new_day_has_begun(made, rubric, today):
    assert made(-1, 30).date == today + timedelta(days=1)
    with pytest.raises(ConfigError, match="lies in the future"):
        made(-2, 30)
    entry = {"item": "infra-6", "reason": "planned", "note": "soon", "author": "ml-platform"}
    entry["date"] = today + timedelta(days=1)
    assert waiver(entry, place, rubric=rubric, today=today).holds(today)


def test_the_last_days_of_the_calendar_are_days_too(made):
    with pytest.raises(ConfigError, match="days after"):
        made(0, None, expires=date(9999, 12, 31))
    with pytest.raises(ConfigError, match="lies in the future"):
        made(0, None, date=date(9999, 12, 31))


@pytest.mark.parametrize("link", ["https://a.example/b#c", "http://a.example", "HTTPS://A.example/%20"])
def test_a_url_is_believed(root, link):
    assert link_found(link, root, "here")


@pytest.mark.parametrize(
    "link",
    ["docs/what we did ñ.md", "./docs/what we did ñ.md", "docs/../docs/what we did ñ.md#june", "docs", "docs/a#b.md"],
)
def test_a_path_that_exists_is_found(root, write, link):
    write("docs/what we did ñ.md")
    write("docs/a#b.md")
    assert link_found(link, root, "here")


@pytest.mark.parametrize("link", ["docs/gone.md", "docs/a.md/b", "OPS-123", "#june", "loop/a", "a\0b", "x" * 5000])
def test_a_path_that_does_not_exist_is_not_found(root, write, link):
    write("docs/a.md")
    (root / "loop").symlink_to(root / "loop")
    assert not link_found(link, root, "here")


@pytest.mark.parametrize("link", ["..", "../a.md", "docs/../../a.md", "/etc/hostname", "out/a.md", "//a.example/b"])
def test_a_path_that_leaves_the_project_is_refused(root, write, tmp_path, link):
    (tmp_path / "a.md").touch()
    (root / "docs").mkdir()
    (root / "out").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ConfigError, match="leaves the project"):
        link_found(link, root, "here")


@pytest.mark.parametrize("link", [".", "./", "docs/..", "./#june"])
def test_the_whole_project_is_no_document(root, link):
    (root / "docs").mkdir()
    with pytest.raises(ConfigError, match="is the project's whole folder; name the document in it"):
        link_found(link, root, "here")


def test_a_folder_will_do_where_it_holds_a_file(root, write):
    (root / "docs" / "2026").mkdir(parents=True)
    assert not link_found("docs", root, "here")
    write("docs/2026/june.md")
    assert link_found("docs", root, "here")


@pytest.mark.parametrize("section", ["data", "monitor"])
def test_a_section_is_told_from_an_item(rubric, section):
    with pytest.raises(ConfigError) as caught:
        known_item(section, rubric, "here")
    assert str(caught.value).startswith(f'here: "{section}" is a section, not an item; its items are {section}-1, ')
    assert str(caught.value).endswith(f"{section}-7")


def test_a_sibling_with_a_longer_name_is_outside(root, tmp_path):
    (tmp_path / f"{root.name}2").mkdir()
    with pytest.raises(ConfigError, match="leaves the project"):
        link_found(f"../{root.name}2", root, "here")


@pytest.mark.parametrize(
    "link", ["ftp://a.example/b", "file:///etc/hostname", "s3://bucket/key", "https://", "https:///"]
)
def test_other_addresses_are_refused(root, link):
    with pytest.raises(ConfigError, match="no address that a reader can open"):
        link_found(link, root, "here")


def test_a_project_reached_by_a_link_keeps_its_paths(root, write, tmp_path):
    write("docs/a.md")
    (tmp_path / "short").symlink_to(root, target_is_directory=True)
    assert link_found("docs/a.md", tmp_path / "short", "here")


def test_a_link_that_leads_nowhere_is_told_to_the_score_not_to_the_user_as_a_mistake(made, today):
    found = made(link="docs/gone.md")
    assert not found.link_found
    assert attestation_evidence(found, today).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("value", ["Data-1", "data_1", "data-8", "", 1, None, ["data-1"]])
def test_an_item_is_known_by_its_exact_id_alone(rubric, value):
    assert known_item("data-1", rubric, "here") == "data-1"
    with pytest.raises(ConfigError, match="has no item"):
        known_item(value, rubric, "here")


def test_several_attestations_of_one_item_by_one_owner_are_all_kept(loaded):
    entry = '[[attestation]]\nitem = "data-6"\nowner = "ml-platform"\ndate = {}\nwhat = "x"\nlink = "mlscore.toml"\n'
    config = loaded(entry.format("2026-01-02") + entry.format("2026-10-02"))
    assert [a.date for a in config.attestations] == [date(2026, 1, 2), date(2026, 10, 2)]
