"""Who may read or change PostgreSQL tables, read from the server's catalog and held against a declared policy."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mlscore.errors import InputError, UsageError
from mlscore.project.redact import redact
from mlscore.tables.extras import need

PUBLIC = "public"  # as in the policy: everybody, also roles made later
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
OWNER = "OWNER"
ALL = "ALL"
_TIMEOUT = 30  # seconds that the server may take for a query
# What these built-in roles may do with every table there is.
_BUILT_IN = {
    "pg_read_all_data": ("SELECT",),
    "pg_write_all_data": ("INSERT", "UPDATE", "DELETE"),
    "pg_maintain": ("MAINTAIN",),
}

_RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""
_CHILDREN = "SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits"
# A view with its owner's rights opens what it reads to whoever may read the view.
_VIEWS = """
SELECT DISTINCT d.refobjid, r.ev_class
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
AND v.relkind IN ('v', 'm')
AND NOT COALESCE(v.reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
"""
_GRANTS = """
SELECT c.oid, NULL, COALESCE(g.rolname, 'public'), a.grantee = 0, a.privilege_type, a.is_grantable
FROM pg_catalog.pg_class c, LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) a
LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
WHERE c.oid = ANY(%(oids)s) AND a.grantee <> c.relowner
UNION ALL
SELECT t.attrelid, t.attname, COALESCE(g.rolname, 'public'), a.grantee = 0, a.privilege_type, a.is_grantable
FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid, LATERAL aclexplode(t.attacl) a
LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
WHERE t.attrelid = ANY(%(oids)s) AND NOT t.attisdropped AND a.grantee <> c.relowner
"""
_ROLES = "SELECT rolname, rolsuper, rolcanlogin FROM pg_catalog.pg_roles"
_MEMBERS = """
SELECT r.rolname, m.rolname FROM pg_catalog.pg_auth_members a
JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
-- servers before 16 know no options: their memberships give everything
WHERE COALESCE((to_jsonb(a) ->> 'inherit_option')::boolean, true) OR COALESCE((to_jsonb(a) ->> 'set_option')::boolean, true)
OR a.admin_option
"""
_DEFAULTS = """
SELECT COALESCE(n.nspname, ''), pg_get_userbyid(d.defaclrole), COALESCE(g.rolname, 'public'), a.grantee = 0,
a.privilege_type
FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace,
LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
WHERE d.defaclobjtype = 'r' AND a.grantee <> d.defaclrole
"""
_DEFINERS = """
SELECT COUNT(*) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


@dataclass(frozen=True, slots=True)
class GrantPolicy:
    """What may be: roles with their privileges (OWNER: it may own them; ALL: everything), and `superusers` by name.

    A role that is a member of another has what that one has; it must be in the policy itself, unless the other is among
    `members`: groups whose members may do what the group may. The word "public" stands for everybody.
    """

    allow: Mapping[str, tuple[str, ...]]
    superusers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.allow:
            raise UsageError("the policy names no role", hint='say who may do what: allow = {analyst = ["SELECT"]}')
        for role, privileges in self.allow.items():
            for privilege in privileges:
                if privilege not in (*PRIVILEGES, OWNER, ALL):
                    listed = ", ".join((*PRIVILEGES, OWNER, ALL))
                    raise UsageError(
                        f"{role!r} is allowed {privilege!r}, which is no privilege", hint=f"one of {listed}"
                    )

    def permits(self, role: str, privilege: str) -> bool:
        """Whether the policy names the role with the privilege."""
        given = self.allow.get(role, ())
        return privilege in given or ALL in given


@dataclass(frozen=True, slots=True)
class Granted:
    """One way of access that the policy does not know: `how` tells where it comes from."""

    relation: str
    role: str
    privileges: tuple[str, ...]
    how: str

    def __str__(self) -> str:
        return f"{self.relation}: {self.role} has {', '.join(self.privileges)} ({self.how})"


