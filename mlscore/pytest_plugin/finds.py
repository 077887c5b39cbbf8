"""What pytest's collectors found in the files they opened: more than a run takes that names single tests."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

import pytest


class Finds:
    """The tests and classes in each file and class that pytest opened, before anything else leaves some of them out."""

    def __init__(self) -> None:
        self._inside: dict[str, tuple[pytest.Item | pytest.Collector, ...]] = {}
        self._files: dict[str, None] = {}

    # Innermost, as the plugin behind --last-failed takes tests out of what it finds.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Take down what a file or a class holds."""
        report = yield
        if report.outcome == "passed":
            found = tuple(report.result)
            # Of a file that --last-failed passes over the result is empty, whatever the file holds.
            if found and isinstance(collector, pytest.Module):
                self._files[collector.nodeid] = None
            if isinstance(collector, pytest.Module | pytest.Class):
                self._inside[collector.nodeid] = found
        return report

    def files(self) -> Iterator[str]:
        """The node ids of the files that were opened and hold anything."""
        yield from self._files

    def unopened(self) -> Iterator[str]:
        """The node ids of the classes that were found and not opened: the run names other tests of their file."""
        for found in self._inside.values():
            for node in found:
                if isinstance(node, pytest.Class) and node.nodeid not in self._inside:
                    yield node.nodeid

    def beside(self, chosen: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
        """The tests that were found and are not among the chosen ones."""
        ids = {item.nodeid for item in chosen}
        for found in self._inside.values():
            for node in found:
                if isinstance(node, pytest.Item) and node.nodeid not in ids:
                    ids.add(node.nodeid)
                    yield node
