#include "resources/examples/generator/scene.h"

#include "core/base/contract.h"

#include <vector>

namespace lathe::examples {
namespace {

/// Categories below this size are closed sets (days, colours), of which nothing is held out.
constexpr std::size_t kOpenCategory = 18;
constexpr std::size_t kHeldOutEvery = 5;
constexpr int kDrawAttempts = 40;

std::string inForm(const Word& word, std::string_view form) {
    const bool isFemale = word.forms.size() > 1 && word.forms[1] == "f";
    if (form.empty())
        return word.text();
    if (form == "a" || form == "A") {
        const std::string article = word.takesArticle ? std::string(articleFor(word.text())) + " " : "";
        return form == "A" ? capitalised(article + word.text()) : article + word.text();
    }
    if (form == "cap")
        return capitalised(word.text());
    if (form == "s" || form == "word") {
        LATHE_EXPECT(word.forms.size() > 1);
        return word.forms[1];
    }
    if (form == "he" || form == "He")
        return form == "he" ? (isFemale ? "she" : "he") : (isFemale ? "She" : "He");
    if (form == "his" || form == "His")
        return form == "his" ? (isFemale ? "her" : "his") : (isFemale ? "Her" : "His");
    LATHE_EXPECT(form == "him");
    return isFemale ? "her" : "him";
}

/// The options of a choice that begins behind its bracket; `position` ends behind the closing one.
std::vector<std::string_view> optionsOf(std::string_view text, std::size_t& position) {
    std::vector<std::string_view> options;
    int depth = 0;
    std::size_t begin = position;
    for (; position < text.size(); ++position) {
        const char sign = text[position];
        if (depth == 0 && (sign == '|' || sign == ']')) {
            options.push_back(text.substr(begin, position - begin));
            begin = position + 1;
            if (sign == ']') {
                ++position;
                return options;
            }
        }
        depth += sign == '[' ? 1 : sign == ']' ? -1 : 0;
    }
    LATHE_EXPECT(!"a choice is not closed");
    return options;
}

} // namespace

Scene::Scene(const Lexicon& lexicon, Rng& rng, Part part) : m_lexicon(lexicon), m_rng(rng), m_part(part) {}

std::size_t Scene::pick(std::size_t count) {
    return static_cast<std::size_t>(m_rng.integer(0, static_cast<std::int64_t>(count) - 1));
}

std::string Scene::expand(std::string_view text) {
    std::string result;
    for (std::size_t position = 0; position < text.size();) {
        const char sign = text[position++];
        if (sign == '[') {
            result += expandChoice(text, position);
        } else if (sign == '{') {
            const std::size_t end = text.find('}', position);
            LATHE_EXPECT(end != std::string_view::npos);
            result += expandSlot(text.substr(position, end - position));
            position = end + 1;
        } else {
            result += sign;
        }
    }
    return result;
}

std::string Scene::expandOneOf(std::span<const std::string_view> templates) {
    return expand(templates[pick(templates.size())]);
}

std::string Scene::expandChoice(std::string_view text, std::size_t& position) {
    const std::vector<std::string_view> options = optionsOf(text, position);
    return expand(options[pick(options.size())]);
}

std::string Scene::expandSlot(std::string_view slot) {
    const std::size_t dot = slot.find('.');
    const std::string_view form = dot == std::string_view::npos ? "" : slot.substr(dot + 1);
    const std::string_view head = slot.substr(0, dot);
    const std::size_t colon = head.find(':');
    const std::string_view name = head.substr(0, colon);
    if (colon == std::string_view::npos || isBound(name))
        return inForm(word(name), form);
    const Word& drawn = draw(head.substr(colon + 1));
    if (!name.empty())
        bind(name, drawn);
    return inForm(drawn, form);
}

bool Scene::mayDraw(std::string_view category, std::size_t index, bool preferHeldOut) const {
    if (m_part == Part::All || m_lexicon.category(category).size() < kOpenCategory)
        return true;
    const bool isHeldOut = index % kHeldOutEvery == kHeldOutEvery - 1;
    return m_part == Part::Train ? !isHeldOut : (isHeldOut || !preferHeldOut);
}

const Word& Scene::draw(std::string_view category) {
    const std::vector<Word>& words = m_lexicon.category(category);
    const bool preferHeldOut = chance(0.5);
    std::size_t index = pick(words.size());
    for (int attempt = 0; attempt < kDrawAttempts || !mayDraw(category, index, false); ++attempt) {
        if (mayDraw(category, index, preferHeldOut && attempt < kDrawAttempts / 2) &&
            !m_used.contains(words[index].text()))
            break;
        index = pick(words.size());
    }
    m_used.insert(words[index].text());
    return words[index];
}

void Scene::bind(std::string_view name, Word word) {
    m_names.insert_or_assign(std::string(name), std::move(word));
}

void Scene::bindNumber(std::string_view name, int number) {
    bind(name, Word{{std::to_string(number), numberWord(number)}});
}

bool Scene::isBound(std::string_view name) const { return m_names.find(name) != m_names.end(); }

const Word& Scene::word(std::string_view name) const {
    const auto found = m_names.find(name);
    LATHE_EXPECT(found != m_names.end());
    return found->second;
}

} // namespace lathe::examples
