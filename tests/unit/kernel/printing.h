// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How a failed check shows the kernel's types.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "kernel/abi/strong.h"
#include <catch2/catch.hpp>
#include <format>

template <> struct Catch::StringMaker<tessera::Status> {
    static std::string convert(tessera::Status status) { return std::string{tessera::status_name(status)}; }
};

template <> struct Catch::StringMaker<tessera::Endpoint> {
    static std::string convert(tessera::Endpoint endpoint) {
        return std::format("slot {} generation {}", endpoint.slot(), endpoint.generation());
    }
};

template <> struct Catch::StringMaker<tessera::MessageKind> {
    static std::string convert(tessera::MessageKind kind) {
        return std::format("kind {}", static_cast<std::uint32_t>(kind));
    }
};

template <class Tag, class Raw> struct Catch::StringMaker<tessera::Address<Tag, Raw>> {
    static std::string convert(tessera::Address<Tag, Raw> address) { return std::format("{:#x}", address.value); }
};

template <class Tag, class Raw> struct Catch::StringMaker<tessera::Scalar<Tag, Raw>> {
    static std::string convert(tessera::Scalar<Tag, Raw> scalar) { return std::format("{}", scalar.value); }
};
