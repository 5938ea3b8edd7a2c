// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The part of the assistant that deals with memory: its own, what it was granted, and what it grants.

#include "servers/runtime/grants.h"
#include "servers/runtime/server.h"
#include "tests/target/assistant_memory_protocol.h"
#include <vector>

namespace tessera::target {

class AssistantMemory {
public:
    template <class Operation> using Outcome = runtime::Outcome<typename Operation::Reply>;

    Outcome<MapGrant> handle(MapGrant, const MapGrant::Request& request, Endpoint);
    Outcome<UnmapGrant> handle(UnmapGrant, const UnmapGrant::Request& request, Endpoint);
    Outcome<AccessWord> handle(AccessWord, const AccessWord::Request& request, Endpoint);
    Outcome<PassOn> handle(PassOn, const PassOn::Request& request, Endpoint);
    Outcome<GrantMagic> handle(GrantMagic, const GrantMagic::Request& request, Endpoint);
    Outcome<DropGrants> handle(DropGrants, const Nothing&, Endpoint);
    Outcome<MapMemory> handle(MapMemory, const MapMemory::Request& request, Endpoint);
    Outcome<FillPages> handle(FillPages, const FillPages::Request& request, Endpoint);
    Outcome<ComparePages> handle(ComparePages, const ComparePages::Request& request, Endpoint);
    Outcome<DropGrant> handle(DropGrant, const DropGrant::Request& request, Endpoint);
    Outcome<RevokeMaps> handle(RevokeMaps, const RevokeMaps::Request& request, Endpoint);
    Outcome<RevokeRange> handle(RevokeRange, const RevokeRange::Request& request, Endpoint);
    Outcome<CopyGrant> handle(CopyGrant, const CopyGrant::Request& request, Endpoint);
    Outcome<ReadEnds> handle(ReadEnds, const ReadEnds::Request& request, Endpoint);

private:
    Outcome<PassOn> keep(Result<runtime::Grant> grant);

    runtime::GrantTable table_;
    std::vector<runtime::Grant> grants_;
};

} // namespace tessera::target
