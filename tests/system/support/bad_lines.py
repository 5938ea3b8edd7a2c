# SPDX-License-Identifier: BSD-3-Clause
"""Lines that the management plane must refuse: each is answered with an error, and the session goes on."""

import json
import random
import string
from collections.abc import Callable

Generator = Callable[[random.Random], bytes]


def garbage(rng: random.Random) -> bytes:
    """Bytes of any kind but the end of a line, and of those that could be blank."""
    return b"%" + bytes(rng.choice([b for b in range(256) if b not in (10, 13)]) for _ in range(rng.randint(0, 200)))


def request(**members: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "method": "system.ping", **members}


def text_of(value: object) -> bytes:
    return json.dumps(value).encode()


def cut_short(rng: random.Random) -> bytes:
    whole = text_of(request(params={"payload": "x" * rng.randint(1, 50)}))
    return whole[: rng.randint(1, len(whole) - 1)]


def one_byte_wrong(rng: random.Random) -> bytes:
    """A byte of the structure, so that no reading of the line is valid."""
    whole = bytearray(text_of(request()))
    whole[rng.choice([0, len(whole) - 1, *(i for i, b in enumerate(whole) if b == ord(":"))])] = ord("!")
    return bytes(whole)


def trailing_bytes(rng: random.Random) -> bytes:
    return text_of(request()) + rng.choice([b" x", b"}", b"{}", b"]", b",", b"null", b"\x00"])


def not_a_request(rng: random.Random) -> bytes:
    values = [None, True, 3, -1.5, "system.ping", [], {}, {"jsonrpc": "2.0"}, {"id": 1, "method": "system.ping"}]
    return text_of(rng.choice(values))


def wrong_member(rng: random.Random) -> bytes:
    wrong = [
        {"jsonrpc": "1.0"},
        {"jsonrpc": 2.0},
        {"method": 7},
        {"method": None},
        {"method": ["system.ping"]},
        {"id": {}},
        {"id": []},
        {"id": True},
        {"id": 1.5},
        {"id": "x" * 65},
        {"params": 1},
        {"params": "payload"},
    ]
    return text_of(request(**rng.choice(wrong)))


def unknown_method(rng: random.Random) -> bytes:
    name = "".join(rng.choice(string.ascii_letters + "._ \u00e9\u2603") for _ in range(rng.randint(1, 60)))
    return text_of(request(method="no." + name))


def wrong_parameters(rng: random.Random) -> bytes:
    wrong = [
        request(params={"unknown": 1}),
        request(params={"payload": 7}),
        request(params=[1, 2, 3]),
        request(method="process.get", params={}),
        request(method="process.get", params={"endpoint": "ds"}),
        request(method="process.list", params={"limit": 0}),
        request(method="process.list", params={"limit": 100000}),
        request(method="process.list", params={"fields": "name"}),
        request(method="process.list", params={"fields": ["no_such_member"]}),
        request(method="process.list", params={"cursor": "not a cursor"}),
        request(method="ds.publish", params={"key": "k", "type": "u32", "value": -1}),
        request(method="ds.publish", params={"key": "k", "type": "u32", "value": 1 << 32}),
        request(method="ds.get", params={"key": 5}),
        request(method="fault.arm", params={"target": "ds", "model": "no such model"}),
        request(method="fault.arm", params={"target": "no such service", "model": "kill"}),
    ]
    return text_of(rng.choice(wrong))


def too_deep(rng: random.Random) -> bytes:
    depth = rng.randint(33, 2000)
    return text_of(request())[:-1] + b', "params": {"payload": ' + b"[" * depth + b"]" * depth + b"}}"


def too_many_values(rng: random.Random) -> bytes:
    return text_of(request(params={"payload": [0] * rng.randint(4097, 6000)}))


def bad_json_detail(rng: random.Random) -> bytes:
    return rng.choice(
        [
            b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "system.ping"}',
            b'{"jsonrpc": "2.0", "id": 1, "method": "system.ping", "params": {"payload": "\\ud800"}}',
            b'{"jsonrpc": "2.0", "id": 1, "method": "system.ping", "params": {"payload": "\xc0\xaf"}}',
            b'{"jsonrpc": "2.0", "id": 1, "method": "system.ping", "params": {"payload\\u0000": "x"}}',
            b'\xef\xbb\xbf{"jsonrpc": "2.0", "id": 1, "method": "system.ping"}',
            b'{"jsonrpc": "2.0", "id": 1e999, "method": "system.ping"}',
            b'{"jsonrpc": "2.0", "id": 01, "method": "system.ping"}',
            b'{"jsonrpc": "2.0", "id": 1, "method": "system.ping",}',
            b"{'jsonrpc': '2.0'}",
            b'{"jsonrpc": "2.0", "id": NaN, "method": "system.ping"}',
            b'{"jsonrpc": "2.0", "id": 1, "method": "system.ping", "params": {"payload": "' + b"y" * 4097 + b'"}}',
        ]
    )


def bad_batch(rng: random.Random) -> bytes:
    return rng.choice([b"[]", b"[1]", b"[[]]", text_of([request(id=number) for number in range(65)]), b"[{}"])


GENERATORS: tuple[Generator, ...] = (
    garbage,
    cut_short,
    one_byte_wrong,
    trailing_bytes,
    not_a_request,
    wrong_member,
    unknown_method,
    wrong_parameters,
    too_deep,
    too_many_values,
    bad_json_detail,
    bad_batch,
)
# These are costly to send and to parse.
RARE = {too_deep, too_many_values}


def bad_lines(rng: random.Random, count: int) -> list[bytes]:
    weights = [1 if generator in RARE else 10 for generator in GENERATORS]
    return [generator(rng) for generator in rng.choices(GENERATORS, weights, k=count)]
