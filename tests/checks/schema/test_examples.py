"""What of a value a report shows."""

import pytest

from mlscore.checks.schema.examples import shape, shown


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("city", "Vigo", "'Vigo'"),
        ("city", "", "''"),
        ("age", 130, "130"),
        ("ratio", 0.25, "0.25"),
        ("paid", True, "true"),
        ("day", "2024-01-31T12:00:00", "'2024-01-31T12:00:00'"),
        ("city", None, "missing"),
        ("contact", "ana.lopez@example.org", "like aaa.aaaaa@aaaaaaa.aaa"),
        ("text", "Ana López", "like Aaa Aaaaa"),
        ("number", 612345678, "like 999999999"),
        ("code", "ES9121000418450200051332", "like AA9999999999999999999999"),
        ("phone", "91", "like 99"),
        ("first_name", "Ana", "like Aaa"),
        ("apellido", "Ruiz", "like Aaaa"),
        ("birth_date", "1980-01-31", "like 9999-99-99"),
        ("user id", 12, "like 99"),
        ("iban", 1.5, "like 9.9"),
        ("text", "x" * 60, f"like {'a' * 40}…"),
        ("text", "a\nb", "like a?a"),
    ],
)
def test_only_what_does_not_look_personal_is_shown(column, value, text):
    assert shown(column, [value]) == (text,)


def test_at_most_so_many_different_ones():
    assert shown("city", ["a", "a", "b", "c", "d"]) == ("'a'", "'b'", "'c'")
    assert shown("city", ["a", "b"], 1) == ("'a'",)


def test_a_shape_keeps_what_is_neither_letter_nor_digit():
    assert shape("Ñandú-7, €3") == "like Aaaaa-9, €9"
