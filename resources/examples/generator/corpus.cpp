#include "resources/examples/generator/corpus.h"

#include "resources/examples/generator/facts.h"
#include "resources/examples/generator/reviews.h"
#include "resources/examples/generator/stories.h"
#include "resources/examples/generator/sums.h"

#include <algorithm>
#include <span>
#include <vector>

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
    if (form < 0.6)
        return "\n" + exchange.question + "\n" + exchange.answer;
    scene.forgetNames();
    if (form < 0.9)
        return " \"" + exchange.question + "\" asked " + scene.expand("{:person}") + ". \"" +
               spokenPart(exchange.answer) + "\" said " + scene.expand("{:person}") + ".";
    return scene.expand(" {:person} asked: \"") + exchange.question + "\" The answer was: \"" +
           exchange.answer + "\"";
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string text;
    for (const std::string& sentence : sentences)
        text += (text.empty() ? "" : " ") + sentence;
    return text;
}

/// A passage and questions about it; each fact may be asked for in more than one way.
std::string makeTalk(Scene& scene) {
    Passage passage = makePassage(scene, static_cast<std::size_t>(scene.rng().integer(2, 4)));
    std::string text = joined(passage.sentences);
    scene.rng().shuffle(std::span(passage.questions));
    for (const AskedQuestion& question : passage.questions)
        text += tell(scene, {question.text, scene.chance(0.7) ? question.spoken : question.full});
    return text;
}

/// A passage and somebody who repeats it, word for word or from the end. Nothing teaches a small model sooner
/// to look up what was said before.
std::string makeRetelling(Scene& scene) {
    Passage passage = makePassage(scene, static_cast<std::size_t>(scene.rng().integer(3, 5)));
    std::string text = joined(passage.sentences);
    scene.forgetNames();
    text += scene.expand("\n{:person} [told it again|repeated|said the same]: \"");
    if (scene.chance(0.5))
        std::reverse(passage.sentences.begin(), passage.sentences.end());
    return text + joined(passage.sentences) + "\"";
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
    if (kind < 0.12)
        return makeStory(scene);
    if (kind < 0.19)
        return makeDescription(scene);
    if (kind < 0.53)
        return makeTalk(scene);
    if (kind < 0.62)
        return makeRetelling(scene);
    if (kind < 0.80)
        return makeReviewWithVerdict(scene);
    if (kind < 0.95)
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
