#include "core/model/beam_search.h"

#include "core/base/contract.h"
#include "core/model/decoding_pass.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Copies of the one prompt that no continuation may come from at first.
constexpr float kNotYet = -1e9F;

struct Hypothesis {
    std::vector<std::int64_t> tokens;
    float score = 0;
    std::int64_t beam = 0; ///< the running one it continues
};

/// The search of one row of the batch.
class BeamRow {
public:
    BeamRow(const BeamOptions& options, const Decoding& decoding) : m_options(options), m_decoding(decoding) {
        m_running.resize(count());
        for (std::size_t beam = 1; beam < count(); ++beam)
            m_running[beam].score = kNotYet;
    }

    /// Takes the best continuations of the running texts, best first. scores: log-probabilities of the whole
    /// texts; places: beam · vocabulary + token.
    void advance(std::span<const float> scores, std::span<const std::int64_t> places,
                 std::int64_t vocabulary) {
        const bool canFinish = m_isOpen && !(m_options.shouldStopEarly && isFull());
        std::vector<Hypothesis> running;
        for (std::size_t rank = 0; rank < scores.size(); ++rank) {
            const std::int64_t beam = places[rank] / vocabulary;
            Hypothesis next{m_running[static_cast<std::size_t>(beam)].tokens, scores[rank], beam};
            next.tokens.push_back(places[rank] % vocabulary);
            if (!isComplete(next)) {
                if (running.size() < count())
                    running.push_back(std::move(next));
            } else if (canFinish && rank < count()) {
                next.score = atLength(next.score, next.tokens.size());
                m_finished.push_back(std::move(next));
            }
        }
        std::stable_sort(m_finished.begin(), m_finished.end(),
                         [](const auto& a, const auto& b) { return a.score > b.score; });
        m_finished.resize(std::min(m_finished.size(), count()));
        m_running = std::move(running);
        if (isFull() && !m_running.empty())
            m_isOpen = m_isOpen && atLength(m_running.front().score, m_running.front().tokens.size()) >
                                       m_finished.back().score;
    }

    [[nodiscard]] bool isFull() const { return m_finished.size() == count(); }
    [[nodiscard]] bool isOpen() const { return m_isOpen && !m_running.empty(); }
    [[nodiscard]] const std::vector<Hypothesis>& running() const { return m_running; }
    [[nodiscard]] const std::vector<std::int64_t>& best() const {
        return (m_finished.empty() ? m_running : m_finished).front().tokens;
    }

private:
    [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(m_options.beams); }
    [[nodiscard]] bool isComplete(const Hypothesis& text) const {
        const auto& ends = m_decoding.eosIds;
        return static_cast<std::int64_t>(text.tokens.size()) >= m_decoding.maxNewTokens ||
               std::find(ends.begin(), ends.end(), text.tokens.back()) != ends.end();
    }
    [[nodiscard]] float atLength(float score, std::size_t length) const {
        return score / static_cast<float>(std::pow(static_cast<double>(length), m_options.lengthPenalty));
    }

    const BeamOptions& m_options;
    const Decoding& m_decoding;
    std::vector<Hypothesis> m_running;  // best first
    std::vector<Hypothesis> m_finished; // best first, scores with the length penalty
    bool m_isOpen = true;
};

class BeamSearch {
public:
    BeamSearch(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask, const Decoding& decoding,
               const BeamOptions& options, KeyValueCache start)
        : m_decoding(decoding),
          m_options(options),
          m_vocabulary(model.summary().vocabularySize),
          m_pass(model, ids, mask, decoding.maxNewTokens, std::move(start)) {
        const auto ends = static_cast<std::int64_t>(decoding.eosIds.size());
        LATHE_EXPECT(options.beams >= 1 && ends < m_vocabulary);
        // So many that enough are left to go on with, should all the best ones end.
        m_candidates = std::min(std::max<std::int64_t>(2, 1 + ends), m_vocabulary) * options.beams;
        for (const auto& prompt : realTokens(ids, mask)) {
            m_rows.emplace_back(options, decoding);
            for (std::int64_t beam = 0; beam < options.beams; ++beam)
                m_histories.emplace_back(decoding, prompt, m_vocabulary);
        }
    }

