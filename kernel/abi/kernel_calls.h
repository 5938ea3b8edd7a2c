// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// All kernel calls with what they consist of, for those that go over the whole table.

#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/messages.h"
#include "kernel/abi/calls/observation.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/scheduling.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/kernel_call_table.h"
