"""Report to text: a file per format, and the table that names them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.report.screen import Screen

if TYPE_CHECKING:
    from mlscore.core.report import Report


@dataclass(frozen=True, slots=True)
class Page:
    """What a renderer may know beside the report: the screen, the destination's name, and the text there before."""

    screen: Screen = field(default_factory=Screen)
    destination: str | None = None
    before: str = ""


Renderer = Callable[["Report", Page], str]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: the module that has its `render(report, page)`, and where it goes when nobody says.

    `default` is a path relative to the project's root, `$NAME` an environment variable that holds a path, None standard
    output. `mode` says what becomes of a file that is there: "replace" it, "append" to it, or "update" a part of it.
    """

    module: str
    summary: str
    default: str | None = None
    mode: str = "replace"

    def load(self) -> Renderer:
        """Import the format's module, and with it whatever is heavy, and return its renderer."""
        from importlib import import_module

        render: Renderer = import_module(self.module).render
        return render


FORMATS = {
    "terminal": Format("mlscore.report.terminal", "one screen, with bars and colours"),
    "json": Format("mlscore.report.json_report", "everything, for programs"),
    "markdown": Format("mlscore.report.markdown", "a job summary or a pull request's comment"),
    "github": Format("mlscore.report.github", "the job summary, and annotations", "$GITHUB_STEP_SUMMARY", "append"),
    "badge": Format("mlscore.report.badge", "an SVG, or with DEST.json a shields endpoint", "mlscore-badge.svg"),
    "readme": Format("mlscore.report.readme", "a block between two markers", "README.md", "update"),
}