@dataclass(frozen=True, slots=True)
class Grants:
    """The relations that were judged (views on the tables among them), what goes beyond the policy, what is not judged."""

    server: str
    relations: tuple[str, ...]
    beyond: tuple[Granted, ...]
    unknown: tuple[str, ...]


def audit_grants(url: str, tables: Sequence[str], policy: GrantPolicy, *, timeout: float = _TIMEOUT) -> Grants:
    """Hold the grants on tables ("schema.table", with * and ?) against a policy; nothing on the server is changed.

    Judged are grants on tables and columns, to roles, to everybody, and to their members by inheritance; owners;
    superusers and built-in roles that read everything; views with their owner's rights; partitions; and default privileges,
    which open tables that are made later. Raises InputError where the server cannot be read or a table is not there, and
    UsageError without psycopg or without tables.
    """
    if not tables:
        raise UsageError("no table is named", hint='name them: tables = ["public.customers", "raw.*"]')
    psycopg = need("psycopg", extra="postgres")
    label = redact(url.partition("?")[0])
    try:
        with closing(psycopg.connect(_address(url), connect_timeout=max(2, int(timeout)))) as connection:
            connection.read_only = True
            connection.execute("SELECT set_config('statement_timeout', %s, false)", [str(int(timeout * 1000))])
            catalog = _Catalog.read(connection, tables, label)
    except psycopg.Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"the catalog cannot be read: {redact(lines[0], _secrets(url))}",
            where=label,
            hint="mend the address or the rights",
        ) from None
    return catalog.judge(policy, label)


