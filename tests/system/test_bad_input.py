# SPDX-License-Identifier: BSD-3-Clause
"""Bad bytes on the management port: each line is refused for a reason, and the session goes on."""

import json
import random
import socket
import time

from lib.client import Client, ProtocolError
from lib.ports import LOOPBACK
from support.bad_lines import bad_lines
from support.context import LiveSystemTest

LINE_LIMIT = 64 * 1024
LINES_BETWEEN_PINGS = 25
ERRORS = {-32700, -32600, -32601, -32602, -31000, -31001, -31002}
CONNECTION_LIMIT = 16


class BadInput(LiveSystemTest):
    def test_malformed_lines(self) -> None:
        """10,000 of them; on Bochs, in the short form, a tenth."""
        rng = random.Random(self.context.seed)
        count = 10_000 if self.context.long or self.context.is_qemu() else 1_000
        before = self.restarts()
        for start in range(0, count, LINES_BETWEEN_PINGS):
            lines = bad_lines(rng, LINES_BETWEEN_PINGS)
            self.client.send_bytes(b"".join(line + b"\n" for line in lines))
            self.expect_refusals(lines, f"ping-{start}")
        self.assertEqual(before, self.restarts())

    def expect_refusals(self, lines: list[bytes], ping: str) -> None:
        self.client.send({"jsonrpc": "2.0", "id": ping, "method": "system.ping"})
        replies = [self.client.receive() for _ in range(len(lines) + 1)]
        # A ping overtakes what is queued; the refusals come in the order of the lines.
        replies.remove({"jsonrpc": "2.0", "id": ping, "result": {}})
        for line, reply in zip(lines, replies):
            for each in reply if isinstance(reply, list) else [reply]:
                self.assertIn("error", each, f"accepted: {line[:300]!r}")
                self.assertIn(each["error"]["code"], ERRORS, f"{line[:300]!r}: {each}")

    def test_over_long_line_is_skipped_to_its_end(self) -> None:
        for length in (LINE_LIMIT + 1, 2 * LINE_LIMIT, 20 * LINE_LIMIT):
            self.client.send_bytes(b"[" * length + b"\n")
            error = self.client.receive()["error"]
            self.assertEqual((-31002, "line_bytes"), (error["code"], error["data"]["limit"]))
            self.client.call("system.ping")

    def test_longest_line_is_taken(self) -> None:
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "system.ping"}).encode()
        self.client.send_bytes(line + b" " * (LINE_LIMIT - len(line)) + b"\n")
        self.assertEqual({}, self.client.receive()["result"])

    def test_carriage_return_before_the_line_feed(self) -> None:
        self.client.send_bytes(b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}\r\n')
        self.assertEqual({}, self.client.receive()["result"])

    def test_line_in_many_pieces(self) -> None:
        for byte in b'{"jsonrpc":"2.0","id":"slow","method":"system.ping"}\n':
            self.client.send_bytes(bytes([byte]))
            time.sleep(0.002)
        self.assertEqual("slow", self.client.receive()["id"])

    def test_connections_dropped_in_the_middle_of_a_line(self) -> None:
        for _ in range(100 if self.context.is_qemu() else 20):
            with self.instance.connect() as client:
                client.send_bytes(b'{"jsonrpc": "2.0", "id": 1, "meth')
        self.client.call("system.ping")

    def test_connections_reset(self) -> None:
        """The peer's TCP is gone at once, with replies under way."""
        for _ in range(50 if self.context.is_qemu() else 10):
            with socket.create_connection((LOOPBACK, self.instance.port), 30) as raw:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                raw.sendall(b'{"jsonrpc":"2.0","id":1,"method":"process.list"}\n' * 4)
        self.client.call("system.ping")

    def test_too_many_connections(self) -> None:
        others: list[Client] = []
        try:
            while len(others) < CONNECTION_LIMIT + 4:
                others.append(Client(self.instance.port, timeout=5))
            self.fail(f"{len(others) + 1} connections were taken; the limit is {CONNECTION_LIMIT}")
        except (ProtocolError, OSError):
            # One was open already.
            self.assertEqual(CONNECTION_LIMIT, len(others) + 1)
        finally:
            for each in others:
                each.close()
        self.client.call("system.ping")
        self.instance.connect().close()

    def restarts(self) -> dict[str, int]:
        return {item["label"]: item["restarts"] for item in self.client.items("service.list")}
