# SPDX-License-Identifier: BSD-3-Clause
"""Ways to boot, and to fail to: a machine that cannot start says why and switches itself off."""

from pathlib import Path

from lib.client import RpcError
from lib.instance import Instance
from support import archive
from support.context import Firmware, Medium, SystemTest, only_on

REFUSAL_SECONDS = {"qemu": 30.0, "bochs": 90.0}
LOCKED = -31001


class Boot(SystemTest):
    def test_from_cd(self) -> None:
        self.boot(medium=Medium.CD)

    def test_from_disk(self) -> None:
        self.boot(medium=Medium.DISK)

    def test_two_side_by_side(self) -> None:
        iso = self.make_iso()
        instances = [self.start(iso) for _ in range(2)]
        for instance in instances:
            self.addCleanup(instance.end)
        clients = [instance.wait_until_ready(2 * self.boot_seconds()) for instance in instances]
        clients[0].call("ds.publish", key="test.first", type="u32", value=1)
        clients[1].call("ds.publish", key="test.second", type="u32", value=2)
        keys = [{item["key"] for item in client.items("ds.list", prefix="test.")} for client in clients]
        self.assertEqual([{"test.first"}, {"test.second"}], keys)

    def test_locked_unless_told_to_be_open(self) -> None:
        _, client = self.boot(self.make_iso(command_line=""))
        self.assertEqual("locked", client.hello["mode"])
        client.call("rpc.discover")
        for method in ("system.info", "ds.list", "service.list"):
            with self.assertRaises(RpcError) as refused:
                client.call(method)
            self.assertEqual(LOCKED, refused.exception.code)

    def test_shutdown(self) -> None:
        instance, client = self.boot()
        self.assertEqual({"stopping": True}, client.call("system.shutdown"))
        self.assertTrue(instance.wait_for_end(30), instance.last_words())

    def test_damaged_file_in_the_archive(self) -> None:
        """One bit of a program: that service is given up with a clear message, the others run."""
        path = self.copy_of_archive()
        data = bytearray(path.read_bytes())
        data[archive.position_of(path, "ds") + 1000] ^= 0x10
        path.write_bytes(data)
        instance, client = self.boot(self.make_iso(archive=path))
        self.assertRegex(instance.serial_text(), r'ds: cannot be started from "ds": EDAMAGED')
        states = {service["label"]: service["state"] for service in client.items("service.list")}
        self.assertEqual("running", states["console"], states)
        self.assertIn(states["ds"], {"restarting", "failed"}, states)

    def test_damaged_header_in_the_archive(self) -> None:
        path = self.copy_of_archive()
        data = bytearray(path.read_bytes())
        data[3] ^= 0x55
        path.write_bytes(data)
        self.refuses_to_start(path, r"(?i)archive.*(damaged|not)|damaged.*archive")

    def test_archive_cut_off(self) -> None:
        path = self.copy_of_archive()
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        self.refuses_to_start(path, r"(?i)archive.*(damaged|end|cut)|damaged.*archive")

    def test_empty_archive(self) -> None:
        self.refuses_to_start(archive.write(self.scratch_file(), {}), r"(?i)archive")

    def test_archive_without_a_server(self) -> None:
        members = archive.read(self.context.archive)
        del members["vm"]
        self.refuses_to_start(archive.write(self.scratch_file(), members), r"`?vm`?")

    def test_configuration_file_with_an_error(self) -> None:
        """The other services start, and the log says which file has what wrong."""
        members = archive.read(self.context.archive)
        members["console.conf"] = members["console.conf"].replace(b'"priority"', b'"priorty"')
        instance, client = self.boot(self.make_iso(archive=archive.write(self.scratch_file(), members)))
        text = instance.serial_text()
        self.assertRegex(text, r"console\.conf.*priorty")
        states = {item["label"]: item["state"] for item in client.items("service.list")}
        self.assertEqual("running", states["ds"])
        self.assertNotEqual("running", states.get("console"))

    # ---- how ---------------------------------------------------------------------------------------------------------

    def scratch_file(self) -> Path:
        return self.context.scratch / f"{next(self._numbers)}.cpio"

    def copy_of_archive(self) -> Path:
        path = self.scratch_file()
        path.write_bytes(self.context.archive.read_bytes())
        return path

    def refuses_to_start(self, changed_archive: Path, why: str) -> None:
        refuses(self, self.start(self.make_iso(archive=changed_archive)), why)


@only_on("qemu", "QEMU is quick and can do all of it")
class BootOnOtherMachines(SystemTest):
    def test_by_uefi(self) -> None:
        _, client = self.boot(firmware=Firmware.UEFI, memory_mib=128)
        self.assertEqual("uefi", client.call("system.info")["boot"]["firmware"])

    def test_by_uefi_from_disk(self) -> None:
        self.boot(firmware=Firmware.UEFI, medium=Medium.DISK, memory_mib=128)

    def test_with_much_memory(self) -> None:
        _, client = self.boot(memory_mib=2048)
        self.assertGreater(client.call("system.info")["memory"]["total_bytes"], 1900 << 20)

    def test_too_little_memory(self) -> None:
        """Less, and the loader itself gives up."""
        refuses(self, self.start(memory_mib=24), r"at least 64 MiB of memory")


def refuses(test: SystemTest, instance: Instance, why: str) -> None:
    test.addCleanup(instance.end)
    seconds = REFUSAL_SECONDS[instance.machine]
    found = instance.wait_for_serial(r"Tessera cannot start: .*\n", seconds)
    test.assertIsNotNone(found, f"no message\n{instance.last_words()}")
    test.assertRegex(instance.serial_text(), why)
    test.assertTrue(instance.wait_for_end(seconds), f"the machine went on\n{instance.last_words()}")
