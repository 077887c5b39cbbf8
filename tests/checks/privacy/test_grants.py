"""Grants on a real server: every way to a table that the policy does not know is told of, and nothing else."""

from __future__ import annotations

import pytest

from mlscore.checks.privacy.grants import GrantPolicy, audit_grants
from mlscore.errors import InputError, UsageError

ROLES = ("p_owner", "p_analyst", "p_intern", "p_group", "p_etl", "p_reader", "p_deep", "p_root")


@pytest.fixture
def grant(server, sql):
    """A schema `clinic` of p_owner's with a table, and `grant(statements…)`; everything is dropped afterwards."""
    sql(
        *(f"CREATE ROLE {role} LOGIN" for role in ROLES if role != "p_group"),
        "CREATE ROLE p_group",
        "CREATE SCHEMA clinic AUTHORIZATION p_owner",
        "SET ROLE p_owner",
        "CREATE TABLE clinic.patients (id int, dni text, born date)",
    )
    sql("ALTER TABLE clinic.patients OWNER TO p_owner")

    yield sql
    sql(*(f"DROP OWNED BY {role} CASCADE" for role in ROLES), *(f"DROP ROLE {role}" for role in ROLES))


POLICY = GrantPolicy({"p_owner": ("OWNER", "ALL"), "p_analyst": ("SELECT",)}, superusers=("postgres",))


@pytest.fixture
def beyond(server):
    def judge(policy=POLICY, tables=("clinic.*",)):
        return [str(one) for one in audit_grants(server, tables, policy).beyond]

    return judge


def test_what_keeps_to_the_policy(grant, beyond, server):
    grant("GRANT SELECT ON clinic.patients TO p_analyst")
    assert beyond() == []
    result = audit_grants(server, ["clinic.patients"], POLICY)
    assert (result.relations, result.unknown) == (("clinic.patients",), ())


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["GRANT SELECT ON clinic.patients TO p_intern"], ["clinic.patients: p_intern has SELECT (granted)"]),
        (
            ["GRANT SELECT, UPDATE, DELETE ON clinic.patients TO p_analyst"],
            ["clinic.patients: p_analyst has DELETE, UPDATE (granted)"],
        ),
        (["GRANT SELECT ON clinic.patients TO PUBLIC"], ["clinic.patients: everybody (PUBLIC) has SELECT (granted)"]),
        (
            ["GRANT SELECT (dni) ON clinic.patients TO p_intern"],
            ["clinic.patients: p_intern has SELECT (on its column 'dni')"],
        ),
        (
            ["GRANT SELECT ON clinic.patients TO p_analyst", "GRANT p_analyst TO p_intern"],
            ["clinic.patients: p_intern has SELECT (as a member of p_analyst)"],
        ),
        (
            ["GRANT SELECT ON clinic.patients TO p_analyst", "GRANT p_analyst TO p_group", "GRANT p_group TO p_deep"],
            [
                "clinic.patients: p_deep has SELECT (as a member of p_analyst)",
                "clinic.patients: p_group has SELECT (as a member of p_analyst)",
            ],
        ),
        (["GRANT p_owner TO p_intern"], ["clinic.patients: p_intern has OWNER (as a member of p_owner)"]),
        (
            ["GRANT SELECT ON clinic.patients TO p_analyst WITH GRANT OPTION"],
            ["clinic.patients: p_analyst has SELECT (and may grant it to others)"],
        ),
        (["GRANT pg_read_all_data TO p_reader"], ["all tables: p_reader has SELECT (as a member of pg_read_all_data)"]),
        (["ALTER ROLE p_root SUPERUSER"], ["all tables: p_root has ALL (as a superuser)"]),
        (
            ["ALTER DEFAULT PRIVILEGES FOR ROLE p_owner IN SCHEMA clinic GRANT SELECT ON TABLES TO p_intern"],
            ["tables that p_owner makes later in clinic: p_intern has SELECT (by default privileges)"],
        ),
        (
            ["ALTER DEFAULT PRIVILEGES FOR ROLE p_etl GRANT SELECT ON TABLES TO PUBLIC"],
            ["tables that p_etl makes later: everybody (PUBLIC) has SELECT (by default privileges)"],
        ),
        (
            ["ALTER TABLE clinic.patients OWNER TO p_etl"],
            ["clinic.patients: p_etl has OWNER (as its owner)"],
        ),
        (
            ['CREATE ROLE "O\'Brien; --"', 'GRANT INSERT ON clinic.patients TO "O\'Brien; --"'],
            ["clinic.patients: O'Brien; -- has INSERT (granted)"],
        ),
    ],
)
def test_what_goes_beyond_it(grant, beyond, statements, expected):
    try:
        grant(*statements)
        assert beyond() == expected
    finally:
        grant(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'O''Brien; --') "
            'THEN DROP OWNED BY "O\'Brien; --"; DROP ROLE "O\'Brien; --"; END IF; END $$'
        )


