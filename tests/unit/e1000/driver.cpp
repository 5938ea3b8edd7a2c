// SPDX-License-Identifier: BSD-3-Clause
// Frames in both directions, between a model of the device and models of clients.

#include "servers/drivers/e1000/driver.h"
#include "tests/unit/e1000/fake_client.h"
#include "tests/unit/e1000/fake_device.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::e1000;
using test::Bytes;
using test::FakeClients;
using test::FakeDevice;

namespace {

const Endpoint netmgmt{9, 1};
const Endpoint other{10, 1};
constexpr GrantId rings{1, 1};

// A frame whose bytes tell its number and length.
Bytes frame_of(std::size_t size, std::uint32_t number) {
    Bytes frame(size);
    for (std::size_t i = 0; i < size; ++i) frame[i] = static_cast<std::uint8_t>(number + i * 7);
    return frame;
}

struct Machine {
    Machine() { start(); }
    // A new incarnation of the driver over the same device, memory and clients.
    void start() {
        driver.reset();
        driver.emplace(device, controller, device.memory(), clients, statistics);
        REQUIRE(driver->start().has_value());
    }
    test::FakeRings& open(Endpoint client = netmgmt) {
        auto& added = clients.add(client);
        REQUIRE(driver->open({.client = client, .rings = rings}).has_value());
        return added;
    }
    void interrupt() {
        if (device.interrupts()) driver->interrupted();
    }

    FakeDevice device;
    FakeClients clients;
    Controller controller{device, device};
    Driver::Statistics statistics{};
    std::optional<Driver> driver;
};

} // namespace

TEST_CASE_METHOD(Machine, "frames from the wire reach the client, in order, round the ring") {
    auto& client = open();
    for (std::uint32_t i = 0; i < 300; ++i) {
        const Bytes frame = frame_of(14 + i * 5 % 1505, i);
        REQUIRE(device.arrive(frame));
        interrupt();
        REQUIRE(client.receive() == frame);
        REQUIRE(!client.receive());
    }
    CHECK(driver->statistics().received == 300);
    CHECK(driver->statistics().interrupts == 300);
    CHECK(driver->statistics().errors + driver->statistics().dropped == 0);
}

TEST_CASE_METHOD(Machine, "one interrupt brings a batch, for which the client is told once") {
    auto& client = open();
    for (std::uint32_t i = 0; i < 20; ++i) REQUIRE(device.arrive(frame_of(60, i)));
    clients.copies = 0;
    interrupt();
    CHECK(clients.notified[netmgmt] == 1);
    CHECK(clients.copies == 20 + 1); // a copy a frame, and the index
    for (std::uint32_t i = 0; i < 20; ++i) REQUIRE(client.receive() == frame_of(60, i));
    CHECK(device.free_receive_buffers() == ring_descriptors - 1);
    CHECK(!device.interrupts());
}

TEST_CASE_METHOD(Machine, "frames of every length leave as they are") {
    auto& client = open();
    for (std::uint32_t size = header_bytes; size <= protocol::ethernet::frame_limit; ++size) {
        REQUIRE(client.send(frame_of(size, size)));
        driver->rung();
        REQUIRE(device.sent.back() == frame_of(size, size));
    }
    CHECK(driver->statistics().transmitted == protocol::ethernet::frame_limit - header_bytes + 1);
    CHECK(driver->statistics().errors == 0);
}

TEST_CASE_METHOD(Machine, "a short frame costs one copy, a long one two, beside the indices") {
    auto& client = open();
    client.send(frame_of(60, 1));
    clients.copies = 0;
    driver->rung();
    CHECK(clients.copies == 4);
    client.send(frame_of(1514, 1));
    clients.copies = 0;
    driver->rung();
    CHECK(clients.copies == 5);
}

