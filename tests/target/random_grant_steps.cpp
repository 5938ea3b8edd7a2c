// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_steps.h"
#include <algorithm>

namespace tessera::target::random {

namespace {

constexpr std::size_t grants_limit = 24;

GrantRights some_rights(Stage& stage) {
    constexpr GrantRights both = GrantRights::read | GrantRights::write;
    constexpr std::array choice{both | GrantRights::map,
                                both | GrantRights::map,
                                both | GrantRights::map,
                                GrantRights::read | GrantRights::map,
                                both,
                                GrantRights::read,
                                GrantRights::write};
    return stage.chance().one_of(choice);
}

// Services get more, as they can pass it on.
Endpoint some_grantee(Stage& stage) {
    if (stage.chance().one_in(8)) return endpoints::any;
    return stage.model().endpoint(stage.chance().one_in(3) ? stage.any_of(services) : stage.anybody());
}

bool is_room(Stage& stage) { return stage.model().grants().size() < grants_limit; }

void made(Stage& stage, GrantTerms terms, Player grantor, const Result<PassOn::Reply>& reply) {
    stage.agree(reply.status(), Status::ok);
    terms.id = {stage.model().endpoint(grantor), reply->grant};
    stage.granted(terms);
}

} // namespace

void grant_own_memory(Stage& stage) {
    if (!is_room(stage)) return drop_grant(stage);
    const Player grantor = stage.any_of(services);
    const GrantTerms terms{.kind = GrantKind::direct,
                           .rights = some_rights(stage),
                           .grantee = some_grantee(stage),
                           .pages = stage.some_pages()};
    made(stage, terms, grantor,
         stage.call<PassOn>(grantor, {.grantee = terms.grantee,
                                      .grantor = endpoints::none,
                                      .grant = {},
                                      .rights = terms.rights,
                                      .offset = address_of_page(terms.pages.first).value,
                                      .bytes = terms.pages.count * page_bytes}));
}

// Mostly by who was given it; but user processes grant nothing.
void grant_further(Stage& stage) {
    if (!is_room(stage)) return drop_grant(stage);
    const GrantTerms* const before = stage.some_grant_to_pass_on();
    if (before == nullptr) return grant_own_memory(stage);
    const Player grantor = stage.some_user_of(*before);
    if (!is_service(grantor)) return map(stage);
    const GrantTerms terms{.kind = GrantKind::indirect,
                           .rights = stage.chance().one_in(4) ? some_rights(stage) : before->rights,
                           .grantee = some_grantee(stage),
                           .previous = before->id,
                           .pages = stage.some_part_of(*before)};
    made(stage, terms, grantor,
         stage.call<PassOn>(grantor, {.grantee = terms.grantee,
                                      .grantor = terms.previous.grantor,
                                      .grant = terms.previous.grant,
                                      .rights = terms.rights,
                                      .offset = terms.pages.first * page_bytes,
                                      .bytes = terms.pages.count * page_bytes}));
}

// Mostly by the one that may.
void grant_memory_of_user(Stage& stage) {
    if (!is_room(stage)) return drop_grant(stage);
    const Player grantor = stage.chance().one_in(8) ? stage.any_of(services) : magician;
    const GrantTerms terms{.kind = GrantKind::magic,
                           .rights = some_rights(stage),
                           .grantee = some_grantee(stage),
                           .process = stage.model().endpoint(stage.any_of(users)),
                           .pages = stage.some_pages()};
    made(stage, terms, grantor,
         stage.call<GrantMagic>(grantor, {.grantee = terms.grantee,
                                          .process = terms.process,
                                          .address = address_of_page(terms.pages.first),
                                          .bytes = terms.pages.count * page_bytes,
                                          .rights = terms.rights}));
}

namespace {

Player grantor_of(Stage& stage, const GrantTerms& grant) {
    return *std::ranges::find(services, grant.id.grantor,
                              [&](Player player) { return stage.model().endpoint(player); });
}

} // namespace

void drop_grant(Stage& stage) {
    const GrantTerms* const grant = stage.some_grant_to_drop();
    if (grant == nullptr) return;
    const auto dropped = stage.call<DropGrant>(grantor_of(stage, *grant), {grant->id.grant});
    stage.agree(dropped.status(), Status::ok);
    stage.drop(*grant);
}

void revoke_maps(Stage& stage) {
    const auto& grants = stage.model().grants();
    if (grants.empty()) return;
    const GrantTerms* const grant = &stage.chance().one_of(grants);
    const auto revoked = require_value(stage.call<RevokeMaps>(grantor_of(stage, *grant), {grant->id.grant}));
    stage.agree(revoked.status, Status::ok);
    require_equal(revoked.ended, stage.model().revoke(grant->id), stage.where("maps ended"));
}

void revoke_range(Stage& stage) {
    const Player owner = stage.anybody();
    const PageRange range = stage.some_pages();
    const auto revoked = require_value(
        stage.call<RevokeRange>(owner, {.address = address_of_page(range.first), .bytes = range.count * page_bytes}));
    stage.agree(revoked.status, Status::ok);
    require_equal(revoked.ended, stage.model().revoke_range(owner, range), stage.where("maps ended"));
}

void map(Stage& stage) {
    const Protection protection = stage.some_protection();
    const GrantTerms* const grant = stage.some_grant(rights_to_map(protection));
    if (grant == nullptr) return;
    const PageRange part = stage.some_part_of(*grant);
    const Model::MapRequest request{.grantee = stage.some_user_of(*grant),
                                    .grant = grant->id,
                                    .pages = part,
                                    .to = stage.chance().below(pages_of_each - part.count + 1),
                                    .protection = protection};
    const auto mapped = require_value(stage.call<MapGrant>(request.grantee, {.grantor = request.grant.grantor,
                                                                             .grant = request.grant.grant,
                                                                             .offset = part.first * page_bytes,
                                                                             .bytes = part.count * page_bytes,
                                                                             .address = address_of_page(request.to),
                                                                             .protection = request.protection}));
    stage.agree(mapped.status, stage.model().safemap(request));
}

void unmap(Stage& stage) {
    Player grantee = stage.anybody();
    std::uint64_t page = stage.chance().below(pages_of_each);
    const auto& maps = stage.model().maps();
    if (!maps.empty() && !stage.chance().one_in(8)) {
        const MapRecord& chosen = stage.chance().one_of(maps);
        grantee = chosen.grantee;
        page = chosen.to.first;
    }
    const auto unmapped = require_value(
        stage.call<UnmapGrant>(grantee, {.address = address_of_page(page), .bytes = 0, .how = Unmapping::safeunmap}));
    stage.agree(unmapped.status, stage.model().safeunmap(grantee, page));
}

} // namespace tessera::target::random
