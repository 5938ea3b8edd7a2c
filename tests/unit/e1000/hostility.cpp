// SPDX-License-Identifier: BSD-3-Clause
// Random frames, a client that writes anything into its rings, and a device that writes anything into its descriptors:
// the sanitizers see every access, the models every copy and every DMA.

#include "servers/drivers/e1000/driver.h"
#include "tests/unit/e1000/fake_client.h"
#include "tests/unit/e1000/fake_device.h"
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using namespace tessera::e1000;
using test::Bytes;
using test::FakeClients;
using test::FakeDevice;

namespace {

const Endpoint netmgmt{9, 1};
const Endpoint successor{9, 2};
constexpr GrantId rings{1, 1};

struct Machine {
    Machine() {
        REQUIRE(driver.start().has_value());
        open(netmgmt);
    }
    void open(Endpoint client) {
        clients.add(client);
        REQUIRE(driver.open({.client = client, .rings = rings}).has_value());
    }
    std::uint32_t number(std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); }
    Bytes garbage(std::size_t size) {
        Bytes bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        return bytes;
    }
    void event() {
        if (device.interrupts()) driver.interrupted();
        if (number(2) == 0) driver.rung();
    }
    // After whatever happened: the next good client is served in both directions.
    void check_recovery() {
        clients.alive.erase(netmgmt);
        driver.interrupted();
        driver.rung();
        driver.interrupted();
        open(successor);
        auto& next = clients.alive[successor];
        while (next.receive()) {
        }
        device.sent.clear();
        const Bytes frame = garbage(100);
        REQUIRE(next.send(frame));
        driver.rung();
        CHECK(device.sent.back() == frame);
        REQUIRE(device.arrive(frame));
        driver.interrupted();
        CHECK(next.receive() == frame);
    }

    std::mt19937_64 random{20261123};
    FakeDevice device;
    FakeClients clients;
    Controller controller{device, device};
    Driver::Statistics statistics{};
    Driver driver{device, controller, device.memory(), clients, statistics};
};

} // namespace

TEST_CASE_METHOD(Machine, "ten thousand random frames from the wire") {
    auto& client = clients.alive[netmgmt];
    std::deque<Bytes> expected;
    for (int i = 0; i < 10'000; ++i) {
        Bytes frame = garbage(number(1700));
        const bool valid = valid_length(static_cast<std::uint32_t>(frame.size()));
        if (device.arrive(frame) && valid) expected.push_back(std::move(frame));
        if (number(8) != 0) event();
        if (number(10) != 0) continue;
        while (const auto received = client.receive()) {
            REQUIRE(!expected.empty());
            REQUIRE(*received == expected.front());
            expected.pop_front();
        }
    }
    CHECK(driver.client() == netmgmt);
    check_recovery();
}

TEST_CASE_METHOD(Machine, "a client that writes anything into its rings") {
    EthernetRings& memory = *clients.alive[netmgmt].rings;
    const std::array<std::uint32_t*, 4> indices{&memory.receive.produced, &memory.receive.consumed,
                                                &memory.transmit.produced, &memory.transmit.consumed};
    for (int i = 0; i < 20'000; ++i) {
        std::uint32_t& index = *indices[number(4)];
        switch (number(5)) {
        case 0:
            index = static_cast<std::uint32_t>(random());
            break;
        case 1:
            index += number(200);
            break;
        case 2:
            index -= number(3);
            break;
        case 3:
            memory.transmit.frames[number(ring_slots)].bytes = number(1600);
            break;
        default:
            memory.transmit.frames[number(ring_slots)].bytes = static_cast<std::uint32_t>(random());
            break;
        }
        (void)device.arrive(garbage(60));
        event();
        device.slow = number(4) == 0;
        if (!device.slow) device.transmit();
        for (const Bytes& frame : device.sent) REQUIRE(valid_length(static_cast<std::uint32_t>(frame.size())));
        device.sent.clear();
        REQUIRE(driver.client() == netmgmt);
    }
    device.slow = false;
    device.transmit();
    check_recovery();
}

TEST_CASE_METHOD(Machine, "a client that dies and comes back at any copy") {
    for (int i = 0; i < 5'000; ++i) {
        clients.copies = 0;
        clients.fail_after = number(12);
        (void)clients.alive[netmgmt].send(garbage(60 + number(1400)));
        (void)device.arrive(garbage(60));
        event();
        clients.fail_after = ~std::size_t{0};
        *clients.alive[netmgmt].rings = {};
        if (number(2) == 0) open(netmgmt);
    }
    check_recovery();
}

TEST_CASE_METHOD(Machine, "a device that writes anything into its receive descriptors") {
    auto& client = clients.alive[netmgmt];
    for (int i = 0; i < 20'000; ++i) {
        auto& descriptor = device.area->receive[number(ring_descriptors)];
        switch (number(6)) {
        case 0:
            descriptor.bytes = static_cast<std::uint16_t>(random());
            break;
        case 1:
            descriptor.status = static_cast<std::uint8_t>(random());
            break;
        case 2:
            descriptor.errors = static_cast<std::uint8_t>(random());
            break;
        case 3:
            device.area->transmit[number(ring_descriptors)].status = static_cast<std::uint8_t>(random());
            break;
        default:
            (void)device.arrive(garbage(number(1600)), static_cast<std::uint16_t>(random()),
                                static_cast<std::uint8_t>(random()), number(4) == 0 ? 1 : 0);
        }
        driver.interrupted();
        (void)client.send(garbage(60));
        driver.rung();
        while (const auto received = client.receive())
            REQUIRE(valid_length(static_cast<std::uint32_t>(received->size())));
    }
    CHECK(driver.client() == netmgmt);
}
