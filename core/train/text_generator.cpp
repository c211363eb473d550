#include "core/train/text_generator.h"

#include "core/adapter/adapter_shelf.h"
#include "core/data/examples.h"
#include "core/model/beam_search.h"
#include "core/model/load_model.h"
#include "core/text/chat.h"
#include "core/text/text_stream.h"
#include "core/train/export_check.h"
#include "core/train/generation_config.h"
#include "core/train/threads.h"

#include <ATen/ops/zeros.h>
#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <type_traits>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;
using Ids = std::vector<std::int32_t>;

/// Below so many parameters a second thread costs more at each operation than it saves.
constexpr std::int64_t kParametersForThreads = 20'000'000;

/// What was made of one prompt so far.
class Answer {
public:
    /// limit: tokens that fit behind the prompt.
    Answer(const Tokenizer& tokenizer, const GenerationOptions& options, std::int64_t promptTokens,
           std::int64_t limit)
        : m_stream(tokenizer), m_stops(options.stopTexts), m_limit(limit) {
        m_made.promptTokens = promptTokens;
    }

    /// Returns the text that became sure.
    [[nodiscard]] Result<std::string> take(std::int64_t id, bool isEnd) {
        m_made.tokens += 1;
        if (isEnd)
            return end(GeneratedText::End::EndToken);
        LATHE_ASSIGN(const std::string text, m_stream.push(static_cast<std::int32_t>(id)));
        std::string piece = m_stops.push(text);
        m_made.text += piece;
        if (m_stops.hasStopped())
            return ended(GeneratedText::End::StopText, std::move(piece));
        if (m_made.tokens < m_limit)
            return piece;
        LATHE_ASSIGN(const std::string rest, end(GeneratedText::End::Length));
        return piece + rest;
    }
    /// Ends it with what was held back, if it has not ended. Returns that.
    [[nodiscard]] Result<std::string> end(GeneratedText::End how) {
        if (m_hasEnded)
            return std::string();
        LATHE_ASSIGN(const std::string text, m_stream.finish());
        std::string piece = m_stops.push(text) + m_stops.finish();
        m_made.text += piece;
        return ended(m_stops.hasStopped() ? GeneratedText::End::StopText : how, std::move(piece));
    }

    [[nodiscard]] bool hasEnded() const { return m_hasEnded; }
    [[nodiscard]] GeneratedText& made() { return m_made; }

private:
    std::string ended(GeneratedText::End how, std::string piece) {
        m_hasEnded = true;
        m_made.end = how;
        return piece;
    }

    TextStream m_stream;
    StopTexts m_stops;
    std::int64_t m_limit;
    bool m_hasEnded = false;
    GeneratedText m_made;
};

struct PaddedPrompts {
    at::Tensor ids;  // [B, T] int64, padded on the left
    at::Tensor mask; // [B, T] bool
};

PaddedPrompts padded(const std::vector<Ids>& prompts, at::Device device) {
    std::size_t longest = 0;
    for (const Ids& prompt : prompts)
        longest = std::max(longest, prompt.size());
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(prompts.size()),
                                          static_cast<std::int64_t>(longest)};
    PaddedPrompts batch{at::zeros(shape, at::kLong), at::zeros(shape, at::kBool)};
    for (std::size_t row = 0; row < prompts.size(); ++row) {
        const std::size_t begin = row * longest + longest - prompts[row].size();
        std::copy(prompts[row].begin(), prompts[row].end(), batch.ids.data_ptr<std::int64_t>() + begin);
        std::fill_n(batch.mask.data_ptr<bool>() + begin, prompts[row].size(), true);
    }
    return {batch.ids.to(device), batch.mask.to(device)};
}

/// The tensor library's exceptions end here.
template <typename Work>
std::invoke_result_t<Work> guarded(Work&& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return Error{Error::Kind::Memory, "generation", "there is not enough memory"};
    } catch (const c10::Error& problem) {
        const std::string text = problem.what_without_backtrace();
        if (isCudaMemoryProblem(text))
            return Error{Error::Kind::Memory, "the GPU", cudaMemoryMessage(text)};
        return Error{Error::Kind::Internal, "generation", text};
    }
}

class ModelTextGenerator final : public TextGenerator {
public:
    ModelTextGenerator(std::unique_ptr<LanguageModel> model, std::unique_ptr<AdapterShelf> adapters,
                       Tokenizer tokenizer, GenerationConfig config)
        : m_model(std::move(model)),
          m_adapters(std::move(adapters)),
          m_tokenizer(std::move(tokenizer)),
          m_defaults(std::move(config.options)),
          m_eosIds(std::move(config.eosIds)) {
        const auto& fromModel = m_model->summary().eosIds;
        m_eosIds.insert(m_eosIds.end(), fromModel.begin(), fromModel.end());
        if (m_tokenizer.eosId())
            m_eosIds.push_back(*m_tokenizer.eosId());
        std::sort(m_eosIds.begin(), m_eosIds.end());
        m_eosIds.erase(std::unique(m_eosIds.begin(), m_eosIds.end()), m_eosIds.end());
    }

