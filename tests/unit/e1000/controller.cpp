// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/controller.h"
#include "tests/unit/e1000/fake_device.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::e1000;
using test::FakeDevice;

TEST_CASE("a reset stops a device that a predecessor left running") {
    for (const bool keeps : {true, false}) {
        FakeDevice device;
        device.reset_keeps_registers = keeps;
        device.set(Register::receive_control, receive_control::enable);
        device.set(Register::transmit_control, transmit_control::enable);
        device.write(Register::interrupt_mask_set, interrupt::all);
        Controller controller(device, device);
        CHECK(controller.reset().has_value());
        CHECK(!device.receiving());
        CHECK(!device.transmitting());
        CHECK(device.mask() == 0);
        CHECK(!device.interrupts());
    }
}

TEST_CASE("a device that hangs in its reset, or is not there, is an error in bounded time") {
    FakeDevice device;
    device.reset_hangs = true;
    CHECK(Controller(device, device).reset().status() == Status::timed_out);
    FakeDevice empty_bus;
    empty_bus.absent = true;
    CHECK(Controller(empty_bus, empty_bus).reset().status() == Status::no_device);
}

TEST_CASE("the address comes from the receive filter, as real devices and QEMU load it") {
    FakeDevice device;
    device.set(Register::receive_address_low, 0x1200'5452);
    device.set(Register::receive_address_high, address_valid | 0x5634);
    device.eeprom_hangs = true;
    CHECK(*Controller(device, device).load_address() == FakeDevice::mac);
}

TEST_CASE("the address comes from the EEPROM, as Bochs leaves the receive filter empty") {
    FakeDevice device;
    CHECK(*Controller(device, device).load_address() == FakeDevice::mac);
    CHECK(device.value(Register::receive_address_low) == 0x1200'5452);
    CHECK(device.value(Register::receive_address_high) == (address_valid | 0x5634));
}

TEST_CASE("an EEPROM that never answers or holds no station's address is an error") {
    FakeDevice device;
    device.eeprom_hangs = true;
    CHECK(Controller(device, device).load_address().status() == Status::timed_out);
    FakeDevice erased;
    erased.eeprom = {0xffff, 0xffff, 0xffff};
    CHECK(Controller(erased, erased).load_address().status() == Status::damaged);
    FakeDevice blank;
    blank.eeprom = {};
    CHECK(Controller(blank, blank).load_address().status() == Status::damaged);
    CHECK(blank.value(Register::receive_address_high) == 0);
}

TEST_CASE("a started device receives, transmits and interrupts") {
    FakeDevice device;
    Controller controller(device, device);
    REQUIRE(controller.reset().has_value());
    controller.start();
    CHECK(device.receiving());
    CHECK(device.transmitting());
    CHECK((device.mask() & interrupt::received) != 0);
    CHECK((device.mask() & interrupt::transmitted) == 0);
    CHECK(device.receive_control_writes == 2); // each one deafens QEMU's device for a second
    CHECK(controller.link_up());
}
