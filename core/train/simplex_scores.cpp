#include "core/train/simplex_scores.h"

#include "core/base/contract.h"
#include "core/base/random.h"
#include "core/train/training_step.h"

#include <ATen/core/grad_mode.h>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

using Scores = std::vector<ExampleScore>;

std::optional<Scores> scoreAt(const RowsToScore& rows) {
    return scoreExamples(rows.model, rows.examples, rows.batchSize, rows.padId, rows.stop);
}

/// Log of the mean probabilities, or the mean of numbers. Every row has the points that it has where whole
/// passes follow each other.
at::Tensor meanAnswer(const RowsToScore& rows, SimplexAdapter& simplex, const SimplexReading& reading,
                      const DeviceBatch& batch, std::int64_t firstText) {
    at::Tensor sum;
    for (std::int64_t pass = 0; pass < reading.passes; ++pass) {
        simplex.readDrawn(mixSeed(reading.stream, static_cast<std::uint64_t>(pass)), firstText);
        const at::Tensor logits = labelledLogits(rows.model, batch).to(at::kDouble);
        const at::Tensor answer = batch.due().is_floating_point() ? logits : logits.softmax(-1);
        sum = sum.defined() ? sum + answer : answer;
    }
    const at::Tensor mean = sum / reading.passes;
    return batch.due().is_floating_point() ? mean : mean.log();
}

std::optional<Scores> scoreEnsemble(const RowsToScore& rows, SimplexAdapter& simplex,
                                    const SimplexReading& reading) {
    const at::NoGradGuard noGrad;
    Scores scores;
    std::int64_t texts = 0;
    for (const auto& indices : scoringBatches(rows.examples, rows.batchSize)) {
        if (rows.stop.stop_requested())
            return std::nullopt;
        const Batch batch = batchOf(rows.examples, indices, rows.padId);
        const DeviceBatch onDevice = toDevice(batch, rows.model.device(), layoutFor(rows.model, batch));
        Scores part(batch.rows);
        if (onDevice.due().numel() > 0)
            part = scoreLogits(batch, onDevice, meanAnswer(rows, simplex, reading, onDevice, texts));
        texts += static_cast<std::int64_t>(batch.rows);
        scores.insert(scores.end(), part.begin(), part.end());
    }
    return scores;
}

std::map<std::string, double> spreadOf(const std::vector<std::map<std::string, double>>& passes) {
    std::map<std::string, double> spread;
    const auto count = static_cast<double>(passes.size());
    for (const auto& [metric, first] : passes.front()) {
        double sum = 0;
        for (const auto& pass : passes)
            sum += pass.at(metric);
        const double mean = sum / count;
        double squares = 0;
        for (const auto& pass : passes)
            squares += (pass.at(metric) - mean) * (pass.at(metric) - mean);
        spread[metric + "_pass_mean"] = mean;
        if (passes.size() > 1)
            spread[metric + "_pass_sd"] = std::sqrt(squares / (count - 1));
    }
    return spread;
}

std::optional<RowScores> scoreStochastic(const RowsToScore& rows, SimplexAdapter& simplex,
                                         const SimplexReading& reading) {
    RowScores result;
    Scores all;
    for (std::int64_t pass = 0; pass < reading.passes; ++pass) {
        simplex.readDrawn(mixSeed(reading.stream, static_cast<std::uint64_t>(pass)));
        const auto scores = scoreAt(rows);
        if (!scores)
            return std::nullopt;
        result.passes.push_back(rows.task.score(*scores));
        all.insert(all.end(), scores->begin(), scores->end());
    }
    result.metrics = rows.task.score(all);
    result.spread = spreadOf(result.passes);
    return result;
}

std::optional<RowScores> scoredAs(const RowsToScore& rows, SimplexAdapter& simplex,
                                  const SimplexReading& reading) {
    const bool isOne = simplex.vertexCount() == 1;
    if (reading.mode == "stochastic" && !isOne)
        return scoreStochastic(rows, simplex, reading);
    if (reading.mode == "vertex")
        simplex.readAtVertex(reading.vertex);
    else if (reading.mode == "random" && !isOne)
        simplex.readDrawn(reading.stream);
    else
        simplex.readAtMidpoint();
    const auto scores =
        reading.mode == "ensemble" && !isOne ? scoreEnsemble(rows, simplex, reading) : scoreAt(rows);
    if (!scores)
        return std::nullopt;
    return RowScores{rows.task.score(*scores), {}, {}};
}

/// Losses at points with whole multiples of 1 / steps as coefficients; each is measured once.
class LossMap {
public:
    using Multiples = std::vector<std::int64_t>;
    struct Losses {
        double train = 0, validation = 0;
    };

