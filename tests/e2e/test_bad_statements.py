"""People's statements with wrong dates, ids and links, by the file and by the commands; and files that must not be lost."""

import pytest

DRILL = {"docs/drill.md": "# Drill\n"}
ATTESTATION = """\
[[attestation]]
item = "infra-7"
owner = "ml-platform"
date = 2026-10-01
what = "rolled back in staging"
link = "docs/drill.md"
"""
WAIVER = """\
[[waiver]]
item = "infra-6"
reason = "planned"
note = "comes with the new server"
author = "ml-platform"
date = 2026-10-01
"""
SCORE = ("score", "--no-tests")


def attest(**options):
    given = {"owner": "ml-platform", "what": "rolled back", "link": "docs/drill.md"} | options
    item = given.pop("item", "infra-7")
    return "attest", item, *(word for name, value in given.items() for word in (f"--{name}", value))


def waive(**options):
    given = {"reason": "planned", "note": "later", "author": "ml-platform"} | options
    item = given.pop("item", "infra-6")
    return "waive", item, *(word for name, value in given.items() for word in (f"--{name}", value))


IN_THE_FILE = {
    "empty": "",
    "blank": "\r\n\r\n",
    "not UTF-8": ATTESTATION.replace("staging", "Prüfung").encode("latin-1"),
    "UTF-16": ATTESTATION.encode("utf-16"),
    "truncated": ATTESTATION[: ATTESTATION.index("staging")],
    "truncated after a line": ATTESTATION[: ATTESTATION.index("what")],
    "not TOML": "infra-7: done\n",
    "misspelt table": ATTESTATION.replace("[[attestation]]", "[[atestation]]"),
    "one pair of brackets": ATTESTATION.replace("[[attestation]]", "[attestation]"),
    "misspelt key": ATTESTATION.replace("owner", "onwer"),
    "key twice": ATTESTATION + 'owner = "team-data"\n',
    "item that the rubric lacks": ATTESTATION.replace("infra-7", "infra-8"),
    "date in the future": ATTESTATION.replace("2026-10-01", "2026-11-23"),
    "date that the calendar lacks": ATTESTATION.replace("2026-10-01", "2026-02-30"),
    "date in another order": ATTESTATION.replace("2026-10-01", '"01.10.2026"'),
    "expiry before the date": ATTESTATION + "expires = 2026-09-30\n",
    "expiry too late": ATTESTATION + "expires = 2027-10-02\n",
    "link out of the project": ATTESTATION.replace("docs/", "../"),
    "waiver in the future": WAIVER.replace("2026-10-01", "2027-01-01"),
    "waiver that expires before its date": WAIVER + "expires = 2026-09-30\n",
    "waiver for too long": WAIVER + "expires = 2028-01-01\n",
    "waiver without a reason of ours": WAIVER.replace("planned", "no time"),
}
BY_COMMAND = {
    "item that the rubric lacks": attest(item="infra-8"),
    "empty owner": attest(owner=" "),
    "link to nothing": attest(link="docs/none.md"),
    "link out of the project": attest(link="../secret.md"),
    "link to a strange address": attest(link="file:///etc/hostname"),
    "date in the future": attest(date="2026-11-23"),
    "date that the calendar lacks": attest(date="2026-02-30"),
    "date in another order": attest(date="01/10/2026"),
    "expiry before the date": attest(date="2026-10-01", expires="2026-09-30"),
    "expiry too late": attest(date="2026-10-01", expires="2027-10-02"),
    "expiry no date": attest(expires="never"),
    "waiver of an item that the rubric lacks": waive(item="serving-1"),
    "waiver without a reason of ours": waive(reason="no time"),
    "waiver with an empty note": waive(note=""),
    "waiver in the future": waive(date="2027-01-01"),
    "waiver that expires before its date": waive(date="2026-10-01", expires="2026-09-30"),
    "waiver for too long": waive(expires="2028-01-01"),
    "project that is missing": attest(project="nowhere"),
}


@pytest.mark.parametrize("name", IN_THE_FILE)
def test_statements(name, refused, sentences):
    sentence = refused(SCORE, DRILL | {"mlscore.attestations.toml": IN_THE_FILE[name]})
    assert sentence == sentences
    # Nothing is written into a file that could not be read, and the hook and every other command say the same.
    for args in (attest(), waive(), ("hook",), ("config", "show")):
        assert refused(args) == sentence


@pytest.mark.parametrize("name", BY_COMMAND)
def test_statement_command(name, refused, sentences):
    assert refused(BY_COMMAND[name], DRILL) == sentences


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_and_line_ends_stay_as_they_are(mlscore, write, project, mark, ends):
    write("docs/drill.md", "# Drill\n")
    text = mark + f"# ours, and précieux\n{ATTESTATION}".replace("\n", ends)
    write("mlscore.attestations.toml", text)
    done = mlscore(*waive())
    assert (done.code, done.err) == (0, "")
    after = (project / "mlscore.attestations.toml").read_bytes().decode("utf-8")
    assert after.startswith(text)
    assert after.count("\r\n") == (after.count("\n") if ends == "\r\n" else 0)
    assert mlscore(*SCORE, "--report", "json").data["diagnostics"][0]["code"] == "git"


def test_an_attestation_in_a_configuration_with_a_byte_order_mark_is_renewed_in_place(mlscore, write, project):
    write("docs/drill.md", "# Drill\n")
    write("mlscore.toml", "\ufeff# ours\r\n" + ATTESTATION.replace("\n", "\r\n"))
    assert mlscore(*attest()).code == 0
    after = (project / "mlscore.toml").read_bytes().decode("utf-8")
    assert after.startswith("\ufeff# ours\r\n[[attestation]]\r\n")
    assert "2026-10-01" not in after
    assert "\n" not in after.replace("\r\n", "")


def test_a_date_in_a_far_past_or_of_the_last_day_holds_no_surprise(mlscore, write):
    write("docs/drill.md", "# Drill\n")
    assert mlscore(*attest(date="2026-11-21", expires="2026-11-21")).code == 0
    assert mlscore(*waive(date="0001-01-01")).code == 0
    report = mlscore(*SCORE, "--report", "json").data
    assert {d["code"] for d in report["diagnostics"]} == {"attestation-expiring", "waiver-expired", "git"}
    assert next(i for i in report["items"] if i["id"] == "infra-7")["level"] == "manual"


def test_the_last_day_of_the_calendar_is_refused_like_any_day_to_come(refused):
    sentence = refused(attest(date="9999-12-31"), DRILL)
    assert "lies in the future" in sentence


def test_a_clock_at_the_calendars_end(mlscore, write, clock):
    write("docs/drill.md", "# Drill\n")
    clock(9999, 12, 31)
    done = mlscore(*attest())
    assert (done.code, done.err) == (0, "")
    assert "holds until 9999-12-31" in done.out
    assert mlscore(*SCORE).code == 0
