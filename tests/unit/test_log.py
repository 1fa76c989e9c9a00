"""The log: it may fail, the work may not."""

import io

from schwung.app.log import configure_log, log


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    closed = io.StringIO()
    configure_log(closed)
    log("heard")
    assert '"heard"' in closed.getvalue()
    closed.close()
    log("lost")
    configure_log()