def _address(url: str) -> str:
    """The URL as libpq knows it: without the driver's name and without the table."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError("this is not a URL", hint="write it as postgresql://server/database") from None
    scheme = parts.scheme.partition("+")[0]
    if scheme not in ("postgresql", "postgres"):
        raise InputError("this is no address of a PostgreSQL server", hint="write it as postgresql://server/database")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "table"])
    return urlunsplit((scheme, parts.netloc, parts.path, query, ""))


def _secrets(url: str) -> tuple[str, ...]:
    password = urlsplit(url).password
    return (password,) if password else ()


@dataclass(frozen=True, slots=True)
class _Catalog:
    """What the server's catalog says of the relations and of the roles."""

    relations: Mapping[int, tuple[str, str]]  # oid: name, owner
    reached: Mapping[int, str]  # oid of a view or a partition: the table it leads to
    grants: Sequence[tuple[int, str | None, str, bool, str, bool]]
    defaults: Sequence[tuple[str, str, str, bool, str]]
    schemas: frozenset[str]
    superusers: Sequence[str]
    logins: frozenset[str]
    members: Mapping[str, frozenset[str]]
    definers: int

    @classmethod
    def read(cls, connection: Any, tables: Sequence[str], label: str) -> _Catalog:
        def ask(sql: str, **given: object) -> list[Any]:
            return list(connection.execute(sql, given or None).fetchall())

        known = {oid: (schema, name, owner) for oid, schema, name, _, owner in ask(_RELATIONS)}
        wanted: set[int] = set()
        for pattern in tables:
            whole = pattern if "." in pattern else f"public.{pattern}"
            found = {oid for oid, (s, n, _) in known.items() if fnmatch.fnmatchcase(f"{s}.{n}", whole)}
            if not found:
                what = f"there is no table {whole!r}, or this role does not see it"
                raise InputError(what, where=label, hint="mend the name")
            wanted |= found
        names = {oid: f"{schema}.{name}" for oid, (schema, name, _) in known.items()}
        leads = defaultdict(set)
        for start, end in (*ask(_CHILDREN), *ask(_VIEWS)):
            leads[start].add(end)
        reached: dict[int, str] = {}
        for start in sorted(wanted):
            todo = [start]
            while todo:
                for end in leads[todo.pop()] - wanted - reached.keys():
                    if end in names:
                        reached[end] = names[start]
                        todo.append(end)
        chosen = wanted | reached.keys()
        roles = ask(_ROLES)
        direct: dict[str, set[str]] = defaultdict(set)
        for group, member in ask(_MEMBERS):
            direct[group].add(member)
        return cls(
            relations={oid: (names[oid], known[oid][2]) for oid in sorted(chosen, key=lambda oid: names[oid])},
            reached=reached,
            grants=ask(_GRANTS, oids=sorted(chosen)),
            defaults=ask(_DEFAULTS),
            schemas=frozenset(known[oid][0] for oid in chosen),
            superusers=sorted(name for name, superuser, _ in roles if superuser),
            logins=frozenset(name for name, _, login in roles if login),
            members={group: frozenset(_closure(group, direct)) for group in direct},
            definers=int(ask(_DEFINERS)[0][0]),
        )

    def judge(self, policy: GrantPolicy, label: str) -> Grants:
        """What goes beyond the policy: one line per relation, role and way."""
        beyond: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for oid, (relation, owner) in self.relations.items():
            through = f", which leads to {self.reached[oid]}" if oid in self.reached else ""
            self._spread(beyond, policy, relation + through, owner, OWNER, "as its owner")
        for oid, column, grantee, everybody, privilege, passes_on in self.grants:
            relation = self.relations[oid][0]
            through = f", which leads to {self.reached[oid]}" if oid in self.reached else ""
            how = f"on its column {column!r}" if column else "granted"
            role = PUBLIC if everybody else grantee
            if everybody:
                if not policy.permits(PUBLIC, privilege):
                    beyond[relation + through, "everybody (PUBLIC)", how].add(privilege)
            else:
                self._spread(beyond, policy, relation + through, role, privilege, how)
            if passes_on and policy.permits(role, privilege) and not policy.permits(role, OWNER):
                beyond[relation + through, role, "and may grant it to others"].add(privilege)
        every = "all tables" if self.relations else ""
        for name in self.superusers:
            if name not in policy.superusers:
                beyond[every, name, "as a superuser"].add(ALL)
        for group, privileges in _BUILT_IN.items():
            for member in sorted(self.members.get(group, ())):
                for privilege in privileges:
                    if not policy.permits(member, privilege) and member not in self.superusers:
                        beyond[every, member, f"as a member of {group}"].add(privilege)
        for schema, maker, grantee, everybody, privilege in self.defaults:
            role = PUBLIC if everybody else grantee
            if (not schema or schema in self.schemas) and not policy.permits(role, privilege):
                where = f"tables that {maker} makes later{f' in {schema}' if schema else ''}"
                shown = "everybody (PUBLIC)" if everybody else role
                beyond[where, shown, "by default privileges"].add(privilege)
        found = [Granted(on, role, tuple(sorted(given)), how) for (on, role, how), given in beyond.items()]
        found.sort(key=lambda one: ("PUBLIC" not in one.role, one.relation, one.role, one.how))
        unknown = (
            (f"{self.definers} functions run with their owner's rights; what they let out is not judged",)
            if self.definers
            else ()
        )
        return Grants(label, tuple(name for name, _ in self.relations.values()), tuple(found), unknown)

    def _spread(
        self,
        beyond: dict[tuple[str, str, str], set[str]],
        policy: GrantPolicy,
        relation: str,
        role: str,
        privilege: str,
        how: str,
    ) -> None:
        """A privilege of a role and of its members; superusers are told of once, by themselves."""
        if role not in self.superusers and not policy.permits(role, privilege):
            beyond[relation, role, how].add(privilege)
        if role in policy.members and policy.permits(role, privilege):
            return
        for member in sorted(self.members.get(role, ())):
            if member not in self.superusers and not policy.permits(member, privilege):
                beyond[relation, member, f"as a member of {role}"].add(privilege)


def _closure(group: str, direct: Mapping[str, Iterable[str]]) -> set[str]:
    """The members of a group, of its member groups, and so on."""
    found: set[str] = set()
    todo = [group]
    while todo:
        new = set(direct.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found
