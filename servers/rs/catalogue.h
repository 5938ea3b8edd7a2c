// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The services that the boot archive describes.

#include "boot/archive.h"
#include "servers/rs/machine.h"
#include "servers/rs/service.h"
#include <functional>
#include <string_view>
#include <vector>

namespace tessera::rs {

using FindDevice = std::function<std::optional<PciDevice>(const std::vector<configuration::PciId>&)>;

// Adds every service that has a NAME.conf in the archive, in the order of importance. A broken file is logged, and its
// service is in the table as `failed`; the others are as if nothing was wrong.
void add_services(const boot::Archive& archive, const FindDevice& find_device, Machine& machine,
                  ServiceTable& services);

// The labels behind `start=` in the boot command line: "start=bench,target_tests".
std::vector<std::string_view> requested_services(std::string_view command_line);

} // namespace tessera::rs
