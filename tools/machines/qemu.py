# SPDX-License-Identifier: BSD-3-Clause
"""QEMU without hardware virtualisation, with the devices that Bochs has: i440FX, PIC, PIT, I/O APIC, 82540EM."""

from machines.options import GUEST_PORT, MAC_ADDRESS, Firmware, FramePorts, Launch, Medium, OnReboot, Options, Pace

NAME = "qemu"
MONITOR_SOCKET = "monitor.sock"
UEFI_FIRMWARE = "/usr/share/ovmf/OVMF.fd"
DEBUG_EXIT_PORT = 0xF4


def prepare(options: Options) -> Launch:
    argv = ["qemu-system-x86_64", "-M", "pc", "-accel", "tcg", "-cpu", "max", "-m", str(options.memory_mib)]
    argv += ["-nodefaults", "-vga", "std", "-display", "none", "-rtc", "base=utc"]
    # Relative to the instance's directory: the path of a socket is limited to 107 bytes.
    argv += ["-serial", "file:serial.log", "-monitor", f"unix:{MONITOR_SOCKET},server=on,wait=off"]
    argv += ["-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=4"]
    argv += medium_arguments(options) + network_arguments(options)
    if options.firmware is Firmware.UEFI:
        argv += ["-bios", UEFI_FIRMWARE]
    if options.pace is Pace.EXACT:
        argv += ["-icount", "shift=0"]
    if options.on_reboot is OnReboot.EXIT:
        argv += ["-no-reboot"]
    return Launch(argv)


def medium_arguments(options: Options) -> list[str]:
    # A comma separates options: QEMU wants one in a name doubled.
    file = str(options.iso).replace(",", ",,")
    if options.medium is Medium.DISK:
        return ["-drive", f"file={file},format=raw,if=ide,snapshot=on"]
    return ["-drive", f"file={file},format=raw,if=ide,media=cdrom,readonly=on"]


def network_arguments(options: Options) -> list[str]:
    user = f"user,id=user,hostfwd=tcp:127.0.0.1:{options.port}-:{GUEST_PORT}"
    # No boot ROM: nobody boots from the network.
    card = f"e1000,mac={MAC_ADDRESS},romfile="
    if options.frames is None:
        return ["-netdev", user, "-device", f"{card},netdev=user"]
    return [
        *["-netdev", user, "-netdev", "hubport,id=hub-user,hubid=0,netdev=user"],
        *["-netdev", injection(options.frames), "-netdev", "hubport,id=hub-frames,hubid=0,netdev=frames"],
        *["-netdev", "hubport,id=hub-card,hubid=0", "-device", f"{card},netdev=hub-card"],
    ]


def injection(ports: FramePorts) -> str:
    return f"socket,id=frames,localaddr=127.0.0.1:{ports.machine},udp=127.0.0.1:{ports.tester}"