    Result<std::string> prompt(const std::vector<ChatMessage>& messages) const override;
    bool hasChatTemplate() const override { return m_tokenizer.chatTemplate().has_value(); }
    GenerationOptions defaults() const override { return m_defaults; }
    Status setAdapters(const AdapterMix& mix) override {
        return guarded([&] { return m_adapters->choose(mix); });
    }
    Result<MergeCheck> checkMerge() override;

    Result<GeneratedText> generate(std::string_view prompt, const GenerationOptions& options,
                                   const std::function<void(std::string_view)>& onPiece,
                                   std::stop_token stop) override {
        LATHE_ASSIGN(auto made, run({std::string(prompt)}, options, onPiece, std::move(stop)));
        return std::move(made.front());
    }
    Result<std::vector<GeneratedText>> generateAll(const std::vector<std::string>& prompts,
                                                   const GenerationOptions& options,
                                                   std::stop_token stop) override {
        return run(prompts, options, {}, std::move(stop));
    }

private:
    Result<std::vector<GeneratedText>> run(const std::vector<std::string>& prompts,
                                           const GenerationOptions& options,
                                           const std::function<void(std::string_view)>& onPiece,
                                           std::stop_token stop);
    Result<Ids> encode(const std::string& prompt) const;
    Status draw(const std::vector<Ids>& prompts, const Decoding& decoding, std::vector<Answer>& answers,
                const std::function<void(std::string_view)>& onPiece);
    Status searchBeams(const std::vector<Ids>& prompts, const Decoding& decoding,
                       const GenerationOptions& options, std::vector<Answer>& answers,
                       const std::function<void(std::string_view)>& onPiece);
    /// Tokens of the model's context that an adapter's virtual ones take.
    std::int64_t taken() const {
        return m_model->virtualTokens() == nullptr ? 0 : m_model->virtualTokens()->count();
    }
    /// Tokens that fit behind a prompt.
    std::int64_t roomBehind(const Ids& prompt) const {
        const std::int64_t context = m_model->summary().maxPositions;
        return context == 0 ? std::numeric_limits<std::int64_t>::max()
                            : context - taken() - static_cast<std::int64_t>(prompt.size());
    }
    bool isEnd(std::int64_t id) const { return std::binary_search(m_eosIds.begin(), m_eosIds.end(), id); }

    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<AdapterShelf> m_adapters; // after the model they are attached to
    Tokenizer m_tokenizer;
    GenerationOptions m_defaults;
    std::vector<std::int64_t> m_eosIds; // sorted
};

Result<MergeCheck> ModelTextGenerator::checkMerge() {
    useThreads(m_model->summary().parameters < kParametersForThreads ? 1 : 0);
    const ProbeRows rows = madeUpRows(m_model->summary());
    return guarded([&]() -> Result<MergeCheck> {
        LATHE_ASSIGN(MergeCheck check,
                     m_adapters->checkMerge([&] { return probeLogits(*m_model, rows, {}); }));
        check.comparedOn = rows.what;
        return check;
    });
}

Result<std::string> ModelTextGenerator::prompt(const std::vector<ChatMessage>& messages) const {
    std::vector<ChatTurn> turns;
    for (const ChatMessage& message : messages)
        turns.push_back({message.role, message.content});
    ChatRendering rendering;
    rendering.addGenerationPrompt = true;
    LATHE_ASSIGN(RenderedChat chat, renderConversation(m_tokenizer, turns, rendering));
    return std::move(chat.text);
}

/// A text that spells out special tokens at its beginning, as chat templates do, gets no others.
Result<Ids> ModelTextGenerator::encode(const std::string& prompt) const {
    LATHE_ASSIGN(Encoding plain, m_tokenizer.encode(prompt, false));
    Ids ids = std::move(plain.ids);
    if (ids.empty() || !m_tokenizer.isSpecial(ids.front())) {
        LATHE_ASSIGN(ids, encodePrompt(prompt, m_tokenizer, {}));
    }
    if (ids.empty())
        return inputError("prompt", "is empty; give at least one word");
    if (roomBehind(ids) < 1)
        return inputError(
            "prompt", "has " + std::to_string(ids.size()) +
                          " tokens, which leaves no room in the model's context of " +
                          std::to_string(m_model->summary().maxPositions) +
                          (taken() == 0 ? "" : ", of which the adapter takes " + std::to_string(taken())) +
                          "; shorten it or start anew");
    return ids;
}

