// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One value of a configuration file, with the name under which a person finds it there. Every reader throws FieldError
// when the value is not what it should be.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::configuration {

struct FieldError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Field {
public:
    Field(std::string path, const nlohmann::json& value) : path_(std::move(path)), value_(&value) {}

    [[noreturn]] void fail(std::string_view what, std::string_view allowed) const;

    std::string text(std::size_t length_limit, std::string_view allowed) const;
    std::uint64_t number(std::uint64_t lowest, std::uint64_t highest) const;
    std::vector<Field> list(std::size_t length_limit, std::string_view allowed) const;
    bool is_text() const { return value_->is_string(); }

    // The position of the text in `names`.
    std::size_t choice(std::span<const std::string_view> names) const;

private:
    std::string path_;
    const nlohmann::json* value_;

    template <class Target> friend class ObjectSchema;
};

enum class Presence : std::uint8_t { optional, required };

// The keys of an object: each with the function that moves its value into `Target`.
template <class Target> struct Key {
    std::string_view name;
    Presence presence;
    void (*read)(const Field& field, Target& target);
};

template <class Target> class ObjectSchema {
public:
    constexpr explicit ObjectSchema(std::span<const Key<Target>> keys) : keys_(keys) {}

    // Every key of the object must be in the schema, every required one in the object.
    void read(const Field& object, Target& target) const {
        if (!object.value_->is_object()) object.fail("is not an object", "{ " + names() + " }");
        for (const auto& [name, value] : object.value_->items()) {
            const Key<Target>* const key = find(name);
            if (key == nullptr) member(object, name, value).fail("is not a known key", names());
            key->read(member(object, name, value), target);
        }
        for (const Key<Target>& key : keys_)
            if (key.presence == Presence::required && !object.value_->contains(key.name))
                member(object, key.name, *object.value_).fail("is required and missing", "a value");
    }

private:
    static Field member(const Field& object, std::string_view name, const nlohmann::json& value) {
        return {object.path_.empty() ? std::string(name) : object.path_ + "." + std::string(name), value};
    }

    const Key<Target>* find(std::string_view name) const {
        for (const Key<Target>& key : keys_)
            if (key.name == name) return &key;
        return nullptr;
    }

    std::string names() const {
        std::string all;
        for (const Key<Target>& key : keys_) all += (all.empty() ? "" : ", ") + std::string(key.name);
        return all;
    }

    std::span<const Key<Target>> keys_;
};

} // namespace tessera::configuration
