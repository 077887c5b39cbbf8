"""Item ids as people spell them: "data-1", "Data1", "FD-1", "INFRA 4: …", and tags in docstrings."""

from __future__ import annotations

import re
from functools import lru_cache

# Spellings of the four sections' names, in use or likely; letters only, lower case. Configuration adds to these.
ALIASES = {
    "data": (
        "fd", "dat", "feature", "features", "featuredata", "featuresdata", "featureanddata", "featuresanddata",
        "datafeature", "datafeatures", "dataandfeature", "dataandfeatures", "datafeaturetest", "datatest", "datos",
    ),
    "model": ("ml", "mod", "md", "models", "modeldev", "modeldevelopment", "modeltest", "modelo", "modelos"),
    "infra": (
        "inf", "infrastructure", "mlinf", "mlinfra", "mlinfrastructure", "infratest", "infrastructuretest",
        "infraestructura",
    ),
    "monitor": (
        "mon", "monitors", "monitoring", "monitortest", "monitoringtest", "monitoreo", "monitorizacion",
        "monitorización",
    ),
}  # fmt: skip
_PREFIX_OF = {alias: section for section, aliases in ALIASES.items() for alias in aliases}

_ID = re.compile(r"\s*([^\W\d][^\d:]*?)[\s_.#\-]*(\d{1,3})\s*(?:[:.–—](?!\d).*|\s-\s.*)?$", re.DOTALL)
_SEPARATORS = re.compile(r"[\s_\-&/+.]+")


def plain(text: str) -> str:
    """`text` in lower case without separators: "Feature & Data" and "feature_data" are then equal."""
    return _SEPARATORS.sub("", text.lower())


def prefix_of(item: str) -> str:
    """The section part of an id: "data" of "data-1"; the whole id when it has no number."""
    head, dash, number = item.rpartition("-")
    return head if dash and number.isdigit() else item


@lru_cache(maxsize=64)
def _index(rubric_ids: tuple[str, ...]) -> dict[str, str]:
    return {plain(item): item for item in rubric_ids}


@lru_cache(maxsize=4096)
def item_id(text: str, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...] = ()) -> str | None:
    """The rubric's id that `text` means, or None.

    `prefixes` pairs a project's own prefix with the rubric's ("FD" with "data") and wins over the built-in spellings.
    What follows a colon or a dash with spaces is a title and is ignored: "Data 1: the schema".
    """
    index = _index(rubric_ids)
    whole = index.get(plain(text))
    if whole is not None and not any(plain(p) == prefix_of(whole) for p, _ in prefixes):
        return whole
    match = _ID.match(text)
    if match is None:
        return index.get(plain(text.partition(":")[0]))
    written, number = plain(match[1]), int(match[2])
    own = {plain(p): plain(target) for p, target in prefixes}
    for prefix in (own.get(written), written, _PREFIX_OF.get(written)):
        if prefix is not None and (found := index.get(f"{prefix}{number}")) is not None:
            return found
    return None


def section_named(text: str, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...] = ()) -> str | None:
    """The section prefix of the rubric's ids that the word `text` means: "data" for "FD" or "features"."""
    known = {plain(prefix_of(item)): prefix_of(item) for item in rubric_ids}
    written = plain(text)
    own = {plain(p): plain(target) for p, target in prefixes}
    for prefix in (own.get(written), written, _PREFIX_OF.get(written)):
        if prefix is not None and prefix in known:
            return known[prefix]
    return None


_WORD = r"[^\W\d_]+(?:[ ]?[&]?[ ]?[^\W\d_]+){0,2}"
# A tag begins its line ("Data 3: …", "INFRA 4 - …", "Model 5" alone), stands in brackets "(Infra 1)", or closes a
# sentence ("… memory threshold. Monitor 6"); "ML Test Score" and an exclamation mark may come before it.
_TAG = re.compile(
    rf"""^\s*[!*\-]*\s*(?:ml[\s_-]?test[\s_-]?score\s*[,:\-]?\s*)?
         (?P<line>{_WORD}[\s_\-]?\d{{1,2}})\s*(?:[:–—]|\s-\s|\.?\s*$)
      |[(\[](?P<bracket>{_WORD}[\s_\-]?\d{{1,2}})[)\]]
      |[.!?;]\s+(?P<end>{_WORD}[\s_\-]?\d{{1,2}})\.?\s*$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def docstring_tags(
    docstring: str, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids a docstring's tags name, and the tags of a known section whose number the rubric does not have."""
    items: list[str] = []
    unknown: list[str] = []
    for match in _TAG.finditer(docstring):
        text = next(group for group in match.groups() if group)
        found = item_id(text, rubric_ids, prefixes)
        if found is not None:
            if found not in items:
                items.append(found)
        elif section_named(text.rstrip("0123456789 _-"), rubric_ids, prefixes) is not None:
            unknown.append(text)
    return tuple(items), tuple(unknown)