Result<std::vector<GeneratedText>>
ModelTextGenerator::run(const std::vector<std::string>& texts, const GenerationOptions& options,
                        const std::function<void(std::string_view)>& onPiece, std::stop_token stop) {
    LATHE_TRY(checkGenerationOptions(options));
    useThreads(m_model->summary().parameters < kParametersForThreads ? 1 : 0);
    std::vector<Ids> prompts;
    std::vector<Answer> answers;
    std::int64_t longest = 0;
    for (const std::string& text : texts) {
        LATHE_ASSIGN(prompts.emplace_back(), encode(text));
        const std::int64_t limit = std::min(options.maxNewTokens, roomBehind(prompts.back()));
        answers.emplace_back(m_tokenizer, options, static_cast<std::int64_t>(prompts.back().size()), limit);
        longest = std::max(longest, limit);
    }
    Decoding decoding{{options.temperature, options.topK, options.topP, options.minP,
                       options.repetitionPenalty, options.noRepeatNgram},
                      longest,
                      m_eosIds,
                      0,
                      options.seed,
                      stop};
    const auto begin = Clock::now();
    LATHE_TRY(guarded([&]() -> Status {
        return options.beams > 1 ? searchBeams(prompts, decoding, options, answers, onPiece)
                                 : draw(prompts, decoding, answers, onPiece);
    }));
    const std::chrono::duration<double> took = Clock::now() - begin;
    std::vector<GeneratedText> made;
    for (Answer& answer : answers) {
        LATHE_ASSIGN(const std::string rest, answer.end(GeneratedText::End::Stopped));
        if (onPiece && !rest.empty())
            onPiece(rest);
        made.push_back(std::move(answer.made()));
        made.back().seconds = took.count();
    }
    return made;
}

Status ModelTextGenerator::draw(const std::vector<Ids>& prompts, const Decoding& decoding,
                                std::vector<Answer>& answers,
                                const std::function<void(std::string_view)>& onPiece) {
    Status status = ok();
    const auto onStep = [&](GenerationStep& step) {
        for (std::size_t row = 0; row < answers.size(); ++row) {
            if (answers[row].hasEnded())
                continue;
            const auto piece = answers[row].take(step.ids[row], step.isDone[row] != 0);
            if (!piece)
                status = piece.error();
            else if (onPiece && !piece->empty())
                onPiece(*piece);
            step.isDone[row] = answers[row].hasEnded() || !status ? 1 : 0;
        }
    };
    const PaddedPrompts batch = padded(prompts, m_model->device());
    static_cast<void>(lathe::generate(*m_model, batch.ids, batch.mask, decoding, onStep));
    return status;
}

Status ModelTextGenerator::searchBeams(const std::vector<Ids>& prompts, const Decoding& decoding,
                                       const GenerationOptions& options, std::vector<Answer>& answers,
                                       const std::function<void(std::string_view)>& onPiece) {
    const PaddedPrompts batch = padded(prompts, m_model->device());
    const at::Tensor best = beamSearch(*m_model, batch.ids, batch.mask, decoding,
                                       {options.beams, options.lengthPenalty, options.shouldStopBeamsEarly})
                                .cpu();
    for (std::size_t row = 0; row < answers.size(); ++row) {
        const auto* ids = best.const_data_ptr<std::int64_t>() + row * static_cast<std::size_t>(best.size(1));
        for (std::int64_t i = 0; i < best.size(1) && !answers[row].hasEnded(); ++i) {
            LATHE_ASSIGN(const std::string piece, answers[row].take(ids[i], isEnd(ids[i])));
            if (onPiece && !piece.empty())
                onPiece(piece);
        }
    }
    return ok();
}

Result<LoadOptions> placeFor(const fs::path& model, const TextGeneratorOptions& options) {
    LoadOptions load;
    LATHE_ASSIGN(load.device, deviceFrom(options.device));
    std::string precision = options.precision;
    if (precision == "auto") {
        LATHE_ASSIGN(const ModelSummary summary, readModelSummary(model));
        precision = load.device.is_cpu() || summary.storedDtype.empty() ? "float32" : summary.storedDtype;
    }
    LATHE_ASSIGN(load.dtype, scalarTypeFrom(precision));
    return load;
}

Result<std::unique_ptr<TextGenerator>> load(const fs::path& folder, const AdapterMix& mix,
                                            const TextGeneratorOptions& options) {
    loadCudaLibraries();
    useThreads(0);
    LATHE_ASSIGN(const LoadOptions load, placeFor(folder, options));
    LATHE_ASSIGN(GenerationConfig config, readGenerationConfig(folder));
    LATHE_ASSIGN(Tokenizer tokenizer, Tokenizer::load(folder));
    LATHE_ASSIGN(auto model, loadModel(folder, load));
    if (model->summary().head != HeadKind::CausalLm)
        return inputError(folder.string(), "is a model of the kind " + model->summary().architecture +
                                               " that does not predict the next token, so it cannot "
                                               "continue a text; choose a causal language model");
    auto shelf = std::make_unique<AdapterShelf>(*model);
    LATHE_TRY(shelf->choose(mix));
    return std::unique_ptr<TextGenerator>(std::make_unique<ModelTextGenerator>(
        std::move(model), std::move(shelf), std::move(tokenizer), std::move(config)));
}

} // namespace

Result<std::unique_ptr<TextGenerator>> openTextGenerator(const fs::path& model, const AdapterMix& mix,
                                                         const TextGeneratorOptions& options) {
    return guarded([&] { return load(model, mix, options); });
}

} // namespace lathe
