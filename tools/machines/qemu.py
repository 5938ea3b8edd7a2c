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
    argv += ["-serial", "file:serial.log", "-serial", "null", "-monitor", f"unix:{MONITOR_SOCKET},server=on,wait=off"]
    argv += ["-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=4"]
    argv += medium_arguments(options) + network_arguments(options)
    if options.firmware is Firmware.UEFI:
        argv += ["-bios", UEFI_FIRMWARE]
    if options.pace is not Pace.INTERACTIVE:
        argv += ["-icount", "shift=0" if options.pace is Pace.EXACT else "shift=0,sleep=off"]
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
    arguments = ["-netdev", user, "-device", f"{card},netdev=user"]
    return arguments if options.frames is None else [*arguments, *frame_arguments(options.frames)]


def frame_arguments(ports: FramePorts) -> list[str]:
    """Between the user network and the card; the user network itself sees none of it."""
    server = "server=on,wait=off"
    return [
        *["-chardev", f"socket,id=inject,host=127.0.0.1,port={ports.inject},{server}"],
        *["-object", "filter-redirector,id=injector,netdev=user,queue=tx,indev=inject"],
        *["-chardev", f"socket,id=watch,host=127.0.0.1,port={ports.watch},{server}"],
        *["-object", "filter-mirror,id=watcher,netdev=user,queue=rx,outdev=watch"],
    ]
