"""The monitor: marks printers that have fallen silent as offline."""

import logging
import signal
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.models import Printer, PrinterStatus
from app.settings import Settings

log = logging.getLogger("odin.monitor")


def sweep(database: Database, now: datetime, offline_after: timedelta) -> list[str]:
    """Mark the silent printers as offline and name them."""
    silent = (
        select(Printer)
        .where(Printer.status == PrinterStatus.ONLINE)
        .where(Printer.last_seen_at < now - offline_after)
        .order_by(Printer.id)
        # A row that is locked is being written by the printer's own heartbeat: it isn't silent.
        # (SQLite knows no row locks and leaves this out.)
        .with_for_update(skip_locked=True)
    )
    with database.session.begin() as session:
        printers = session.scalars(silent).all()
        for printer in printers:
            printer.status = PrinterStatus.OFFLINE
        return [printer.name for printer in printers]


def watch(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Sweep until told to stop."""
    while not stop.is_set():
        try:
            for name in sweep(database, datetime.now(UTC), settings.offline_after):
                log.info("%s is offline", name)
        except SQLAlchemyError as error:
            # The API may still be migrating, or the database be restarting: try again.
            log.warning("The database can't be read: %s", str(error).splitlines()[0])
        stop.wait(settings.monitor_interval.total_seconds())


def main() -> None:
    """Run the monitor until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    database = Database(settings.database_url)
    log.info("Watching for printers silent for %s", settings.offline_after)
    try:
        watch(database, settings, stop)
    finally:
        database.close()
    log.info("Stopped")


if __name__ == "__main__":
    main()
