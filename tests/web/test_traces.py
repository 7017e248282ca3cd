"""`balie serve` with a collector of traces: what it sends, and what it keeps to itself."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from balie.ordering.tests.desk import Desk
from balie.ordering.tests.web import pass_for
from tests.web.test_serve import Served

pytestmark = pytest.mark.slow
SECRET = "1-een-geheim"


class Collector(ThreadingHTTPServer):
    """Takes spans over HTTP."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Spans)
        self.spans: list = []
        self.raw = b""


class Spans(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.server.spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.server.raw += body
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector(monkeypatch) -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.setenv("BALIE_TRACES", f"http://127.0.0.1:{server.server_port}/v1/traces")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")  # milliseconds
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_hot_paths_and_queries_are_one_trace_each_and_no_address_is_told(installation, collector):
    desk = Desk(installation.dsn)
    served = Served("all")
    try:
        mine = f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}"
        assert served.ask(mine, cookie=pass_for(desk.linde))[0] == 200
        assert served.ask(f"/account/wachtwoord/nieuw/{SECRET}/")[0] in {200, 302}
        wanted = {"GET /live/orders/{id}/mine", "GET page"}
        served.until(lambda: wanted <= {span.name for span in collector.spans})
    finally:
        served.stop()
    by_name = {span.name: span for span in collector.spans}
    page = by_name["GET page"]
    within = {span.name for span in collector.spans if span.trace_id == page.trace_id}
    assert any(name.startswith("GET ^account/wachtwoord/nieuw/") for name in within), within
    assert {
        span.name for span in collector.spans if span.trace_id == by_name["GET /live/orders/{id}/mine"].trace_id
    } > {"GET /live/orders/{id}/mine"}, "the query is in it"
    assert SECRET.encode() not in collector.raw
    assert b"127.0.0.1" not in collector.raw
