# SPDX-License-Identifier: BSD-3-Clause
"""Ethernet frames of every kind of wrong, and the way to put them on the guest's network."""

import random
import socket
import struct
from collections.abc import Callable

from lib.ports import LOOPBACK
from machines.options import MAC_ADDRESS, FramePorts

GUEST_MAC = bytes.fromhex(MAC_ADDRESS.replace(":", ""))
BROADCAST = b"\xff" * 6
MULTICAST = (bytes.fromhex("01005e000001"), bytes.fromhex("333300000001"))
GUEST_IPV4 = bytes([10, 0, 2, 15])
# Not the gateway: a well-formed ARP message may change what the guest believes about its sender.
STRANGER_IPV4 = bytes([10, 0, 2, 99])
GUEST_PORT = 7420
LONGEST_FRAME = 1514


class FrameInjector:
    """Puts frames on the wire to the guest's card."""

    def __init__(self, ports: FramePorts):
        self._socket = socket.create_connection((LOOPBACK, ports.inject), 30)

    def close(self) -> None:
        self._socket.close()

    def send(self, frame: bytes) -> None:
        self._socket.sendall(struct.pack(">I", len(frame)) + frame)


class FrameWatcher:
    """Takes the frames that the guest sends. Who has one must read: the machine waits until its frames are taken."""

    def __init__(self, ports: FramePorts):
        self._socket = socket.create_connection((LOOPBACK, ports.watch), 30)
        self._stream = self._socket.makefile("rb")

    def __enter__(self) -> "FrameWatcher":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def receive(self) -> bytes:
        (length,) = struct.unpack(">I", self._stream.read(4))
        return self._stream.read(length)


def ethernet(rng: random.Random, kind: int, payload: bytes) -> bytes:
    destination = rng.choice([GUEST_MAC, GUEST_MAC, BROADCAST, *MULTICAST])
    source = b"\x02" + rng.randbytes(5)
    return (destination + source + struct.pack(">H", kind) + payload)[:LONGEST_FRAME]


def noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(1, LONGEST_FRAME))


def random_kind(rng: random.Random) -> bytes:
    return ethernet(rng, rng.randrange(0x10000), rng.randbytes(rng.randint(0, 1500)))


def arp(rng: random.Random) -> bytes:
    operation = rng.choice([0, 1, 2, 3, rng.randrange(0x10000)])
    sizes = rng.choice([(6, 4), (0, 0), (255, 255), (6, 16)])
    head = struct.pack(">HHBBH", rng.choice([1, rng.randrange(0x10000)]), 0x0800, *sizes, operation)
    body = rng.randbytes(6) + STRANGER_IPV4 + rng.randbytes(6) + rng.choice([GUEST_IPV4, rng.randbytes(4)])
    return ethernet(rng, 0x0806, (head + body)[: rng.choice([28, rng.randint(0, 28)])])


def checksum(data: bytes) -> int:
    padded = data + bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(rng: random.Random, protocol: int, payload: bytes) -> bytes:
    """Mostly a sane header, so that the layers above see something too."""
    length = 20 + len(payload)
    if rng.random() < 0.2:
        length = rng.randrange(0x10000)
    version_and_size = 0x45 if rng.random() < 0.8 else rng.randrange(256)
    fragment = 0 if rng.random() < 0.7 else rng.randrange(0x10000)
    head = struct.pack(">BBHHHBBH", version_and_size, 0, length, rng.randrange(0x10000), fragment, 64, protocol, 0)
    head += STRANGER_IPV4 + GUEST_IPV4
    if rng.random() < 0.9:
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return ethernet(rng, 0x0800, head + payload)


def pseudo_checksum(protocol: int, segment: bytes) -> int:
    return checksum(STRANGER_IPV4 + GUEST_IPV4 + struct.pack(">BBH", 0, protocol, len(segment)) + segment)


def tcp(rng: random.Random) -> bytes:
    """Segments to the management port: any flags, any options, mostly a right checksum."""
    options = rng.randbytes(rng.choice([0, 0, 4, 20, 40]))
    size = (20 + len(options)) // 4 if rng.random() < 0.8 else rng.randrange(16)
    port = rng.choice([GUEST_PORT, GUEST_PORT, rng.randrange(0x10000)])
    numbers = (rng.randrange(0x10000), port, rng.randrange(1 << 32), rng.randrange(1 << 32))
    flags = size << 12 | rng.randrange(0x1000)
    payload = rng.randbytes(rng.choice([0, 0, 1, 100, 1000]))
    segment = struct.pack(">HHIIHHHH", *numbers, flags, rng.randrange(0x10000), 0, rng.randrange(0x10000))
    segment += options + payload
    if rng.random() < 0.9:
        segment = segment[:16] + struct.pack(">H", pseudo_checksum(6, segment)) + segment[18:]
    return ipv4(rng, 6, segment)


def udp(rng: random.Random) -> bytes:
    port = rng.choice([68, 67, 53, 546, 5353, rng.randrange(0x10000)])
    payload = rng.randbytes(rng.randint(0, 600))
    length = 8 + len(payload) if rng.random() < 0.8 else rng.randrange(0x10000)
    return ipv4(rng, 17, struct.pack(">HHHH", rng.choice([67, 53, 9]), port, length, 0) + payload)


def icmp(rng: random.Random) -> bytes:
    kind = rng.choice([0, 3, 5, 8, 11, rng.randrange(256)])
    body = struct.pack(">BBHI", kind, rng.randrange(16), 0, rng.randrange(1 << 32))
    body += rng.randbytes(rng.randint(0, 1400))
    return ipv4(rng, 1, body[:2] + struct.pack(">H", checksum(body)) + body[4:])


def ipv6(rng: random.Random) -> bytes:
    payload = rng.randbytes(rng.randint(0, 1200))
    next_header = rng.choice([0, 6, 17, 43, 44, 58, 60, 59, rng.randrange(256)])
    length = len(payload) if rng.random() < 0.8 else rng.randrange(0x10000)
    head = struct.pack(">IHBB", 0x60000000 | rng.randrange(1 << 28), length, next_header, rng.choice([255, 64, 0]))
    source = b"\xfe\x80" + bytes(6) + rng.randbytes(8)
    destination = rng.choice([b"\xff\x02" + bytes(13) + b"\x01", rng.randbytes(16)])
    return ethernet(rng, 0x86DD, head + source + destination + payload)


GENERATORS: tuple[Callable[[random.Random], bytes], ...] = (noise, random_kind, arp, tcp, tcp, udp, icmp, ipv6)


def random_frame(rng: random.Random) -> bytes:
    return rng.choice(GENERATORS)(rng)