TEST_CASE_METHOD(Machine, "frames of an impossible length are skipped and counted") {
    auto& client = open();
    for (const std::uint32_t bad : {0u, 13u, 1519u, 1532u, 0xffff'ffffu}) {
        client.send(frame_of(60, bad));
        auto& ring = client.rings->transmit;
        ring.frames[(ring.produced - 1) % ring_slots].bytes = bad;
    }
    client.send(frame_of(60, 6));
    driver->rung();
    CHECK(device.sent.size() == 1);
    CHECK(device.sent[0] == frame_of(60, 6));
    CHECK(driver->statistics().errors == 5);
    CHECK(client.rings->transmit.consumed == 6);
}

TEST_CASE_METHOD(Machine, "what the device reports as bad or torn does not reach the client") {
    auto& client = open();
    const Bytes data = frame_of(100, 1);
    device.arrive(data, 100, 0, 1);                             // CRC error
    device.arrive(data, 13, 0, 0);                              // too short
    device.arrive(data, 1519, 0, 0);                            // too long
    device.arrive(data, 0xffff, 0, 0);                          // nonsense
    device.arrive(data, 100, receive_status::end_of_packet, 0); // first piece of a long frame
    device.arrive(data, 100, receive_status::end_of_packet, 0); // second
    device.arrive(data);                                        // its end, which alone looks whole
    const Bytes good = frame_of(64, 2);
    device.arrive(good);
    interrupt();
    CHECK(client.receive() == good);
    CHECK(!client.receive());
    CHECK(driver->statistics().errors == 7);
    CHECK(device.free_receive_buffers() == ring_descriptors - 1);
}

TEST_CASE_METHOD(Machine, "a client that is slow finds the frames in the device's ring when it has room") {
    auto& client = open();
    const std::uint32_t all = ring_slots + ring_descriptors - 1;
    for (std::uint32_t i = 0; i < all; ++i) {
        REQUIRE(device.arrive(frame_of(60, i)));
        interrupt();
    }
    CHECK(!device.arrive(frame_of(60, all))); // now the device drops
    for (std::uint32_t i = 0; i < ring_slots; ++i) REQUIRE(client.receive() == frame_of(60, i));
    driver->rung();
    for (std::uint32_t i = ring_slots; i < all; ++i) REQUIRE(client.receive() == frame_of(60, i));
    CHECK(!client.receive());
    CHECK(driver->statistics().received == all);
    CHECK(driver->statistics().dropped == 0);
}

TEST_CASE_METHOD(Machine, "without a client frames are dropped and counted") {
    for (std::uint32_t i = 0; i < 200; ++i) {
        REQUIRE(device.arrive(frame_of(60, i)));
        interrupt();
    }
    CHECK(driver->statistics().dropped == 200);
    CHECK(driver->statistics().received == 0);
}

TEST_CASE_METHOD(Machine, "a full transmit ring waits for the device's interrupt") {
    auto& client = open();
    device.slow = true;
    for (std::uint32_t i = 0; i < ring_slots; ++i) REQUIRE(client.send(frame_of(60, i)));
    driver->rung();
    CHECK(client.rings->transmit.consumed == ring_descriptors - 1);
    CHECK((device.mask() & interrupt::transmitted) != 0);
    CHECK(!device.interrupts());
    device.transmit();
    interrupt();
    CHECK(client.rings->transmit.consumed == ring_slots);
    CHECK((device.mask() & interrupt::transmitted) == 0);
    device.transmit();
    REQUIRE(device.sent.size() == ring_slots);
    for (std::uint32_t i = 0; i < ring_slots; ++i) CHECK(device.sent[i] == frame_of(60, i));
}

TEST_CASE_METHOD(Machine, "the client is told of sent frames only when it may wait for room") {
    auto& client = open();
    client.send(frame_of(60, 0));
    driver->rung();
    CHECK(clients.notified[netmgmt] == 0);
    for (std::uint32_t i = 0; i < ring_slots; ++i) REQUIRE(client.send(frame_of(60, i)));
    CHECK(!client.send(frame_of(60, 99)));
    driver->rung();
    CHECK(clients.notified[netmgmt] == 1);
    CHECK(client.send(frame_of(60, 99)));
}

TEST_CASE_METHOD(Machine, "a second client waits until the first is dead") {
    open(netmgmt);
    clients.add(other);
    CHECK(driver->open({.client = other, .rings = rings}).status() == Status::busy);
    CHECK(driver->client() == netmgmt);
    clients.alive.erase(netmgmt);
    CHECK(driver->open({.client = other, .rings = rings}).has_value());
    CHECK(driver->client() == other);
}

TEST_CASE_METHOD(Machine, "a client may open again, also with other rings") {
    open();
    CHECK(driver->open({.client = netmgmt, .rings = rings}).has_value());
    CHECK(driver->open({.client = netmgmt, .rings = GrantId(2, 1)}).status() == Status::not_permitted);
    CHECK(driver->client() == netmgmt);
}

TEST_CASE_METHOD(Machine, "a bad grant is the caller's error") {
    clients.add(netmgmt);
    CHECK(driver->open({.client = netmgmt, .rings = GrantId()}).status() == Status::not_permitted);
    CHECK(driver->open({.client = other, .rings = rings}).status() == Status::dead_endpoint);
    CHECK(driver->client() == endpoints::none);
}

TEST_CASE_METHOD(Machine, "a client that dies is noticed, and the next one is served") {
    open();
    clients.alive.erase(netmgmt);
    device.arrive(frame_of(60, 1));
    interrupt();
    CHECK(driver->client() == endpoints::none);
    CHECK(driver->statistics().dropped == 1);
    auto& next = open(other);
    device.arrive(frame_of(60, 2));
    interrupt();
    CHECK(next.receive() == frame_of(60, 2));
}

TEST_CASE_METHOD(Machine, "a copy that fails at any place loses the client and nothing else") {
    for (std::size_t copies = 0; copies < 12; ++copies) {
        auto& client = open();
        client.send(frame_of(200, 1));
        client.send(frame_of(200, 2));
        device.arrive(frame_of(200, 3));
        clients.copies = 0;
        clients.fail_after = copies;
        interrupt();
        driver->rung();
        clients.fail_after = ~std::size_t{0};
        if (copies < 9) CHECK(driver->client() == endpoints::none);
        clients.alive.erase(netmgmt);
        auto& next = open(other);
        REQUIRE(next.send(frame_of(60, 5)));
        driver->rung();
        CHECK(device.sent.back() == frame_of(60, 5));
        clients.alive.erase(other);
        driver->rung();
    }
}

TEST_CASE_METHOD(Machine, "a restarted driver goes on where its predecessor stopped") {
    auto& client = open();
    for (std::uint32_t i = 0; i < 10; ++i) device.arrive(frame_of(60, i));
    interrupt();
    CHECK(client.receive() == frame_of(60, 0));
    client.send(frame_of(60, 100));  // the driver dies before it sees the doorbell
    device.arrive(frame_of(60, 50)); // lost: it was in the dead driver's ring
    start();
    CHECK(driver->client() == endpoints::none);
    open();
    for (std::uint32_t i = 1; i < 10; ++i) CHECK(client.receive() == frame_of(60, i));
    CHECK(!client.receive());
    REQUIRE(device.sent.size() == 1);
    CHECK(device.sent[0] == frame_of(60, 100));
    device.arrive(frame_of(60, 11));
    interrupt();
    CHECK(client.receive() == frame_of(60, 11));
}

TEST_CASE_METHOD(Machine, "a restart with a transmit ring in flight sends nothing of it twice") {
    auto& client = open();
    device.slow = true;
    for (std::uint32_t i = 0; i < 5; ++i) client.send(frame_of(60, i));
    driver->rung();
    start();
    device.transmit();
    CHECK(device.sent.empty());
}

TEST_CASE_METHOD(Machine, "the link's state is read at its interrupt") {
    CHECK(driver->link_up());
    device.set_link(false);
    CHECK(driver->link_up());
    interrupt();
    CHECK(!driver->link_up());
    CHECK(driver->statistics().link_up == 0);
    device.set_link(true);
    interrupt();
    CHECK(driver->link_up());
}

TEST_CASE_METHOD(Machine, "an interrupt of another device on the line does no harm") {
    open();
    driver->interrupted();
    CHECK(driver->statistics().interrupts == 1);
    CHECK(clients.notified[netmgmt] == 0);
}
