"""One thread per web process that delivers and runs clocks, for deployments that start nothing else."""

import os
import threading

from flask import Flask, request

from registry import outbox
from registry.web import context, settings

_started_in: set[int] = set()
_lock = threading.Lock()


def start_in_background(app: Flask) -> None:
    """Start the thread with the first request of each process, after any fork; commands never start it."""

    @app.before_request
    def start() -> None:
        if (
            os.getpid() in _started_in
            or app.testing
            or not settings().background
            or request.endpoint == "registry.healthz"
        ):
            return
        with _lock:
            if os.getpid() in _started_in:
                return
            _started_in.add(os.getpid())
            threading.Thread(
                target=outbox.work, args=(context(), threading.Event()), daemon=True, name="outbox"
            ).start()
