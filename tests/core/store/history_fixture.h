#pragma once

#include "tests/core/store/store_fixture.h"

#include <cmath>
#include <limits>

namespace lathe::test {

/// Every kind of searched quantity; rank only with lora.
inline StudySpec searchSpec() {
    StudySpec spec = sampleSpec();
    spec.kind = "study";
    spec.fixed = {{"method", std::string("lora")},
                  {"rank", std::int64_t{8}},
                  {"width", std::int64_t{64}},
                  {"learning_rate", 1e-3},
                  {"dropout", 0.0},
                  {"batch_size", std::int64_t{8}},
                  {"use_dora", false}};
    spec.space = {{"method", ChoiceDomain{{"lora", "ia3"}, {}, false}, {}},
                  {"rank", IntDomain{2, 64, 1, true}, {{{"method", {"lora"}}}}},
                  {"width", IntDomain{8, 100, 16, false}, {}},
                  {"learning_rate", RealDomain{1e-6, 1e-2, true, false}, {}},
                  {"dropout", RealDomain{0, 0.5, false, true}, {}},
                  {"batch_size", ChoiceDomain{{"4", "8", "16"}, {}, true}, {}},
                  {"use_dora", BoolDomain{}, {}}};
    return spec;
}

/// A trial in a state, with the points of eval_loss by step from 1.
inline TrialId addTrial(StudyWriter& writer, StudyId study, std::int64_t number, TrialState state,
                        const std::vector<double>& curve, const std::string& note = {}) {
    NewTrial trial{study, number, searchSpec().fixed,
                   0x8000'0000'0000'0001U + static_cast<std::uint64_t>(number)};
    trial.values.set("method", std::string(number % 2 == 0 ? "lora" : "ia3"));
    trial.values.set("rank", std::int64_t{2} + number);
    trial.values.set("width", 8 + 16 * (number % 6));
    trial.values.set("learning_rate", 1e-6 * std::pow(1.1, static_cast<double>(number)));
    trial.values.set("dropout", 0.1 + 0.01 * static_cast<double>(number));
    trial.values.set("batch_size", std::int64_t{4} << (number % 3));
    trial.values.set("use_dora", number % 3 == 0);
    const TrialId id = need(writer.createTrial(trial));
    std::vector<Event> events;
    for (std::size_t i = 0; i < curve.size(); ++i) {
        events.emplace_back(MetricPoint{id, "eval_loss", static_cast<std::int64_t>(i) + 1, curve[i], 0.25});
        events.emplace_back(MetricPoint{id, "accuracy", static_cast<std::int64_t>(i) + 1, 0.5, 0.25});
    }
    if (state != TrialState::Queued)
        events.emplace_back(TrialChange{id, state, note});
    need(writer.append(events));
    if (state == TrialState::Complete)
        need(writer.finishTrial(id, static_cast<std::int64_t>(curve.size()), 1.0 / 3, {}));
    return id;
}

/// A trial of each kind.
inline StudyId addEveryKind(StudyWriter& writer) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const StudyId study = need(writer.createStudy(searchSpec()));
    addTrial(writer, study, 0, TrialState::Complete, {0.1 + 0.2, 1e-300, 1.0 / 3});
    addTrial(writer, study, 1, TrialState::Pruned, {std::nan(""), kInfinity, -kInfinity},
             "worse, \"much\" worse");
    addTrial(writer, study, 2, TrialState::Failed, {4.9406564584124654e-324}, "out of memory");
    addTrial(writer, study, 3, TrialState::Cancelled, {1.7976931348623157e308});
    addTrial(writer, study, 4, TrialState::Running, {2});
    addTrial(writer, study, 5, TrialState::Queued, {});
    addTrial(writer, study, 6, TrialState::Interrupted, {1});
    addTrial(writer, study, 7, TrialState::Complete, {0.5, std::nan("")});
    addTrial(writer, study, 8, TrialState::Complete, {});
    addTrial(writer, study, 9, TrialState::Complete, {kInfinity});
    addTrial(writer, study, 10, TrialState::Pruned, {0.25, std::nan("")});
    return study;
}

} // namespace lathe::test
