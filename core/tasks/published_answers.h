#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// One item of a result file of LLM-Adapters' evaluation (Hu et al. 2023, arXiv:2304.01933).
struct PublishedAnswer {
    std::string dataset;         ///< empty: the file is of one set
    std::string output;          ///< what the model generated behind the prompt
    std::string prediction;      ///< what its scorer took from it: "inf" where it found no number
    std::string expected;        ///< the right answer
    std::optional<bool> isRight; ///< as it was scored
};

/// Reads such a file: a JSON array of rows with "output_pred", "pred", "flag" and "answer" or "label", or one
/// such row a line. Python writes the tokens Infinity, -Infinity and NaN, which JSON does not have; they are
/// read. Io error, or an input error naming the row.
[[nodiscard]] Result<std::vector<PublishedAnswer>> readPublishedAnswers(const std::filesystem::path& file);
[[nodiscard]] Result<std::vector<PublishedAnswer>> publishedAnswersFrom(std::string_view text,
                                                                        const std::string& source);

} // namespace lathe
