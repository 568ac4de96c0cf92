"""gunicorn's settings: one process, threads enough for live streams, and a stop that waits for nobody."""

from typing import Any

bind = "127.0.0.1:8080"
workers = 1  # rate limits and live streams are counted in this process
worker_class = "web_admin.worker.BoundedThreadWorker"
threads = 80  # up to 48 live streams hold one each (web_admin.live.Pace), the rest answer requests
keepalive = 15
timeout = 60
graceful_timeout = 5
limit_request_line = 2048
accesslog = None  # addresses of pages name meetings and members
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = ""


def post_worker_init(worker: Any) -> None:
    """Let live streams end as soon as the worker is told to stop."""
    worker.wsgi.is_stopping = lambda: not worker.alive
