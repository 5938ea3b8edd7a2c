// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A schema as a JSON Schema (draft 7, the draft of OpenRPC 1.2.6).

#include "netmgmt/json/json_writer.h"
#include "netmgmt/schema/schema.h"

namespace tessera::netmgmt {

void write_json_schema(JsonWriter& out, const Schema& schema);

/// With what the member says of itself: description, narrower bounds, default.
void write_json_schema(JsonWriter& out, const SchemaMember& member);

} // namespace tessera::netmgmt
