// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/greeting.h"

#include "netmgmt/schema/write.h"

namespace tessera::netmgmt {

std::string greeting_line(const Identity& identity) {
    BoundedText text(limits::line_bytes);
    JsonWriter out(text);
    out.begin_object();
    out.key("jsonrpc");
    out.text("2.0");
    out.key("method");
    out.text("hello");
    out.key("params");
    write_value(out, identity);
    out.end_object();
    return std::string(text.view()) + '\n';
}

} // namespace tessera::netmgmt
