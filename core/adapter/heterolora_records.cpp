#include "core/adapter/heterolora.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::ordered_json;

namespace {

constexpr int kVersion = 1;

/// JSON has no NaN: null stands for it.
ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(); }

ordered_json modulesJson(const HeteroModules& modules) {
    ordered_json all = ordered_json::array();
    for (const auto& module : modules)
        all.push_back({{"name", module->name},
                       {"kind", module->kind},
                       {"layer", module->layer},
                       {"rank", module->rank},
                       {"alpha", module->alpha},
                       {"parameters", module->parameters()},
                       {"score", number(module->score)},
                       {"enabled", module->isOn}});
    return all;
}

const char* normName(ScoreNorm norm) {
    return norm == ScoreNorm::None ? "none" : norm == ScoreNorm::Root ? "root" : "size";
}

/// "36 of 143 modules: 589824 parameters": for people.
std::string budgetText(const HeteroSettings& settings, const AllocationLimits& limits, std::size_t modules) {
    const std::string parameters = std::to_string(settings.allowedParameters) + " parameters";
    if (settings.budget.unit == AllocationBudget::Unit::Parameters ||
        settings.mode == AllocationMode::Ranks || settings.mode == AllocationMode::Uniform)
        return parameters;
    return std::to_string(limits.total()) + " of " + std::to_string(modules) + " modules: " + parameters;
}

} // namespace

std::string allocationJson(const HeteroSettings& settings, const AllocationLimits& limits,
                           const HeteroModules& modules, std::int64_t step, const std::string& ties) {
    const bool isCombined = settings.budget.scope == AllocationBudget::Scope::Combined;
    const ordered_json all{{"version", kVersion},
                           {"step", step},
                           {"proxy", proxyNames()[static_cast<std::size_t>(settings.proxy.proxy)]},
                           {"normalisation", normName(settings.norm)},
                           {"budget", budgetText(settings, limits, modules.size())},
                           {"scope", isCombined ? "combined" : "separated"},
                           {"rng_state", ties},
                           {"modules", modulesJson(modules)}};
    return all.dump(2) + "\n";
}

std::string allocationLine(const HeteroModules& modules, std::int64_t step, std::int64_t epoch) {
    const ordered_json line{{"epoch", epoch}, {"step", step}, {"modules", modulesJson(modules)}};
    return line.dump() + "\n";
}

Result<AllocationState> readAllocation(const std::string& text, const HeteroModules& modules) {
    try {
        const auto all = ordered_json::parse(text);
        const ordered_json& entries = all.at("modules");
        if (entries.size() != modules.size())
            return inputError(kAllocationFile, "speaks of " + std::to_string(entries.size()) +
                                                   " modules, but the recipe has " +
                                                   std::to_string(modules.size()));
        for (std::size_t i = 0; i < modules.size(); ++i) {
            const ordered_json& entry = entries.at(i);
            const ordered_json& score = entry.at("score");
            if (entry.at("name") != modules[i]->name)
                return inputError(kAllocationFile, "speaks of the module " + entry.at("name").dump() +
                                                       ", but the recipe has " + modules[i]->name + " there");
            modules[i]->score = score.is_null() ? std::nan("") : score.get<double>();
            modules[i]->setOn(entry.at("enabled").get<bool>());
        }
        return AllocationState{all.at("step").get<std::int64_t>(), all.at("rng_state").get<std::string>()};
    } catch (const ordered_json::exception& problem) {
        return inputError(kAllocationFile, std::string("is damaged: ") + problem.what());
    }
}

std::map<std::string, std::string> HeteroLoraAdapter::records() const {
    if (m_history.empty())
        return {};
    const AllocationLimits limits = limitsOf(candidates(), m_settings.budget);
    return {{kAllocationFile, allocationJson(m_settings, limits, m_modules, m_step, m_ties.state())},
            {kAllocationHistoryFile, m_history}};
}

Status HeteroLoraAdapter::restoreRecords(const std::map<std::string, std::string>& records) {
    const auto allocation = records.find(kAllocationFile);
    const auto history = records.find(kAllocationHistoryFile);
    if (allocation == records.end() || history == records.end())
        return ok(); // nothing was chosen yet
    LATHE_ASSIGN(const AllocationState state, readAllocation(allocation->second, m_modules));
    if (!m_ties.restore(state.ties))
        return inputError(kAllocationFile, "is damaged: rng_state");
    m_step = state.step;
    m_history = history->second;
    m_hasChosen = m_step >= m_settings.schedule.warmup;
    return ok();
}

} // namespace lathe
