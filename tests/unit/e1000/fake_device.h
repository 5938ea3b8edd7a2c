// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// An 82540EM as a model: registers, EEPROM, and DMA into a DmaArea. Whatever the driver gets wrong about addresses or
// about touching a device that runs throws.

#include "servers/drivers/e1000/controller.h"
#include "servers/drivers/e1000/dma_area.h"
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace tessera::e1000::test {

using Bytes = std::vector<std::uint8_t>;

class FakeDevice final : public Registers, public Clock {
public:
    static constexpr PhysicalAddress base{0x0123'4000};
    static constexpr MacAddress mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    FakeDevice() { values_[Register::status] = status::link_up; }

    DeviceMemory memory() { return {*area, base}; }

    std::uint32_t read(Register which) override {
        if (absent) return status::no_device;
        switch (which) {
        case Register::interrupt_cause:
            return std::exchange(causes_, 0);
        case Register::control:
            if (resetting_ && !reset_hangs && --reset_polls_ == 0) resetting_ = false;
            return values_[which] | (resetting_ ? control::reset : 0);
        case Register::eeprom_read:
            return read_eeprom();
        default:
            return values_[which];
        }
    }

    void write(Register which, std::uint32_t value) override {
        const bool receive_ring = which >= Register::receive_base_low && which <= Register::receive_head;
        const bool transmit_ring = which >= Register::transmit_base_low && which <= Register::transmit_head;
        if ((receive_ring && receiving()) || (transmit_ring && transmitting()))
            throw std::logic_error("a ring of a running device was moved");
        switch (which) {
        case Register::interrupt_mask_set:
            mask_ |= value;
            return;
        case Register::interrupt_mask_clear:
            mask_ &= ~value;
            return;
        case Register::control:
            return write_control(value);
        case Register::receive_control:
            ++receive_control_writes;
            break;
        default:
            break;
        }
        values_[which] = value;
        if (which == Register::transmit_tail && !slow) transmit();
    }

    Nanoseconds now() override { return {time_ += 500}; }

    // A frame comes from the wire. False: the device had no room for it.
    bool arrive(const Bytes& frame) { return arrive(frame, frame.size(), 0, 0); }

    // Any descriptor that a broken device might write.
    bool arrive(const Bytes& data, std::size_t length, std::uint8_t status_flip, std::uint8_t errors) {
        if (!receiving() || head_receive() == values_[Register::receive_tail]) return false;
        auto& descriptor = descriptor_at<ReceiveDescriptor>(Register::receive_base_low, head_receive());
        if (data.size() > receive_buffer_bytes) throw std::logic_error("the test's frame is too long for one buffer");
        std::ranges::copy(data, bytes_at(descriptor.buffer, receive_buffer_bytes));
        descriptor.bytes = static_cast<std::uint16_t>(length);
        descriptor.errors = errors;
        descriptor.status =
            static_cast<std::uint8_t>((receive_status::end_of_packet ^ status_flip) | receive_status::done);
        advance(Register::receive_head, Register::receive_ring_bytes);
        causes_ |= interrupt::received;
        return true;
    }

    // Sends what the driver has queued; by itself at once unless `slow`.
    void transmit() {
        while (transmitting() && values_[Register::transmit_head] != values_[Register::transmit_tail]) {
            auto& descriptor =
                descriptor_at<TransmitDescriptor>(Register::transmit_base_low, values_[Register::transmit_head]);
            const std::uint8_t* data = bytes_at(descriptor.buffer, descriptor.bytes);
            if ((descriptor.command & transmit_command::end_of_packet) == 0)
                throw std::logic_error("a frame in pieces");
            sent.emplace_back(data, data + descriptor.bytes);
            if ((descriptor.command & transmit_command::report_status) != 0) descriptor.status |= transmit_status::done;
            advance(Register::transmit_head, Register::transmit_ring_bytes);
            causes_ |= interrupt::transmitted;
        }
    }

    void set_link(bool up) {
        values_[Register::status] = up ? status::link_up : 0;
        causes_ |= interrupt::link_changed;
    }

    bool interrupts() const { return (causes_ & mask_) != 0; }
    bool receiving() const { return (value(Register::receive_control) & receive_control::enable) != 0; }
    bool transmitting() const { return (value(Register::transmit_control) & transmit_control::enable) != 0; }
    std::uint32_t value(Register which) const {
        const auto found = values_.find(which);
        return found != values_.end() ? found->second : 0;
    }
    void set(Register which, std::uint32_t value) { values_[which] = value; }
    std::uint32_t mask() const { return mask_; }
    std::uint32_t free_receive_buffers() const {
        return (value(Register::receive_tail) - value(Register::receive_head)) % ring_descriptors;
    }

    std::unique_ptr<DmaArea> area = std::make_unique<DmaArea>();
    std::deque<Bytes> sent;
    std::array<std::uint16_t, 3> eeprom{0x5452, 0x1200, 0x5634};
    bool absent = false;
    bool reset_hangs = false;
    bool eeprom_hangs = false;
    bool reset_keeps_registers = true; // as in QEMU and Bochs; a real device clears its control registers
    bool slow = false;                 // sends only when told
    int receive_control_writes = 0;

private:
    std::uint32_t head_receive() const { return value(Register::receive_head); }

    void write_control(std::uint32_t value) {
        values_[Register::control] = value & ~control::reset;
        if ((value & control::reset) == 0) return;
        if (receiving() || transmitting() || mask_ != 0) throw std::logic_error("reset before it was stopped");
        resetting_ = true;
        reset_polls_ = 5;
        causes_ = 0;
        if (!reset_keeps_registers) values_ = {{Register::status, status::link_up}};
    }

    std::uint32_t read_eeprom() {
        const std::uint32_t request = value(Register::eeprom_read);
        if ((request & eeprom_read::start) == 0 || eeprom_hangs) return request;
        const std::uint32_t word = request >> eeprom_read::word_shift & 0xff;
        return eeprom_read::done | std::uint32_t{eeprom.at(word)} << eeprom_read::data_shift;
    }

    std::uint8_t* bytes_at(std::uint64_t physical, std::size_t size) {
        if (physical < base.value || physical + size > base.value + sizeof(DmaArea))
            throw std::logic_error("DMA outside of the driver's memory");
        return reinterpret_cast<std::uint8_t*>(area.get()) + (physical - base.value);
    }

    template <class Descriptor> Descriptor& descriptor_at(Register ring, std::uint32_t index) {
        const std::uint64_t physical = value(ring) + std::uint64_t{index} * sizeof(Descriptor);
        return *reinterpret_cast<Descriptor*>(bytes_at(physical, sizeof(Descriptor)));
    }

    void advance(Register head, Register ring_bytes) {
        values_[head] = (values_[head] + 1) % (values_[ring_bytes] / 16);
    }

    std::map<Register, std::uint32_t> values_;
    std::uint32_t causes_ = 0;
    std::uint32_t mask_ = 0;
    bool resetting_ = false;
    int reset_polls_ = 0;
    std::uint64_t time_ = 0;
};

} // namespace tessera::e1000::test
