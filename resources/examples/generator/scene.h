#pragma once

#include "core/base/random.h"
#include "resources/examples/generator/lexicon.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace lathe::examples {

/// Which words may be drawn. In the large categories every fifth word is held out: the training rows of the
/// data sets never use it, the test rows prefer it.
enum class Part { All, Train, Test };

/// Expands templates into text and remembers who and what was named.
///
/// In a template, [one|two] is a choice, which may nest. {A:person} draws a word of the category and calls it
/// A; {A} says it again; {:thing} draws without a name. A word is not drawn twice in one scene. After a dot
/// comes the form: {T:thing.a} with article, .A the same capitalised, .s plural, .cap capitalised, .he .his
/// .him .He .His for people, .word for numbers.
class Scene {
public:
    Scene(const Lexicon& lexicon, Rng& rng, Part part = Part::All);

    [[nodiscard]] std::string expand(std::string_view text);
    /// Expands one of the templates.
    [[nodiscard]] std::string expandOneOf(std::span<const std::string_view> templates);

    void bind(std::string_view name, Word word);
    void bindNumber(std::string_view name, int number);
    [[nodiscard]] const Word& word(std::string_view name) const;
    [[nodiscard]] bool isBound(std::string_view name) const;
    /// Forgets the names, but not which words were used.
    void forgetNames() { m_names.clear(); }

    [[nodiscard]] Rng& rng() { return m_rng; }
    [[nodiscard]] Part part() const { return m_part; }
    [[nodiscard]] std::size_t pick(std::size_t count);
    [[nodiscard]] bool chance(double probability) { return m_rng.uniform() < probability; }

private:
    std::string expandChoice(std::string_view text, std::size_t& position);
    std::string expandSlot(std::string_view slot);
    const Word& draw(std::string_view category);
    bool mayDraw(std::string_view category, std::size_t index, bool preferHeldOut) const;

    const Lexicon& m_lexicon;
    Rng& m_rng;
    Part m_part;
    std::map<std::string, Word, std::less<>> m_names;
    std::set<std::string, std::less<>> m_used;
};

} // namespace lathe::examples
