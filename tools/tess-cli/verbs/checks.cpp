// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/checks.h"

#include "tools/tess-cli/output/printable.h"

#include <algorithm>
#include <format>
#include <utility>

namespace tessera::tess {

namespace {

std::string_view word_for(Verdict verdict) {
    switch (verdict) {
    case Verdict::good:
        return "ok";
    case Verdict::warning:
        return "warning";
    case Verdict::bad:
        return "failed";
    }
    return "";
}

Tone tone_of_verdict(Verdict verdict) {
    switch (verdict) {
    case Verdict::good:
        return Tone::good;
    case Verdict::warning:
        return Tone::warning;
    case Verdict::bad:
        return Tone::bad;
    }
    return Tone::plain;
}

} // namespace

void Findings::good(std::string check, std::string detail) {
    findings_.push_back({Verdict::good, std::move(check), std::move(detail), ""});
}

void Findings::warning(std::string check, std::string detail, std::string advice) {
    findings_.push_back({Verdict::warning, std::move(check), std::move(detail), std::move(advice)});
}

void Findings::bad(std::string check, std::string detail, std::string advice) {
    findings_.push_back({Verdict::bad, std::move(check), std::move(detail), std::move(advice)});
}

std::size_t Findings::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count(findings_, verdict, &Finding::verdict));
}

std::string Findings::text(const Output& output) const {
    std::string result;
    for (const Finding& finding : findings_) {
        const auto word = word_for(finding.verdict);
        result += std::format("{}{:{}}{}: {}\n", output.toned(word, tone_of_verdict(finding.verdict)), "",
                              9 - word.size(), finding.check, printable(finding.detail));
        if (!finding.advice.empty()) result += std::format("         try: {}\n", printable(finding.advice));
    }
    result += std::format("\n{} ok, {} warnings, {} failed\n", count(Verdict::good), count(Verdict::warning),
                          count(Verdict::bad));
    return result;
}

Json Findings::document() const {
    Json checks = Json::array();
    for (const Finding& finding : findings_) {
        checks.push_back({{"check", finding.check},
                          {"verdict", word_for(finding.verdict)},
                          {"detail", finding.detail},
                          {"advice", finding.advice.empty() ? Json{} : Json(finding.advice)}});
    }
    return Json{{"checks", checks},
                {"ok", count(Verdict::good)},
                {"warnings", count(Verdict::warning)},
                {"failed", count(Verdict::bad)}};
}

} // namespace tessera::tess
