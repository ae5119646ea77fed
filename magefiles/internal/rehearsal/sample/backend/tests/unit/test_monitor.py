"""The monitor."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.database import Database
from app.models import Printer, PrinterStatus
from app.monitor import sweep, watch
from app.settings import Settings
from app.version import BACKEND

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=2)


def add(database: Database, name: str, last_seen_at: datetime | None) -> None:
    """Add a printer that is online."""
    with database.session.begin() as session:
        session.add(
            Printer(name=name, model="MK4S", status=PrinterStatus.ONLINE, last_seen_at=last_seen_at)
        )


def test_silent_printers_become_offline(database: Database) -> None:
    add(database, "silent", NOW - timedelta(minutes=2, seconds=1))
    add(database, "talking", NOW - timedelta(minutes=1, seconds=59))

    assert sweep(database, NOW, LIMIT) == ["silent"]
    assert sweep(database, NOW, LIMIT) == []

    with database.session() as session:
        statuses = {printer.name: printer.status for printer in session.query(Printer)}
    assert statuses == {"silent": PrinterStatus.OFFLINE, "talking": PrinterStatus.ONLINE}


def test_a_database_that_is_not_ready_is_tried_again(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    database = Database(url)
    settings = Settings(monitor_interval=timedelta(milliseconds=1))
    watching = threading.Thread(target=watch, args=(database, settings, stop))

    watching.start()
    while len(caplog.records) < 2 and watching.is_alive():
        stop.wait(0.001)
    stop.set()
    watching.join(timeout=10)

    assert not watching.is_alive()
    assert "unable to open database file" in caplog.text
    database.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_monitor_stops_cleanly(database: Database, url: str, how: signal.Signals) -> None:
    add(database, "silent", NOW)
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(BACKEND)}
    with subprocess.Popen(
        [sys.executable, "-m", "app.monitor"],
        env=environment,
        cwd=Path("/"),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        # Its first finding shows that it is at work, and that signals are handled.
        while "silent is offline" not in (line := process.stderr.readline()):
            assert line, "the monitor stopped by itself"
        process.send_signal(how)
        rest = process.stderr.read()

    assert process.returncode == 0
    assert rest == "INFO odin.monitor: Stopped\n"
