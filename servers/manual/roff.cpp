// SPDX-License-Identifier: BSD-3-Clause
// Pages with the man macros: groff_man(7).

#include "servers/manual/page.h"
#include <format>

namespace tessera::manual {

namespace {

// A line of text that groff takes as it is: no escape, no request, no hyphen where a minus is meant.
std::string escaped(std::string_view text) {
    std::string out;
    if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
    for (const char character : text) {
        if (character == '\\')
            out += "\\e";
        else if (character == '-')
            out += "\\-";
        else if (character == '\'')
            out += "\\(aq";
        else
            out += character;
    }
    return out;
}

// Prose: a hyphen is a hyphen.
std::string prose(std::string_view text) {
    std::string out;
    for (const char character : escaped(text)) {
        if (character == '-' && out.ends_with('\\')) out.pop_back();
        out += character;
    }
    return out;
}

std::string heading(std::string_view title) { return std::format(".SH {}\n", title); }

void add_paragraphs(std::string& out, const std::vector<std::string>& paragraphs) {
    for (std::size_t i = 0; i < paragraphs.size(); ++i)
        out += std::format("{}{}\n", i == 0 ? "" : ".PP\n", prose(paragraphs[i]));
}

void add_fields(std::string& out, std::string_view title, const std::vector<Field>& fields) {
    if (fields.empty()) return;
    out += std::format(".SS {}\n", title);
    for (const Field& field : fields)
        out +=
            std::format(".TP\n.BI \"{} \" {}\n{}.\n", escaped(field.type), escaped(field.name), prose(field.meaning));
}

} // namespace

std::string as_roff(const Page& page) {
    std::string out = std::format(".\\\" Made from the table of kernel calls: do not edit.\n"
                                  ".TH {} {} \"\" \"Tessera\" \"Tessera kernel calls\"\n"
                                  ".nh\n.ad l\n", // no word is broken, as most of them are names
                                  escaped(page.name), section);
    std::string_view summary = page.summary;
    summary.remove_suffix(1); // whatis(1) wants no full stop
    out += heading("NAME") + std::format("{} \\- {}\n", escaped(page.name), prose(summary));
    out += heading("SYNOPSIS") + ".EX\n";
    for (const std::string& line : page.synopsis) out += escaped(line) + "\n";
    out += ".EE\n" + heading("DESCRIPTION");
    add_paragraphs(out, page.description);
    if (!page.request.empty() || !page.reply.empty()) out += heading("FIELDS");
    add_fields(out, "Request", page.request);
    add_fields(out, "Reply", page.reply);
    out += heading("ERRORS");
    for (const CallError& error : page.errors)
        out += std::format(".TP\n.B {}\n{}.\n", status_name(error.status), prose(error.when));
    out += heading("PRIVILEGE") + prose(page.privilege) + "\n" + heading("SEE ALSO");
    for (const std::string_view name : page.see_also)
        out += std::format(".BR {} ({}){}\n", escaped(name), section, name == page.see_also.back() ? "" : ",");
    return out;
}

} // namespace tessera::manual
