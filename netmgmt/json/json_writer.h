// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Writes JSON text straight into a bounded text: nothing of a result is held as values first.

#include "netmgmt/json/bounded_text.h"

#include <cstdint>
#include <string_view>

namespace tessera::netmgmt {

/// Puts commas between members and elements by itself. What has no room is left out and remembered by `fits`.
class JsonWriter {
public:
    explicit JsonWriter(BoundedText& out) : out_(out) {}

    void begin_object() { open("{"); }
    void end_object() { close("}"); }
    void begin_array() { open("["); }
    void end_array() { close("]"); }

    /// The name of a member; its value comes next.
    void key(std::string_view name);

    void null() { value("null"); }
    void boolean(bool flag) { value(flag ? "true" : "false"); }
    void number(std::int64_t number);
    void number(std::uint64_t number);
    /// Bytes that are no UTF-8 become U+FFFD.
    void text(std::string_view text);
    void decimal_text(std::uint64_t number);
    void hexadecimal_text(std::uint64_t number);
    /// JSON text that is known to be right.
    void json(std::string_view json) { value(json); }

    /// Whether all that was written had room.
    [[nodiscard]] bool fits() const { return fits_; }

    /// Where one could come back to if what follows has no room.
    [[nodiscard]] std::size_t mark() const { return out_.size(); }
    [[nodiscard]] std::size_t room() const { return out_.room(); }
    void return_to(std::size_t mark);

private:
    void put(std::string_view text) { fits_ = fits_ && out_.append(text); }
    void separate();
    void value(std::string_view text);
    void open(std::string_view bracket);
    void close(std::string_view bracket);
    void quoted(std::string_view text);

    BoundedText& out_;
    bool needs_comma_ = false;
    bool fits_ = true;
};

} // namespace tessera::netmgmt