    [[nodiscard]] at::Tensor run() {
        std::vector<std::int64_t> copies; // each prompt is read once, then has a copy for each beam
        for (std::size_t row = 0; row < m_rows.size(); ++row)
            copies.insert(copies.end(), static_cast<std::size_t>(m_options.beams),
                          static_cast<std::int64_t>(row));
        at::Tensor logits = m_pass.readPrompts().repeat_interleave(m_options.beams, 0);
        m_pass.takeRows(copies);
        while (true) {
            chooseContinuations(logits);
            if (!shouldGoOn())
                return bestTexts();
            logits = m_pass.readTokens(follow());
        }
    }

private:
    /// logits: [B · beams, V].
    void chooseContinuations(const at::Tensor& logits) {
        at::Tensor scores = at::log_softmax(logits.to(at::kFloat), -1);
        if (m_decoding.readsHistory())
            scores = processed(scores.to(at::kCPU, at::kDouble));
        std::vector<float> soFar;
        for (const BeamRow& row : m_rows)
            for (const Hypothesis& text : row.running())
                soFar.push_back(text.score);
        scores = scores + at::tensor(soFar, at::kFloat).to(scores.device()).unsqueeze(1);
        const auto [values, places] =
            at::topk(scores.view({static_cast<std::int64_t>(m_rows.size()), -1}), m_candidates, 1);
        const at::Tensor best = values.cpu();
        const at::Tensor where = places.cpu();
        const auto count = static_cast<std::size_t>(m_candidates);
        for (std::size_t row = 0; row < m_rows.size(); ++row)
            m_rows[row].advance({best.const_data_ptr<float>() + row * count, count},
                                {where.const_data_ptr<std::int64_t>() + row * count, count}, m_vocabulary);
    }

    /// scores: [B · beams, V] fp64 on the CPU. Returns them in fp32.
    [[nodiscard]] at::Tensor processed(const at::Tensor& scores) const {
        const auto width = static_cast<std::size_t>(m_vocabulary);
        for (std::size_t i = 0; i < m_histories.size(); ++i)
            m_histories[i].process({scores.data_ptr<double>() + i * width, width});
        return scores.to(at::kFloat);
    }

    [[nodiscard]] bool shouldGoOn() const {
        const auto all = [this](auto&& claim) { return std::all_of(m_rows.begin(), m_rows.end(), claim); };
        if (m_decoding.stop.stop_requested() || all([](const BeamRow& row) { return !row.isOpen(); }))
            return false;
        return !(m_options.shouldStopEarly && all([](const BeamRow& row) { return row.isFull(); }));
    }

    /// Moves keys, values and histories to the beams that go on. Returns their last tokens, [B · beams].
    [[nodiscard]] std::vector<std::int64_t> follow() {
        std::vector<std::int64_t> from;
        std::vector<std::int64_t> tokens;
        std::vector<TokenHistory> histories;
        for (std::size_t row = 0; row < m_rows.size(); ++row)
            for (const Hypothesis& text : m_rows[row].running()) {
                from.push_back(static_cast<std::int64_t>(row) * m_options.beams + text.beam);
                tokens.push_back(text.tokens.back());
                histories.push_back(m_histories[static_cast<std::size_t>(from.back())]);
                histories.back().add(tokens.back());
            }
        m_histories = std::move(histories);
        m_pass.takeRows(from);
        return tokens;
    }

    [[nodiscard]] at::Tensor bestTexts() const {
        std::size_t longest = 0;
        for (const BeamRow& row : m_rows)
            longest = std::max(longest, row.best().size());
        at::Tensor texts =
            at::full({static_cast<std::int64_t>(m_rows.size()), static_cast<std::int64_t>(longest)},
                     m_decoding.padId, at::kLong);
        for (std::size_t row = 0; row < m_rows.size(); ++row)
            std::copy(m_rows[row].best().begin(), m_rows[row].best().end(),
                      texts.data_ptr<std::int64_t>() + row * longest);
        return texts;
    }

    const Decoding& m_decoding;
    const BeamOptions& m_options;
    std::int64_t m_vocabulary;
    std::int64_t m_candidates = 0;
    DecodingPass m_pass;
    std::vector<BeamRow> m_rows;
    std::vector<TokenHistory> m_histories; // [B · beams]
};

} // namespace

at::Tensor beamSearch(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                      const Decoding& decoding, const BeamOptions& options, KeyValueCache start) {
    const at::NoGradGuard noGrad;
    const at::AutoDispatchBelowADInplaceOrView belowAutograd;
    return BeamSearch(model, ids, mask, decoding, options, std::move(start)).run().to(ids.device());
}

} // namespace lathe
