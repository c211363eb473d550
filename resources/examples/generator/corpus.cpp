#include "resources/examples/generator/corpus.h"

#include "resources/examples/generator/facts.h"
#include "resources/examples/generator/reviews.h"
#include "resources/examples/generator/stories.h"
#include "resources/examples/generator/sums.h"

namespace lathe::examples {
namespace {

struct Exchange {
    std::string question;
    std::string answer;
};

/// `answer` without its full stop, to be followed by "said …".
std::string spokenPart(std::string answer) {
    if (answer.ends_with('.'))
        answer.back() = ',';
    return answer;
}

/// Question and answer as a talk or on lines of their own.
std::string tell(Scene& scene, const Exchange& exchange) {
    const double form = scene.rng().uniform();
    if (form < 0.5)
        return "\n" + exchange.question + "\n" + exchange.answer;
    scene.forgetNames();
    if (form < 0.85)
        return " \"" + exchange.question + "\" asked " + scene.expand("{:person}") + ". \"" +
               spokenPart(exchange.answer) + "\" said " + scene.expand("{:person}") + ".";
    return scene.expand(" {:person} asked: \"") + exchange.question + "\" The answer was: \"" +
           exchange.answer + "\"";
}

std::string makeTalk(Scene& scene) {
    const auto factCount = static_cast<std::size_t>(scene.rng().integer(2, 4));
    Passage passage = makePassage(scene, factCount);
    std::string text;
    for (const std::string& sentence : passage.sentences)
        text += (text.empty() ? "" : " ") + sentence;
    scene.rng().shuffle(std::span(passage.questions));
    const auto asked = static_cast<std::size_t>(scene.rng().integer(1, static_cast<std::int64_t>(factCount)));
    for (std::size_t i = 0; i < asked; ++i) {
        const AskedQuestion& question = passage.questions[i];
        text += tell(scene, {question.text, scene.chance(0.65) ? question.spoken : question.full});
    }
    return text;
}

std::string makeSumTalk(Scene& scene) {
    const SumStory sum = makeSumStory(scene);
    std::string answer = sum.full;
    if (scene.chance(0.4))
        answer = scene.expand(sum.isSum ? "{N} + {M} = {R}. " : "{N} - {M} = {R}. ") + answer;
    if (scene.chance(0.3))
        return sum.story + " " + answer;
    return sum.story + tell(scene, {sum.question, answer});
}

std::string makeDocument(const Lexicon& lexicon, Rng& rng) {
    Scene scene(lexicon, rng);
    const double kind = rng.uniform();
    if (kind < 0.16)
        return makeStory(scene);
    if (kind < 0.26)
        return makeDescription(scene);
    if (kind < 0.68)
        return makeTalk(scene);
    if (kind < 0.80)
        return makeReviewWithVerdict(scene);
    if (kind < 0.94)
        return makeSumTalk(scene);
    return makeNumberFacts(scene);
}

} // namespace

std::string makeCorpus(const Lexicon& lexicon, const CorpusOptions& options) {
    Rng rng(options.seed);
    std::string corpus;
    while (corpus.size() < options.byteCount)
        corpus += makeDocument(lexicon, rng) + "\n\n";
    corpus.pop_back();
    return corpus;
}

} // namespace lathe::examples
