"""The report as JSON: everything, in the shape that `report.schema.json` publishes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.core.codec import dumps

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.report import Page

# A path that was not UTF-8 comes as lone surrogates, which a file in UTF-8 cannot hold but an escape in JSON can.
_SURROGATES = re.compile("[\ud800-\udfff]")


def render(report: Report, page: Page) -> str:
    """The report as JSON, whatever the page."""
    return render_json(report)


def render_json(report: Report) -> str:
    """The report as JSON text that can be encoded as UTF-8; the same report makes the same text."""
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", dumps(report))
