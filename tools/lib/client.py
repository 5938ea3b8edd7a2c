# SPDX-License-Identifier: BSD-3-Clause
"""A client of the management plane: JSON-RPC 2.0, one object a line, over TCP."""

import json
import socket
import time
from typing import Any

from lib.ports import LOOPBACK

LINE_LIMIT = 4 * 1024 * 1024


class ProtocolError(Exception):
    """The peer closed the connection, or said something that is not the protocol."""


class RpcError(Exception):
    """The peer refused a request."""

    def __init__(self, method: str, error: dict[str, Any]):
        self.code: int = error.get("code", 0)
        self.message: str = error.get("message", "")
        self.data: dict[str, Any] = error.get("data") or {}
        super().__init__(f"{method}: {self.message} (code {self.code}, data {self.data})")


class Client:
    def __init__(self, port: int, timeout: float = 30.0):
        self._next_id = 1
        self._buffer = b""
        self._socket = socket.create_connection((LOOPBACK, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.hello: dict[str, Any] = self._read_hello()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def set_timeout(self, seconds: float) -> None:
        self._socket.settimeout(seconds)

    def call(self, method: str, **parameters: Any) -> Any:
        """The result of one request. RpcError when it is refused."""
        identity = self._next_id
        self._next_id += 1
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": parameters})
        reply = self.receive()
        while reply.get("id") != identity:
            reply = self.receive()
        if "error" in reply:
            raise RpcError(method, reply["error"])
        return reply["result"]

    def items(self, method: str, **parameters: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        page = self.call(method, **parameters)
        items = list(page["items"])
        while page["next"] is not None:
            page = self.call(method, **parameters, cursor=page["next"])
            items += page["items"]
        return items

    def send(self, message: Any) -> None:
        self.send_bytes(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> Any:
        line = self.receive_line()
        try:
            return json.loads(line)
        except ValueError as error:
            raise ProtocolError(f"not JSON: {line[:200]!r}") from error

    def receive_line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > LINE_LIMIT:
                raise ProtocolError("a line without an end")
            data = self._socket.recv(65536)
            if not data:
                raise ProtocolError("the connection was closed by the other side")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _read_hello(self) -> dict[str, Any]:
        message = self.receive()
        if not isinstance(message, dict) or message.get("method") != "hello":
            raise ProtocolError(f"expected the greeting, got {message!r}")
        return message["params"]


def connect_within(port: int, seconds: float, timeout: float = 30.0) -> Client:
    """Connects as soon as somebody answers with the greeting. A machine's user network accepts connections long before
    its guest listens and then drops or delays them: so each attempt is short at first, and longer later."""
    deadline = time.monotonic() + seconds
    patience = 1.0
    while True:
        try:
            client = Client(port, min(patience, max(0.1, deadline - time.monotonic())))
            client.set_timeout(timeout)
            return client
        except (OSError, ProtocolError):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"no greeting on port {port} within {seconds:.0f} s") from None
            time.sleep(0.1)
            patience = min(patience * 1.3, 5.0)
