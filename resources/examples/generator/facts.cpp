#include "resources/examples/generator/facts.h"

#include <set>

namespace lathe::examples {
namespace {

constexpr double kSameKind = 0.45;
constexpr double kSamePerson = 0.3;

std::string_view chooseStatement(Scene& scene, const FactKind& kind) {
    const std::size_t last = kind.statements.size() - 1;
    if (scene.part() == Part::Train)
        return kind.statements[scene.pick(last)];
    if (scene.part() == Part::Test && scene.chance(0.3))
        return kind.statements[last];
    return kind.statements[scene.pick(last + 1)];
}

bool isAboutPerson(const FactKind& kind) { return kind.draws.starts_with("{A:person}"); }

void bindSubject(Scene& scene, const Word& person, bool asPronoun) {
    scene.bind("A", person);
    scene.bind("S", asPronoun ? Word{{person.forms[1] == "f" ? "She" : "He"}} : person);
}

/// Adds the fact's sentence and every question about it.
void addFact(Scene& scene, const FactKind& kind, Passage& passage) {
    const std::string_view statement = chooseStatement(scene, kind);
    passage.sentences.push_back(scene.expand(statement));
    // Repeated with the name, for a pronoun would hang in the air.
    if (scene.isBound("A"))
        scene.bind("S", scene.word("A"));
    for (const FactQuestion& question : kind.questions)
        passage.questions.push_back({passage.sentences.size() - 1, scene.expand(question.text),
                                     scene.expand(question.answer), scene.expand(question.spoken),
                                     scene.expand(statement)});
}

} // namespace

Passage makePassage(Scene& scene, std::size_t factCount) {
    const std::span<const FactKind> kinds = factKinds();
    const bool isOneKind = scene.chance(kSameKind);
    std::size_t kind = scene.pick(kinds.size());
    std::set<std::size_t> usedKinds;
    Passage passage;
    Word lastPerson;
    for (std::size_t fact = 0; fact < factCount; ++fact) {
        while (!isOneKind && usedKinds.contains(kind))
            kind = scene.pick(kinds.size());
        usedKinds.insert(kind);
        scene.forgetNames();
        const bool samePerson = !isOneKind && !lastPerson.forms.empty() && isAboutPerson(kinds[kind]) &&
                                scene.chance(kSamePerson);
        if (samePerson)
            bindSubject(scene, lastPerson, scene.chance(0.5));
        (void)scene.expand(kinds[kind].draws);
        if (!samePerson && isAboutPerson(kinds[kind]))
            bindSubject(scene, scene.word("A"), false);
        lastPerson = isAboutPerson(kinds[kind]) ? scene.word("A") : Word{};
        addFact(scene, kinds[kind], passage);
    }
    return passage;
}

} // namespace lathe::examples
