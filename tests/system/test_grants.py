# SPDX-License-Identifier: BSD-3-Clause
"""Grants and maps as they are in force: the rings that netmgmt shares with the driver live as long as both."""

import json
import subprocess
import time
import xml.etree.ElementTree as xml
from typing import Any

from lib import building
from lib.client import RpcError
from support.context import LiveSystemTest

Entry = dict[str, Any]

TESS = building.BUILD / "tools" / "tess-cli" / "tess"
INDEX_BITS = 14
LEAST_RING_BYTES = 128 * 1024
RESTART_SECONDS = 30


class Grants(LiveSystemTest):
    def setUp(self) -> None:
        super().setUp()
        self.look()

    def look(self) -> None:
        processes = self.client.items("process.list", fields=["endpoint", "name"])
        self.endpoints = {each["name"]: each["endpoint"] for each in processes}
        self.rings = self.rings_now()

    def rings_now(self) -> Entry:
        """The grant of netmgmt's rings, among those of netmgmt."""
        grants = self.client.items("grant.list", endpoint=self.endpoints["netmgmt"])
        found = [each for each in grants if each["grantee_name"] == "e1000"]
        self.assertEqual(1, len(found), grants)
        return found[0]

    def get(self, **changes: int) -> Entry:
        wanted = {"grantor": self.rings["grantor"], "grant": self.rings["grant"]}
        return self.client.call("grant.get", **wanted | changes)

    def refused(self, errno: str, **changes: int) -> None:
        with self.assertRaises(RpcError) as refused:
            self.get(**changes)
        self.assertEqual((-31000, errno), (refused.exception.code, refused.exception.data.get("errno")))

    def tess(self, *words: str) -> str:
        argv = [TESS, "--port", str(self.instance.port), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout

    def test_list_shows_the_rings(self) -> None:
        rings = self.rings
        self.assertEqual((self.endpoints["netmgmt"], self.endpoints["e1000"]), (rings["grantor"], rings["grantee"]))
        self.assertEqual(("direct", ["read", "write", "map"]), (rings["kind"], rings["rights"]))
        self.assertEqual((None, "", None), (rings["source"], rings["source_name"], rings["previous"]))
        self.assertGreater(int(rings["bytes"]), LEAST_RING_BYTES)
        self.assertEqual(rings["grant"], rings["sequence"] << INDEX_BITS | rings["index"])
        self.assertIn(rings["grant"], [each["grant"] for each in self.client.items("grant.list", limit=1)])

    def test_uses_are_counted(self) -> None:
        self.assertGreaterEqual(int(self.rings["uses"]), 1, "the driver mapped them")

    def test_get_leads_to_the_memory(self) -> None:
        grant = self.get()
        self.assertEqual(self.rings, {name: grant[name] for name in self.rings})
        self.assertEqual(([], None), (grant["chain"], grant["problem"]))
        memory = grant["memory"]
        self.assertEqual((grant["grantor"], "netmgmt"), (memory["owner"], memory["owner_name"]))
        for member in ("address", "bytes", "rights"):
            self.assertEqual(grant[member], memory[member], member)

    def test_get_refuses_what_is_not_there(self) -> None:
        self.refused("ENOENT", grant=self.rings["grant"] + (1 << INDEX_BITS))
        self.refused("ENOENT", grant=(1 << INDEX_BITS) - 1)
        self.refused("ENOENT", grant=0)
        self.refused("ESRCH", grantor=self.rings["grantor"] + (1 << 12))

    def test_graph_has_the_edge(self) -> None:
        graph = self.client.call("grant.graph")
        edges = [each for each in graph["grants"] if each["grantee"] == self.endpoints["e1000"]]
        self.assertEqual([self.endpoints["netmgmt"]], [each["grantor"] for each in edges])
        self.assertEqual((1, self.rings["bytes"]), (edges[0]["grants"], edges[0]["bytes"]))
        maps = [each for each in graph["maps"] if each["grantee"] == self.endpoints["e1000"]]
        self.assertEqual([(self.endpoints["netmgmt"], 1)], [(each["owner"], each["maps"]) for each in maps])
        named = {each["endpoint"]: each["name"] for each in graph["nodes"]}
        self.assertEqual("e1000", named[self.endpoints["e1000"]])
        self.assertEqual(0, graph["left_out"])

    def map_of_the_rings(self) -> Entry:
        maps = self.client.items("grant.maps", endpoint=self.endpoints["e1000"])
        self.assertEqual(1, len(maps), maps)
        return maps[0]

    def test_maps_show_both_ends(self) -> None:
        found = self.map_of_the_rings()
        netmgmt = self.endpoints["netmgmt"]
        self.assertEqual((netmgmt, netmgmt), (found["owner"], found["grantor"]))
        self.assertEqual(self.rings["address"], found["source"])
        self.assertLessEqual(int(self.rings["bytes"]), int(found["bytes"]))
        self.assertEqual(["read", "write"], found["protection"])
        way = [(hop["grantor"], hop["grantor_name"], hop["grant"]) for hop in found["hops"]]
        self.assertEqual([(netmgmt, "netmgmt", self.rings["grant"])], way)
        self.assertIn(found, self.client.items("grant.maps", limit=1))
        self.assertEqual([], self.client.items("grant.maps", endpoint=netmgmt))

    def test_a_restarted_driver_gets_a_grant_and_a_map_of_its_own(self) -> None:
        old, driver = self.rings["grant"], self.endpoints["e1000"]
        self.client.call("service.restart", label="e1000")
        deadline = time.monotonic() + RESTART_SECONDS
        while self.endpoints.get("e1000", driver) == driver and time.monotonic() < deadline:
            time.sleep(0.1)
            processes = self.client.items("process.list", fields=["endpoint", "name"])
            self.endpoints = {each["name"]: each["endpoint"] for each in processes}
        self.look()
        self.assertNotEqual(driver, self.endpoints["e1000"])
        self.assertEqual(self.endpoints["e1000"], self.rings["grantee"])
        self.refused("ENOENT", grant=old)
        self.assertEqual(self.rings["grant"], self.map_of_the_rings()["grant"])

    def test_tess_grants(self) -> None:
        line = next(line for line in self.tess("grants").splitlines() if line.startswith("netmgmt"))
        for word in ("e1000", "direct", "read,write,map", self.rings["address"], str(self.rings["grant"])):
            self.assertIn(word, line.split())
        of_driver = json.loads(self.tess("grants", "e1000", "--json"))
        self.assertEqual([("e1000", "any", ["read", "map"])],
                         [(each["grantor_name"], each["grantee_name"], each["rights"]) for each in of_driver["items"]])
        leads = self.tess("grants", "chain", "netmgmt", str(self.rings["grant"])).splitlines()[-1]
        self.assertIn(f"at {self.rings['address']} of netmgmt {self.rings['grantor']}: read,write,map", leads)
        self.assertIn(f"netmgmt {self.rings['grantor']} #{self.rings['grant']}", self.tess("grants", "--maps", "e1000"))

    def test_tess_graph(self) -> None:
        self.assertIn(f'[label="e1000\\n{self.endpoints["e1000"]}"]', self.tess("graph", "--grants"))
        picture = self.tess("graph", "--grants", "--svg")
        self.assertEqual("{http://www.w3.org/2000/svg}svg", xml.fromstring(picture).tag)
        self.assertIn("netmgmt", picture)
