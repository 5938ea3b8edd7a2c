// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Lists: their common parameters, and the page that turns entries into text one by one.

#include "netmgmt/limits.h"
#include "netmgmt/methods/rpc_error.h"
#include "netmgmt/schema/write.h"
#include "netmgmt/view/listing.h"

#include <algorithm>

namespace tessera::netmgmt {

struct ListParameters {
    std::uint32_t limit = limits::page_items_default;
    std::optional<std::string> cursor;
    std::optional<std::vector<std::string>> fields;
};

inline constexpr std::tuple list_members{
    optional_member("limit", &ListParameters::limit, "most items on the page", Bounds{1, limits::page_items}),
    optional_member("cursor", &ListParameters::cursor, "`next` of the page before", Bounds{1, 16}),
    optional_member("fields", &ListParameters::fields, "only these members of an item", Bounds{1, 32}),
};

template <> struct Shape<ListParameters> {
    static constexpr auto members = list_members;
};

/// The members of a list's own parameters, followed by those of every list.
template <class... M> [[nodiscard]] consteval auto with_list_members(M... member) {
    return std::tuple_cat(std::tuple{member...}, list_members);
}

/// Cursors are opaque to peers; here they are the position in hexadecimal.
[[nodiscard]] std::string cursor_text(Position position);
[[nodiscard]] Outcome<Position> read_cursor(const std::optional<std::string>& cursor);
[[nodiscard]] Outcome<FieldSet> read_fields(const std::optional<std::vector<std::string>>& fields,
                                            std::span<const SchemaMember> members);

/// A page, cut where the limit or the room in the reply ends.
class PageFrame {
public:
    PageFrame(JsonWriter& out, std::uint32_t limit) : out_(out), limit_(limit) {}

    void begin();
    /// Where the next item begins; empty when the page has as many as it may.
    [[nodiscard]] std::optional<std::size_t> begin_item() const;
    /// Whether the item that began at `mark` has room; else it is taken back.
    [[nodiscard]] bool end_item(std::size_t mark);
    void stop_at(Position position) { next_ = position; }
    void end();

    /// Ended because not even one item had room.
    [[nodiscard]] bool starved() const { return next_ && count_ == 0; }

private:
    JsonWriter& out_;
    std::uint32_t limit_;
    std::uint32_t count_ = 0;
    std::optional<Position> next_;
};

template <class Entry> class Page final : public Visitor<Entry> {
public:
    Page(JsonWriter& out, PageFrame& frame, FieldSet fields) : out_(out), frame_(frame), fields_(fields) {}

    Visit visit(Position position, const Entry& entry) override {
        if (auto mark = frame_.begin_item()) {
            write_value(out_, entry, fields_);
            if (frame_.end_item(*mark)) return Visit::next;
        }
        frame_.stop_at(position);
        return Visit::stop;
    }

private:
    JsonWriter& out_;
    PageFrame& frame_;
    FieldSet fields_;
};

/// A list's result.
template <Described Entry, Described Trailer> struct PageSchema {
    static constexpr Schema items{
        .kind = SchemaKind::array, .bounds = {0, limits::page_items}, .element = &selectable_schema<Entry>};
    static constexpr std::size_t trailer_count = schema_members<Trailer>.size();

    static consteval auto make_members() {
        std::array<SchemaMember, 2 + trailer_count> result{};
        result[0] = {"items", "", &items, Presence::required, {}, {}};
        result[1] = {"next",
                     "cursor of the page after, null on the last one",
                     &SchemaOf<std::optional<std::string>>::value,
                     Presence::required,
                     {},
                     {}};
        std::ranges::copy(schema_members<Trailer>, result.begin() + 2);
        return result;
    }

    static constexpr auto members = make_members();
    static constexpr Schema value{.kind = SchemaKind::object, .members = members};
};

} // namespace tessera::netmgmt
