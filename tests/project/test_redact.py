"""What hides credentials hides them in every form in which they come, and leaves all other text as it is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.project.redact import redact


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("data/a.parquet", "data/a.parquet"),
        ("postgresql://u:p%40ss@h:5432/d?table=t", "postgresql://***@h:5432/d?table=t"),
        (
            "postgresql://h/d?table=t&password=p&sslmode=require",
            "postgresql://h/d?table=t&password=***&sslmode=require",
        ),
        ("https://x.blob/y?sas_token=abc&v=1", "https://x.blob/y?sas_token=***&v=1"),
        ("https://x/y?password=a,b'c)&v=1", "https://x/y?password=***&v=1"),
        ("https://x/y?subkey=abc&design=1", "https://x/y?subkey=***&design=1"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("postgresql://u:p@ss@h/d", "postgresql://***@h/d"),
        ("postgresql://u:p/w@h/d", "postgresql://***@h/d"),
        ("s3://bucket/a@b.parquet", "s3://bucket/a@b.parquet"),
        ("mail@example", "mail@example"),
    ],
)
def test_a_source_is_shown_without_its_secrets(source, shown):
    assert redact(source) == shown


@given(st.text(alphabet="abcXYZ019%._~!$*+,;-@:", min_size=3, max_size=20))
def test_no_password_before_a_host_survives(secret):
    assert f"u:{secret}@" not in redact(f"postgresql://u:{secret}@host/db?table=t")


def test_ordinary_text_stays_as_it_is():
    for text in (
        "s3://bucket/a@b.parquet",
        "the key column",
        "data/x=1/a.csv",
        "a: b",
        "NoCredentialsError: none found",
        "https://host/x?table=a.b",
    ):
        assert redact(text) == text


PASSWORDS = st.text(st.characters(exclude_characters="@/?#&'\"[]%", exclude_categories=["Z", "C"]), min_size=6)


@settings(max_examples=60, deadline=None)
@given(PASSWORDS)
def test_any_password_is_hidden(password):
    shown = redact(f"connection to postgresql://mlops:{password}@db.example.org/x failed")
    assert shown == "connection to postgresql://***@db.example.org/x failed"


def test_what_was_hidden_stays_hidden_however_often():
    text = "could not open 'postgresql://u:p@h/d?password=it's,so&table=t': token: abc"
    once = redact(text)
    assert once == "could not open 'postgresql://***@h/d?password=***&table=t': token: ***"
    assert redact(once) == once


def test_nothing_is_compiled_before_it_is_asked_for():
    code = "import mlscore.project.settings, mlscore.project.redact as r; print(r._compiled.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
