"""Looks after the printers, for as long as the app runs."""

import logging
import time

from core.db import connect

logging.basicConfig(level=logging.INFO)


def sweep():
    with connect() as database:
        return database.execute("SELECT count(*) FROM printers").fetchone()[0]


if __name__ == "__main__":
    while True:
        try:
            logging.info("%s printers", sweep())
        except Exception:
            logging.warning("the database is not there yet")
        time.sleep(15)
