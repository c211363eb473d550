#include "app/cli/profile_words.h"

#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <array>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, kWorkKinds> kWords = {
    "base products", "adapter",   "attention", "norms and activations",
    "loss and head", "optimiser", "data",      "other"};

double perSecond(double amount, const StepProfile& profile) {
    return profile.seconds > 0 ? amount / profile.seconds : 0;
}

Json jsonOf(const StepProfile& profile) {
    Json kinds = Json::object();
    for (std::size_t i = 0; i < kWorkKinds; ++i)
        kinds[std::string(toString(static_cast<WorkKind>(i)))] = {
            {"ms", profile.kinds[i] * 1e3}, {"share", profile.shareOf(profile.kinds[i])}};
    Json operators = Json::array();
    for (const OperatorTime& each : profile.operators)
        operators.push_back({{"name", each.name},
                             {"kind", toString(each.kind)},
                             {"calls", each.calls},
                             {"ms", each.seconds * 1e3},
                             {"share", profile.shareOf(each.seconds)}});
    return {{"steps", profile.steps},
            {"threads", profile.threads},
            {"device", profile.device},
            {"ms_per_step", profile.seconds * 1e3},
            {"tokens_per_step", profile.tokens},
            {"tokens_per_second", perSecond(profile.tokens, profile)},
            {"model_gflops", perSecond(profile.flops, profile) / 1e9},
            {"kinds", std::move(kinds)},
            {"operators", std::move(operators)}};
}

std::string milliseconds(double seconds) { return shortNumber(seconds * 1e3); }

} // namespace

std::string kindWords(WorkKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

void tellProfile(const StepProfile& profile, const Terminal& terminal) {
    terminal.emit(jsonOf(profile));
    std::vector<std::vector<std::string>> kinds{{"work", "ms per step", "share"}};
    for (std::size_t i = 0; i < kWorkKinds; ++i)
        kinds.push_back(
            {kWords[i], milliseconds(profile.kinds[i]), percent(profile.shareOf(profile.kinds[i]))});
    kinds.push_back({"a step", milliseconds(profile.seconds), percent(1)});
    terminal.say(textTable(kinds));
    std::vector<std::vector<std::string>> operators{{"operator", "work", "calls", "ms per step", "share"}};
    for (const OperatorTime& each : profile.operators)
        operators.push_back({each.name, kindWords(each.kind), shortNumber(each.calls),
                             milliseconds(each.seconds), percent(profile.shareOf(each.seconds))});
    terminal.say(textTable(operators));
    terminal.say(std::to_string(profile.steps) + " steps of " + shortNumber(profile.tokens) + " tokens on " +
                 profile.device + " with " + std::to_string(profile.threads) +
                 (profile.threads == 1 ? " thread: " : " threads: ") +
                 shortNumber(perSecond(profile.tokens, profile)) + " tokens/s, " +
                 shortNumber(perSecond(profile.flops, profile) / 1e9) +
                 " GFLOP/s of the model's mathematics.");
    if (profile.device != "cpu")
        terminal.say(
            "On a GPU, operators take the time of handing work over; waiting for it counts as other.");
}

} // namespace lathe
