"""The routes of streams.mjs that Python's http.server (HTTP/1.0) supports."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Streams(BaseHTTPRequestHandler):
    def answer(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        getattr(self, url.path[1:].replace("-", "_"))(query)

    do_GET = do_POST = answer

    def ready(self, query):
        self.begin("text/plain")

    def events(self, query):
        self.begin("text/event-stream")
        for _ in range(int(query.get("count", 5))):
            time.sleep(0.06)
            self.write(b"data: %d\n\n" % (time.time() * 1000))

    def pour(self, query):
        self.begin("application/octet-stream")
        for _ in range(int(query["megabytes"])):
            for _ in range(16):
                self.write(b"p" * 65536)
            if "file" in query:
                note(query["file"], ".")

    def die(self, query):
        self.begin("text/event-stream")
        self.write(b"data: 1\n\n")
        time.sleep(0.05)
        self.write(b"data: 2\n\n")
        time.sleep(0.1)
        os._exit(3)

    def endless(self, query):
        self.begin("text/event-stream")
        try:
            while True:
                self.write(b"data: again\n\n")
                time.sleep(0.02)
        except OSError:
            note(query["file"], "closed")

    def sink(self, query):
        left = total = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            left -= len(self.rfile.read(min(left, 65536)))
        self.begin("application/json")
        self.write(b'{"bytes":%d}' % total)

    def late_sink(self, query):
        while not os.path.exists(query["file"]):
            time.sleep(0.02)
        self.sink(query)

    def begin(self, content_type):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()

    def write(self, data):
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


def note(file, text):
    with open(file, "a") as notes:
        notes.write(text)


class Server(ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Streams).serve_forever()
