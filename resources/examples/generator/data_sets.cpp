#include "resources/examples/generator/data_sets.h"

#include "core/base/random.h"
#include "resources/examples/generator/facts.h"
#include "resources/examples/generator/reviews.h"
#include "resources/examples/generator/sums.h"

#include <functional>
#include <set>
#include <utility>

namespace lathe::examples {
namespace {

using RowMaker = std::function<DataRow(Scene&, std::size_t index)>;

DataRow sentimentRow(Scene& scene, std::size_t index) {
    const bool isGood = index % 2 == 0;
    return {"Is this review positive or negative?", makeReview(scene, isGood ? Opinion::Good : Opinion::Bad),
            isGood ? "positive" : "negative"};
}

DataRow passageRow(Scene& scene, std::size_t) {
    const Passage passage = makePassage(scene, static_cast<std::size_t>(scene.rng().integer(2, 3)));
    const AskedQuestion& question = passage.questions[scene.pick(passage.questions.size())];
    DataRow row{"Read the text and answer.", "", question.answer};
    for (const std::string& sentence : passage.sentences)
        row.input += sentence + " ";
    row.input += question.text;
    return row;
}

DataRow sumRow(Scene& scene, std::size_t) {
    const SumStory sum = makeSumStory(scene);
    return {"Give the number.", sum.story + " " + sum.question, std::to_string(sum.result)};
}

/// `count` rows that differ from each other and from all in `seen`, to which they are added.
std::vector<DataRow> makeRows(const Lexicon& lexicon, Rng& rng, Part part, std::size_t count,
                              const RowMaker& maker, std::set<std::string>& seen) {
    std::vector<DataRow> rows;
    while (rows.size() < count) {
        Scene scene(lexicon, rng, part);
        DataRow row = maker(scene, rows.size());
        if (seen.insert(wordBag(row.input)).second)
            rows.push_back(std::move(row));
    }
    rng.shuffle(std::span(rows));
    return rows;
}

void appendEscaped(std::string& out, std::string_view text) {
    for (char sign : text) {
        if (sign == '"' || sign == '\\')
            out += '\\';
        out += sign;
    }
}

} // namespace

std::vector<DataSet> makeDataSets(const Lexicon& lexicon, const DataSetOptions& options) {
    const std::vector<std::pair<std::string, RowMaker>> makers = {
        {"sentiment", sentimentRow}, {"passage_qa", passageRow}, {"word_problems", sumRow}};
    std::vector<DataSet> sets;
    for (std::size_t i = 0; i < makers.size(); ++i) {
        Rng rng(mixSeed(options.seed, i));
        std::set<std::string> seen;
        DataSet set{makers[i].first, {}, {}};
        set.train = makeRows(lexicon, rng, Part::Train, options.trainRows, makers[i].second, seen);
        set.test = makeRows(lexicon, rng, Part::Test, options.testRows, makers[i].second, seen);
        sets.push_back(std::move(set));
    }
    return sets;
}

std::string wordBag(std::string_view text) {
    std::multiset<std::string> words;
    std::string word;
    for (char sign : std::string(text) + " ") {
        if (sign >= 'A' && sign <= 'Z')
            sign = static_cast<char>(sign - 'A' + 'a');
        if ((sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9'))
            word += sign;
        else if (!word.empty())
            words.insert(std::exchange(word, {}));
    }
    std::string bag;
    for (const std::string& each : words)
        bag += (bag.empty() ? "" : " ") + each;
    return bag;
}

std::string toJsonLines(const std::vector<DataRow>& rows) {
    std::string text;
    for (const DataRow& row : rows) {
        text += R"({"instruction":")";
        appendEscaped(text, row.instruction);
        text += R"(","input":")";
        appendEscaped(text, row.input);
        text += R"(","output":")";
        appendEscaped(text, row.output);
        text += "\"}\n";
    }
    return text;
}

} // namespace lathe::examples
