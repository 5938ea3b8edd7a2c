// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/kernel_call_checks.h"
#include "kernel/abi/primitives.h"
#include "servers/configuration/kernel_call_names.h"
#include "servers/manual/page.h"
#include "servers/manual/type_names.h"
#include <format>

namespace tessera::manual {

namespace {

struct Group {
    CallGroup group;
    std::string_view title;
};

constexpr std::array groups{
    Group{CallGroup::processes, "Processes"},       Group{CallGroup::messages, "Messages"},
    Group{CallGroup::signals, "Signals"},           Group{CallGroup::scheduling, "Scheduling"},
    Group{CallGroup::spaces, "Address spaces"},     Group{CallGroup::privileges, "Privileges"},
    Group{CallGroup::devices, "Devices"},           Group{CallGroup::grants, "Grants"},
    Group{CallGroup::time_and_log, "Time and log"}, Group{CallGroup::information, "Information"},
    Group{CallGroup::observation, "Observation"},
};

constexpr std::string_view restart_note =
    "The kernel accesses memory by address in this call. When a page is not there, the caller waits until VM has "
    "brought it, and the call is performed again from its start; what it does is seen at most once.";

template <class Tuple> std::vector<Field> fields_of(const Tuple& tuple) {
    std::vector<Field> fields;
    const auto add = [&]<class Owner, class Value>(const CallField<Owner, Value>& field) {
        fields.push_back({std::string(type_name<Value>()), field.name, field.meaning});
    };
    std::apply([&](const auto&... field) { (add(field), ...); }, tuple);
    return fields;
}

void add_struct(std::vector<std::string>& lines, std::string_view name, const std::vector<Field>& fields) {
    if (fields.empty()) return;
    lines.push_back(std::format("struct {} {{", name));
    for (const Field& field : fields) lines.push_back(std::format("    {} {};", field.type, field.name));
    lines.push_back("};");
}

template <class Call> std::vector<std::string> synopsis_of(const Page& page) {
    const std::string call = call_type<Call>();
    std::vector<std::string> lines{"#include \"servers/runtime/kernel.h\"", ""};
    add_struct(lines, "Request", page.request);
    add_struct(lines, "Reply", page.reply);
    const std::string_view reply = page.reply.empty() ? "NoReply" : "Reply";
    const std::string_view request = page.request.empty() ? "NoRequest" : "Request";
    lines.push_back(std::format("Result<{}> kernel_call<kernel_calls::{}>(const {}& request);", reply, call, request));
    return lines;
}

template <class Call> std::string privilege_of() {
    constexpr bool basic = (configuration::basic_kernel_calls & kernel_call_bits<Call>) != 0;
    return std::format(
        "Bit {} of the kernel-call mask. In a service's configuration file: \"kernel_calls\": [\"{}\"]{}",
        kernel_call_number<Call>, Call::name, basic ? ", or the group \"basic\", which has it." : ".");
}

template <class Call> Page page_of() {
    Page page{
        .name = Call::name, .summary = Call::summary, .synopsis = {}, .description = {std::string(Call::summary)}};
    if constexpr (requires { Call::description; }) page.description.emplace_back(Call::description);
    if constexpr (Call::memory == CallMemory::accessed) page.description.emplace_back(restart_note);
    page.request = fields_of(request_fields<Call>());
    page.reply = fields_of(reply_fields<Call>());
    page.synopsis = synopsis_of<Call>(page);
    page.errors.assign(Call::errors.begin(), Call::errors.end());
    if (Call::memory == CallMemory::accessed) page.errors.push_back(memory_error);
    page.errors.append_range(common_call_errors);
    page.privilege = privilege_of<Call>();
    return page;
}

Chapter chapter_of(const Group& group) {
    Chapter chapter{.title = group.title, .pages = {}};
    KernelCallTable::for_each([&]<class Call>() {
        if (Call::group == group.group) chapter.pages.push_back(page_of<Call>());
    });
    return chapter;
}

std::string_view prototype_of(Primitive primitive) {
    switch (primitive) {
    case Primitive::send:
        return "Completion send(Endpoint to, const Message& message);";
    case Primitive::receive:
        return "Result<Received> receive(Endpoint from = endpoints::any);";
    case Primitive::send_receive:
        return "Result<Message> send_receive(Endpoint to, const Message& message);";
    case Primitive::notify:
        return "Completion notify(Endpoint to);";
    case Primitive::send_nonblocking:
        return "Completion send_nonblocking(Endpoint to, const Message& message);";
    case Primitive::reply_receive:
        return "Result<Received> reply_receive(Endpoint to, const Message& message);";
    case Primitive::send_asynchronous:
        return "Completion send_asynchronous(Endpoint to, const Message& message);";
    case Primitive::kernel_call:
        break;
    }
    return {};
}

Page page_of(const PrimitiveDeclaration& declaration) {
    Page page{
        .name = declaration.name,
        .summary = declaration.summary,
        .synopsis = {"#include \"servers/runtime/kernel.h\"", "", std::string(prototype_of(declaration.primitive))},
        .description = {std::string(declaration.summary), std::string(declaration.description)}};
    page.errors.assign(declaration.errors.begin(), declaration.errors.end());
    page.errors.push_back(primitive_error);
    page.privilege = std::format("Bit {} of the primitive mask. Every service and every user process has it.",
                                 static_cast<unsigned>(declaration.primitive));
    return page;
}

Chapter primitives() {
    Chapter chapter{.title = "Message primitives", .pages = {}};
    for (const PrimitiveDeclaration& declaration : primitive_declarations)
        chapter.pages.push_back(page_of(declaration));
    return chapter;
}

// The rest of the chapter.
void link(Chapter& chapter) {
    for (Page& page : chapter.pages)
        for (const Page& other : chapter.pages)
            if (other.name != page.name) page.see_also.push_back(other.name);
}

} // namespace

std::vector<Chapter> all_chapters() {
    std::vector<Chapter> chapters{primitives()};
    for (const Group& group : groups) chapters.push_back(chapter_of(group));
    for (Chapter& chapter : chapters) link(chapter);
    return chapters;
}

} // namespace tessera::manual
