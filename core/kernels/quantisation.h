#pragma once

namespace lathe {

/// How frozen matrices are kept in memory.
enum class Quantisation { None, Nf4, Int8 };

/// What of a model is kept in codes. A quantisation alone is one of the projections.
struct BaseQuantisation {
    BaseQuantisation(Quantisation ofProjections = Quantisation::None,
                     Quantisation ofTokens = Quantisation::None)
        : projections(ofProjections), tokens(ofTokens) {}

    Quantisation projections; ///< of the blocks
    Quantisation tokens;      ///< the table of tokens, and a head of its own over them: None or Int8

    bool operator==(const BaseQuantisation&) const = default;
    [[nodiscard]] bool isNone() const {
        return projections == Quantisation::None && tokens == Quantisation::None;
    }
};

} // namespace lathe
