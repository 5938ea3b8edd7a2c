// SPDX-License-Identifier: BSD-3-Clause
// Where a verb writes: results on one side, words about them on the other.
#pragma once

#include <string>
#include <string_view>

namespace tessera::tess {

/// What a piece of text means; the terminal decides on a colour.
enum class Tone { plain, heading, good, warning, bad, quiet };

enum class Colours { no, yes };

class Output {
public:
    virtual ~Output() = default;
    /// The result, for the user or the next program in the pipe.
    virtual void write(std::string_view text) = 0;
    /// Progress and reasons, for the user only.
    virtual void note(std::string_view text) = 0;

    void set_colours(Colours colours) { colours_ = colours; }
    /// `text` with the colour of its tone, or unchanged when colours are off.
    [[nodiscard]] std::string toned(std::string_view text, Tone tone) const;

private:
    Colours colours_ = Colours::no;
};

/// Standard output and standard error. Throws std::runtime_error when the result cannot be written (disk full).
class StandardOutput final : public Output {
public:
    void write(std::string_view text) override;
    void note(std::string_view text) override;

    /// Colours belong on a terminal, unless the user set NO_COLOR (no-color.org).
    [[nodiscard]] static Colours suitable_colours();
};

} // namespace tessera::tess
