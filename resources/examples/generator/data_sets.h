#pragma once

#include "resources/examples/generator/lexicon.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::examples {

/// One row of a data set, and what its answer can be derived from again.
struct DataRow {
    std::string instruction;
    std::string input;
    std::string output;
};

struct DataSet {
    std::string name;
    std::vector<DataRow> train;
    std::vector<DataRow> test;
};

struct DataSetOptions {
    std::uint64_t seed = 7;
    std::size_t trainRows = 2000;
    std::size_t testRows = 240;
};

/// sentiment, passage_qa, word_problems. No two rows of a set, training and test together, are made of the
/// same words (see wordBag()).
[[nodiscard]] std::vector<DataSet> makeDataSets(const Lexicon& lexicon, const DataSetOptions& options);

/// The words of a text in lower case and alphabetical order, without punctuation: texts that differ in
/// nothing but the order of words and sentences have the same.
[[nodiscard]] std::string wordBag(std::string_view text);

/// JSON lines with the fields instruction, input, output.
[[nodiscard]] std::string toJsonLines(const std::vector<DataRow>& rows);

} // namespace lathe::examples