def test_a_view_opens_its_table(grant, beyond):
    grant(
        "CREATE VIEW public.births AS SELECT born FROM clinic.patients",
        "CREATE VIEW public.years AS SELECT EXTRACT(year FROM born) AS y FROM public.births",
        "ALTER VIEW public.births OWNER TO p_owner",
        "ALTER VIEW public.years OWNER TO p_owner",
        "GRANT SELECT ON public.years TO p_intern",
    )
    assert beyond() == ["public.years, which leads to clinic.patients: p_intern has SELECT (granted)"]
    grant("ALTER VIEW public.births SET (security_invoker = true)")
    assert beyond() == []


def test_a_partition_is_a_way_in(grant, beyond):
    grant(
        "CREATE TABLE clinic.visits (id int, day date) PARTITION BY RANGE (day)",
        "CREATE TABLE public.visits_2024 PARTITION OF clinic.visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "ALTER TABLE clinic.visits OWNER TO p_owner",
        "ALTER TABLE public.visits_2024 OWNER TO p_owner",
        "GRANT SELECT ON public.visits_2024 TO p_intern",
    )
    assert beyond(tables=("clinic.visits",)) == [
        "public.visits_2024, which leads to clinic.visits: p_intern has SELECT (granted)"
    ]


def test_members_of_a_named_group_may(grant, beyond):
    grant("GRANT SELECT ON clinic.patients TO p_group", "GRANT p_group TO p_analyst", "GRANT p_group TO p_intern")
    allow = {"p_owner": ("ALL",), "p_group": ("SELECT",), "p_analyst": ("SELECT",)}
    assert beyond(GrantPolicy(allow, ("postgres",))) == [
        "clinic.patients: p_intern has SELECT (as a member of p_group)"
    ]
    assert beyond(GrantPolicy(allow, ("postgres",), members=("p_group",))) == []


def test_a_membership_that_gives_nothing(grant, beyond):
    grant("GRANT SELECT ON clinic.patients TO p_analyst", "GRANT p_analyst TO p_intern WITH INHERIT FALSE, SET FALSE")
    assert beyond() == []


def test_everybody_may_where_the_policy_says_so(grant, beyond):
    grant("GRANT SELECT ON clinic.patients TO PUBLIC")
    assert beyond(GrantPolicy({"p_owner": ("ALL",), "public": ("SELECT",)}, ("postgres",))) == []


def test_superusers_must_be_named(grant, beyond):
    assert beyond(GrantPolicy({"p_owner": ("ALL",)})) == ["all tables: postgres has ALL (as a superuser)"]


def test_functions_with_their_owner_s_rights_are_not_judged(grant, server):
    grant(
        "CREATE FUNCTION clinic.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT dni FROM clinic.patients'"
    )
    (unknown,) = audit_grants(server, ["clinic.*"], POLICY).unknown
    assert unknown.startswith("1 functions run with their owner's rights")


def test_nothing_is_changed_on_the_server(grant, server, monkeypatch):
    import psycopg

    from mlscore.checks.privacy import grants

    monkeypatch.setattr(grants, "_DEFINERS", "CREATE TABLE clinic.made (id int)")
    with pytest.raises(InputError, match="read-only transaction"):
        audit_grants(server, ["clinic.*"], POLICY)
    with psycopg.connect(server) as connection:
        assert connection.execute("SELECT to_regclass('clinic.made')").fetchone() == (None,)


def test_a_table_that_is_not_there(grant, server):
    with pytest.raises(InputError, match=r"there is no table 'clinic\.patient'"):
        audit_grants(server, ["clinic.patient"], POLICY)
    with pytest.raises(InputError, match=r"there is no table 'public\.patients'"):
        audit_grants(server, ["patients"], POLICY)


def test_an_address_of_a_table_or_with_a_driver_is_understood(grant, server):
    source = server.replace("postgresql://", "postgresql+psycopg://") + "&table=clinic.patients"
    assert audit_grants(source, ["clinic.*"], POLICY).relations == ("clinic.patients",)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("postgresql://ana:hunter2@127.0.0.1:9/db", "the catalog cannot be read"),
        ("mysql://ana:hunter2@host/db", "this is no address of a PostgreSQL server"),
        ("postgresql://ana:hunter2@[::1/db", "this is not a URL"),
    ],
)
def test_a_server_that_cannot_be_read(url, text):
    with pytest.raises(InputError) as error:
        audit_grants(url, ["a.b"], POLICY, timeout=2)
    assert text in str(error.value)
    assert "hunter2" not in str(error.value)


def test_policies_that_are_none():
    with pytest.raises(UsageError, match="the policy names no role"):
        GrantPolicy({})
    with pytest.raises(UsageError, match="'READ', which is no privilege"):
        GrantPolicy({"analyst": ("READ",)})
    with pytest.raises(UsageError, match="no table is named"):
        audit_grants("postgresql://x/y", [], POLICY)
