// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A list of types as a value: the form in which the kernel-call table and every protocol list their operations.

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tessera {

template <class... Types> struct TypeList {
    static constexpr std::size_t size = sizeof...(Types);

    // Position of a type; does not compile for a type that is not in the list.
    template <class Type> static constexpr std::size_t index_of() {
        static_assert((std::is_same_v<Type, Types> || ...), "type is not in the list");
        std::size_t index = 0;
        (void)((std::is_same_v<Type, Types> ? true : (++index, false)) || ...);
        return index;
    }

    template <class Visitor> static constexpr void for_each(Visitor&& visitor) {
        (visitor.template operator()<Types>(), ...);
    }
};

} // namespace tessera