    LossMap(const RowsToScore& train, const RowsToScore& validation, SimplexAdapter& simplex,
            std::int64_t steps)
        : m_train(train), m_validation(validation), m_simplex(simplex), m_steps(steps) {}

    [[nodiscard]] std::vector<double> alphaOf(const Multiples& point) const {
        std::vector<double> alpha;
        for (const std::int64_t each : point)
            alpha.push_back(static_cast<double>(each) / static_cast<double>(m_steps));
        return alpha;
    }
    std::optional<Losses> at(const Multiples& point) {
        if (const auto known = m_known.find(point); known != m_known.end())
            return known->second;
        m_simplex.readAt(alphaOf(point));
        const auto train = scoreAt(m_train);
        const auto validation = train ? scoreAt(m_validation) : std::nullopt;
        if (!validation)
            return std::nullopt;
        return m_known[point] = {sumUp(*train).meanLoss(), sumUp(*validation).meanLoss()};
    }

private:
    const RowsToScore& m_train;
    const RowsToScore& m_validation;
    SimplexAdapter& m_simplex;
    std::int64_t m_steps;
    std::map<Multiples, Losses> m_known;
};

std::optional<json> gridOf(LossMap& map, std::int64_t vertices, std::int64_t steps) {
    json grid = json::array();
    if (vertices != 3)
        return std::make_optional(std::move(grid));
    for (std::int64_t first = 0; first <= steps; ++first)
        for (std::int64_t second = 0; first + second <= steps; ++second) {
            const LossMap::Multiples point{first, second, steps - first - second};
            const auto losses = map.at(point);
            if (!losses)
                return std::nullopt;
            grid.push_back({{"alpha", map.alphaOf(point)},
                            {"train", losses->train},
                            {"validation", losses->validation}});
        }
    return std::make_optional(std::move(grid));
}

std::optional<json> edgeOf(LossMap& map, std::size_t vertices, std::size_t from, std::size_t to,
                           std::int64_t steps) {
    json edge{{"from", from}, {"to", to}, {"t", json::array()}};
    for (std::int64_t step = 0; step <= steps; ++step) {
        LossMap::Multiples point(vertices, 0);
        point[from] = steps - step;
        point[to] = step;
        const auto losses = map.at(point);
        if (!losses)
            return std::nullopt;
        edge["t"].push_back(static_cast<double>(step) / static_cast<double>(steps));
        edge["train"].push_back(losses->train);
        edge["validation"].push_back(losses->validation);
    }
    return std::make_optional(std::move(edge));
}

std::optional<json> mapOf(LossMap& map, std::int64_t vertices, std::int64_t steps) {
    auto grid = gridOf(map, vertices, steps);
    if (!grid)
        return std::nullopt;
    json edges = json::array();
    const auto count = static_cast<std::size_t>(vertices);
    for (std::size_t from = 0; from < count; ++from)
        for (std::size_t to = from + 1; to < count; ++to) {
            auto edge = edgeOf(map, count, from, to, steps);
            if (!edge)
                return std::nullopt;
            edges.push_back(std::move(*edge));
        }
    json whole{{"vertices", vertices}, {"grid", std::move(*grid)}, {"edges", std::move(edges)}};
    return std::make_optional(std::move(whole));
}

} // namespace

std::optional<RowScores> scoreSimplex(const RowsToScore& rows, SimplexAdapter& simplex,
                                      const SimplexReading& reading) {
    LATHE_EXPECT(reading.passes > 0);
    auto result = scoredAs(rows, simplex, reading);
    simplex.readAtMidpoint();
    return result;
}

std::optional<std::string> mapSimplexLoss(const RowsToScore& train, const RowsToScore& validation,
                                          SimplexAdapter& simplex, const LossMapSize& size) {
    const auto firstOf = [&size](const ExampleList& rows) {
        return size.rows == 0 ? rows : rows.first(static_cast<std::size_t>(size.rows));
    };
    const ExampleList trainRows = firstOf(train.examples);
    const ExampleList validationRows = firstOf(validation.examples);
    const RowsToScore fewTrain{train.model, train.task, trainRows, train.batchSize, train.padId, train.stop};
    const RowsToScore fewValidation{validation.model,     validation.task,  validationRows,
                                    validation.batchSize, validation.padId, validation.stop};
    LossMap map(fewTrain, fewValidation, simplex, size.steps);
    const auto made = mapOf(map, simplex.vertexCount(), size.steps);
    simplex.readAtMidpoint();
    return made ? std::optional(made->dump(1) + "\n") : std::nullopt;
}

} // namespace lathe
