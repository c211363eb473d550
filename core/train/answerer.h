#pragma once

#include "core/tasks/evaluation.h"

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace lathe {

/// A loaded model that answers questions of one form, a batch at a time. May throw what the tensor library
/// throws.
class Answerer {
public:
    Answerer() = default;
    Answerer(const Answerer&) = delete;
    Answerer& operator=(const Answerer&) = delete;
    virtual ~Answerer() = default;

    /// One answer each, in their order. An input error of one row is that row's alone: it cannot be asked,
    /// and the reason goes with it. Cancelled where a stop cut an answer short.
    [[nodiscard]] virtual Result<std::vector<Result<ModelAnswer>>>
    answer(std::span<const Question* const> questions, std::uint64_t seed, std::stop_token stop) = 0;
    /// The labels a head was trained with, by number; empty: not known.
    [[nodiscard]] virtual std::vector<std::string> labelNames() const { return {}; }
};

/// What the answerers need to know beside the task's questions.
struct AnswererOptions {
    GenerationOptions generation;
    /// Tokens of a text that a head reads, or of a block whose loss is taken; 0: as many as the model takes.
    std::int64_t maxLength = 0;
};

/// Token by token. Errors as openTextGenerator().
[[nodiscard]] Result<std::unique_ptr<Answerer>> makeGeneratingAnswerer(const EvaluationSpec& spec,
                                                                       const AnswererOptions& options);
/// By a head: the adapter's, else the model's own. Input error where there is none.
[[nodiscard]] Result<std::unique_ptr<Answerer>> makeHeadAnswerer(const EvaluationSpec& spec,
                                                                 const AnswererOptions& options);
/// By the likelihood of each choice.
[[nodiscard]] Result<std::unique_ptr<Answerer>> makeChoiceAnswerer(const EvaluationSpec& spec,
                                                                   const AnswererOptions& options);
/// By the loss of the text itself.
[[nodiscard]] Result<std::unique_ptr<Answerer>> makeLossAnswerer(const EvaluationSpec& spec,
                                                                 const AnswererOptions& options);

} // namespace lathe
