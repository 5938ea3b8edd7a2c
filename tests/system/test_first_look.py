# SPDX-License-Identifier: BSD-3-Clause
"""What a person sees first: every view answers, and what the views say fits together."""

from lib.client import RpcError
from support.context import LiveSystemTest

SERVICES = {"vm", "rs", "ds", "pm", "console", "e1000", "netmgmt"}
PAGE_MEMBERS = (
    "free_pages",
    "kernel_pages",
    "archive_pages",
    "page_table_pages",
    "vm_own_pages",
    "process_pages",
    "preserved_pages",
)
# Results that may differ from one call to the next.
NEEDS_PARAMETERS = {"system.shutdown", "system.reboot"}


class FirstLook(LiveSystemTest):
    def test_greeting(self) -> None:
        hello = self.client.hello
        self.assertEqual(("Tessera", "0.1.0", 1), (hello["product"], hello["version"], hello["protocol"]))
        self.assertEqual("open", hello["mode"])
        self.assertEqual(hello, self.client.call("system.hello"))

    def test_ping_returns_its_payload(self) -> None:
        self.assertEqual({"payload": "a \u2603"}, self.client.call("system.ping", payload="a \u2603"))
        self.assertEqual({}, self.client.call("system.ping"))

    def test_system_info(self) -> None:
        info = self.client.call("system.info")
        self.assertEqual("bios", info["boot"]["firmware"])
        self.assertEqual("mode=open", info["boot"]["command_line"])
        self.assertLessEqual(info["memory"]["total_bytes"], self.instance.options.memory_mib << 20)
        self.assertGreater(info["memory"]["total_bytes"], self.instance.options.memory_mib << 19)

    def test_time_passes(self) -> None:
        first = self.client.call("system.uptime")
        second = self.client.call("system.uptime")
        for member in ("nanoseconds", "timestamp_counter"):
            self.assertLess(int(first[member]), int(second[member]), member)
        self.assertLess(int(first["boot_to_listening"]), int(first["timestamp_counter"]))

    def test_vm_stats_account_for_every_page(self) -> None:
        stats = self.client.call("vm.stats")
        self.assertEqual(4096, stats["page_bytes"])
        self.assertEqual(stats["total_pages"], sum(stats[member] for member in PAGE_MEMBERS), stats)
        self.assertLessEqual(stats["largest_free_block_pages"], stats["free_pages"])
        self.assertLessEqual(int(stats["faults_resolved"]) + int(stats["faults_refused"]), int(stats["faults"]))

    def test_ds_knows_the_labels_of_the_services(self) -> None:
        labels = {item["key"]: item for item in self.client.items("ds.list") if item["type"] == "label"}
        services = {item["label"]: item for item in self.client.items("service.list")}
        self.assertLessEqual(SERVICES, set(labels) | {"rs", "vm"})
        for name in SERVICES & set(labels):
            self.assertEqual(services[name]["endpoint"], labels[name]["value"], name)

    def test_ds_entry_comes_and_goes(self) -> None:
        self.client.call("ds.publish", key="test.first_look", type="string", value="hello")
        entry = self.client.call("ds.get", key="test.first_look")
        self.assertEqual(("string", "hello"), (entry["type"], entry["value"]))
        self.refused(-31000, "EEXIST", "ds.publish", key="test.first_look", type="string", value="again")
        self.client.call("ds.publish", key="test.first_look", type="string", value="again", overwrite=True)
        self.assertEqual("again", self.client.call("ds.get", key="test.first_look")["value"])
        self.client.call("ds.delete", key="test.first_look")
        self.refused(-31000, "ESRCH", "ds.get", key="test.first_look")

    def test_processes_and_services_agree(self) -> None:
        services = {item["endpoint"] for item in self.client.items("service.list") if item["state"] == "running"}
        processes = {item["endpoint"]: item for item in self.client.items("process.list")}
        self.assertLessEqual(services, set(processes))
        self.assertLessEqual(SERVICES, {item["name"] for item in processes.values()})
        for endpoint, process in processes.items():
            self.assertEqual(endpoint, process["slot"] | process["generation"] << 12, process)

    def test_process_get_shows_least_privilege(self) -> None:
        driver = next(item for item in self.client.items("process.list") if item["name"] == "e1000")
        privileges = self.client.call("process.get", endpoint=driver["endpoint"])["privileges"]
        self.assertEqual(1, len(privileges["interrupts"]), privileges)
        self.assertTrue(privileges["memory"], "the driver's device memory")
        store = next(item for item in self.client.items("process.list") if item["name"] == "ds")
        privileges = self.client.call("process.get", endpoint=store["endpoint"])["privileges"]
        self.assertEqual(([], [], []), tuple(privileges[each] for each in ("memory", "interrupts", "io_ports")))

    def test_memory_of_a_process(self) -> None:
        for process in self.client.items("process.list"):
            if not process["service"]:
                continue
            summary = self.client.call("vm.process", endpoint=process["endpoint"])
            regions = self.client.items("vm.regions", endpoint=process["endpoint"])
            self.assertEqual(summary["regions"], len(regions), process["name"])
            for region in regions:
                self.assertFalse(region["write"] and region["execute"], (process["name"], region))

    def test_grants(self) -> None:
        names = {item["name"] for item in self.client.items("process.list")}
        grants = self.client.items("grant.list")
        self.assertTrue(grants, "driver and netmgmt share their rings by grants")
        for grant in grants:
            self.assertIn(grant["grantor_name"], names)

    def test_counters_grow(self) -> None:
        first = self.client.call("kernel.counters")
        second = self.client.call("kernel.counters")
        self.assertLess(int(first["messages"]), int(second["messages"]))
        self.assertGreater(int(second["address_space_loads_saved"]), 0)

    def test_interrupt_lines(self) -> None:
        lines = {item["line"]: item for item in self.client.items("kernel.irqs")}
        self.assertEqual(list(range(16)), sorted(lines))
        card = next(item for item in lines.values() if item["owner_name"] == "e1000")
        self.assertGreater(int(card["raised"]), 0)
        self.assertLessEqual(int(card["delivered"]), int(card["raised"]))

    def test_log_has_the_start(self) -> None:
        entries = self.client.call("log.read", limit=1000)["items"]
        sequences = [int(entry["sequence"]) for entry in entries]
        self.assertEqual(sorted(set(sequences)), sequences)
        rest = self.client.call("log.read", since=str(sequences[-1]))["items"]
        self.assertTrue(all(int(entry["sequence"]) >= sequences[-1] for entry in rest))

    def test_pages_of_a_list(self) -> None:
        whole = [item["name"] for item in self.client.items("process.list")]
        paged = [item["name"] for item in self.client.items("process.list", limit=2)]
        self.assertEqual(whole, paged)
        for item in self.client.call("process.list", fields=["name"])["items"]:
            self.assertEqual(["name"], list(item))

    def test_unknown_parameter_is_named(self) -> None:
        with self.assertRaises(RpcError) as refused:
            self.client.call("process.list", colour="red")
        self.assertEqual((-32602, "colour"), (refused.exception.code, refused.exception.data["member"]))

    def test_every_reading_method_of_the_manual_answers(self) -> None:
        methods = self.client.call("rpc.discover")["methods"]
        self.assertGreater(len(methods), 20)
        for method in methods:
            required = [each for each in method["params"] if each.get("required")]
            if required or method.get("x-changes-state", method["name"] in NEEDS_PARAMETERS):
                continue
            self.client.call(method["name"])

    def test_batch(self) -> None:
        ping = {"jsonrpc": "2.0", "method": "system.ping"}
        self.client.send([{**ping, "id": "a"}, {**ping, "id": "b"}, ping])
        self.assertEqual({"a", "b"}, {reply["id"] for reply in self.client.receive()})

    def refused(self, code: int, errno: str, method: str, **parameters: object) -> None:
        with self.assertRaises(RpcError) as refused:
            self.client.call(method, **parameters)
        self.assertEqual((code, errno), (refused.exception.code, refused.exception.data.get("errno")))
