"""The echo server of the contract suite on Python's http.server, which speaks HTTP/1.0 and closes each connection."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    def answer(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        route, _, rest = path[1:].partition("/")
        if route == "echo":
            headers = [[name.lower(), value] for name, value in self.headers.items()]
            document = {"method": self.command, "path": path, "query": query, "headers": headers, "length": len(self.body)}
            self.reply(200, [("Content-Type", "application/json")], json.dumps(document).encode())
        elif route == "mirror":
            self.reply(200, [("Content-Type", self.headers.get("Content-Type", "application/octet-stream"))], self.body)
        elif route == "status":
            self.reply(int(rest), [("Content-Type", "application/json")], b'{"status":%s}' % rest.encode())
        elif route == "pid":
            self.reply(200, [("Content-Type", "application/json")], b'{"pid":%d}' % os.getpid())
        elif route == "headers":
            cookies = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2, c; HttpOnly")]
            self.reply(200, [*cookies, ("X-Latin", "caf\u00e9")], b"")
        elif route == "redirect":
            self.reply(302, [("Location", "/echo?from=redirect"), ("Content-Type", "text/plain")], b"moved")
        elif route == "bodiless":
            self.reply(int(rest), [("ETag", '"v1"')], None)
        elif route == "gzip":
            headers = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")]
            self.reply(200, headers, bytes.fromhex(os.environ["GZIPPED"]))
        elif route == "stream":
            self.reply(200, [("Content-Type", "application/x-ndjson")], None)
            for number in (1, 2, 3):
                self.wfile.write(b'{"n":%d}\n' % number)
                self.wfile.flush()
                time.sleep(0.02)
        elif route == "large":
            self.reply(200, [("Content-Type", "application/octet-stream")], b"a" * int(rest))
        elif route == "slow":
            print("slow call begun", flush=True)
            time.sleep(600)
        elif route == "crash":
            print("about to crash", file=sys.stderr, flush=True)
            os._exit(3)
        else:
            self.reply(404, [("Content-Type", "text/plain")], b"not found")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def reply(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Echo).serve_forever()
