# SPDX-License-Identifier: BSD-3-Clause
"""Grants as they are in force: the rings that netmgmt shares with the driver live as long as both."""

import json
import subprocess
import xml.etree.ElementTree as xml
from typing import Any

from lib import building
from lib.client import RpcError
from support.context import LiveSystemTest

Entry = dict[str, Any]

TESS = building.BUILD / "tools" / "tess-cli" / "tess"
INDEX_BITS = 14
LEAST_RING_BYTES = 128 * 1024


class Grants(LiveSystemTest):
    def setUp(self) -> None:
        super().setUp()
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
        self.assertEqual(("direct", ["read", "write"]), (rings["kind"], rings["rights"]))
        self.assertEqual((None, "", None), (rings["source"], rings["source_name"], rings["previous"]))
        self.assertGreater(int(rings["bytes"]), LEAST_RING_BYTES)
        self.assertEqual(rings["grant"], rings["sequence"] << INDEX_BITS | rings["index"])
        self.assertIn(rings["grant"], [each["grant"] for each in self.client.items("grant.list", limit=1)])

    def test_uses_are_counted(self) -> None:
        self.client.call("system.ping")
        self.assertLess(int(self.rings["uses"]), int(self.rings_now()["uses"]))

    def test_get_leads_to_the_memory(self) -> None:
        grant = self.get()
        counted = {"uses"}
        self.assertEqual(
            {name: value for name, value in self.rings.items() if name not in counted},
            {name: grant[name] for name in self.rings if name not in counted},
        )
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
        named = {each["endpoint"]: each["name"] for each in graph["nodes"]}
        self.assertEqual("e1000", named[self.endpoints["e1000"]])
        self.assertEqual(0, graph["left_out"])

    def test_maps_name_processes_that_are_there(self) -> None:
        for entry in self.client.items("grant.maps"):
            for role in ("grantee", "owner", "grantor"):
                self.assertEqual(entry[role], self.endpoints[entry[f"{role}_name"]], entry)
            self.assertGreaterEqual(len(entry["hops"]), 1, entry)

    def test_tess_grants(self) -> None:
        line = next(line for line in self.tess("grants").splitlines() if line.startswith("netmgmt"))
        for word in ("e1000", "direct", "read,write", self.rings["address"], str(self.rings["grant"])):
            self.assertIn(word, line.split())
        of_driver = json.loads(self.tess("grants", "e1000", "--json"))
        self.assertEqual([], of_driver["items"])
        leads = self.tess("grants", "chain", "netmgmt", str(self.rings["grant"])).splitlines()[-1]
        self.assertIn(f"at {self.rings['address']} of netmgmt {self.rings['grantor']}: read,write", leads)
        self.assertTrue(self.tess("grants", "--maps").startswith("GRANTEE"))

    def test_tess_graph(self) -> None:
        self.assertIn(f'[label="e1000\\n{self.endpoints["e1000"]}"]', self.tess("graph", "--grants"))
        picture = self.tess("graph", "--grants", "--svg")
        self.assertEqual("{http://www.w3.org/2000/svg}svg", xml.fromstring(picture).tag)
        self.assertIn("netmgmt", picture)
