#include "core/session/allocation_file.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

namespace lathe {

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// "v_proj" of "model.layers.3.self_attn.v_proj".
std::string lastPart(const std::string& name) { return name.substr(name.rfind('.') + 1); }

bool isShortcutKind(std::string_view kind) {
    return kind.starts_with("shortcut") || kind.starts_with("residual");
}

double scoreOf(const Json& json) {
    const auto found = json.find("score");
    return found == json.end() || found->is_null() ? std::numeric_limits<double>::quiet_NaN()
                                                   : found->get<double>();
}

bool isOn(const Json& json) {
    return json.contains("enabled") ? json.at("enabled").get<bool>() : json.at("on").get<bool>();
}

AllocatedModule moduleFrom(const Json& json) {
    AllocatedModule module;
    module.name = json.at("name").get<std::string>();
    module.kind = json.value("kind", lastPart(module.name));
    module.layer = json.at("layer").get<std::int64_t>();
    module.isShortcut = isShortcutKind(module.kind);
    module.rank = json.value("rank", std::int64_t{0});
    module.alpha = json.value("alpha", 0.0);
    if (json.contains("parameters"))
        module.parameters = json.at("parameters").get<std::int64_t>();
    return module;
}

std::string textOf(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// Knows the modules by their names.
class HistoryReader {
public:
    void takeState(const Json& json) {
        m_history.proxy = textOf(json, "proxy");
        m_history.normalisation = textOf(json, "normalisation");
        m_history.scope = textOf(json, "scope");
        m_history.budget = textOf(json, "budget");
        for (const Json& module : json.at("modules"))
            placeOf(module);
        m_state = json;
    }

    void takeLine(const Json& json) {
        Reallocation reallocation;
        reallocation.step = json.at("step").get<std::int64_t>();
        reallocation.epoch = json.value("epoch", 0.0);
        for (const Json& module : json.at("modules")) {
            const std::size_t place = placeOf(module);
            resize(reallocation, m_history.modules.size());
            reallocation.scores[place] = scoreOf(module);
            reallocation.isOn[place] = isOn(module);
        }
        m_history.reallocations.push_back(std::move(reallocation));
    }

    /// The state alone is one reallocation too.
    AllocationHistory finish() {
        if (m_history.reallocations.empty() && m_state.is_object())
            takeLine(m_state);
        for (Reallocation& reallocation : m_history.reallocations)
            resize(reallocation, m_history.modules.size());
        return std::move(m_history);
    }

private:
    static void resize(Reallocation& reallocation, std::size_t count) {
        reallocation.scores.resize(count, std::numeric_limits<double>::quiet_NaN());
        reallocation.isOn.resize(count, false);
    }

    std::size_t placeOf(const Json& json) {
        const auto [known, isNew] =
            m_places.try_emplace(json.at("name").get<std::string>(), m_history.modules.size());
        if (isNew)
            m_history.modules.push_back(moduleFrom(json));
        return known->second;
    }

    AllocationHistory m_history;
    std::map<std::string, std::size_t> m_places;
    Json m_state;
};

bool isThere(const fs::path& file) {
    std::error_code unreadable;
    return fs::is_regular_file(file, unreadable);
}

Error damaged(const std::string& where, const std::exception& problem) {
    return inputError(where, std::string("is no record of an allocation: ") + problem.what() +
                                 "; it is written anew when the trial is run again");
}

Status readState(HistoryReader& reader, const fs::path& file) {
    LATHE_ASSIGN(const std::string text, readFile(file));
    try {
        reader.takeState(Json::parse(text));
    } catch (const Json::exception& problem) {
        return damaged(file.filename().string(), problem);
    }
    return ok();
}

Status readLines(HistoryReader& reader, const fs::path& file) {
    LATHE_ASSIGN(const std::string text, readFile(file));
    std::size_t number = 0;
    for (std::size_t begin = 0, end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
        ++number;
        if (begin == end)
            continue;
        try {
            reader.takeLine(Json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                        text.begin() + static_cast<std::ptrdiff_t>(end)));
        } catch (const Json::exception& problem) {
            return damaged(file.filename().string() + ", line " + std::to_string(number), problem);
        }
    }
    return ok();
}

} // namespace

Result<std::optional<AllocationHistory>> readAllocationHistory(const fs::path& folder) {
    HistoryReader reader;
    if (isThere(folder / kAllocationRecord))
        LATHE_TRY(readState(reader, folder / kAllocationRecord));
    if (isThere(folder / kAllocationHistoryRecord))
        LATHE_TRY(readLines(reader, folder / kAllocationHistoryRecord));
    AllocationHistory history = reader.finish();
    LATHE_TRY(check(history));
    return history.reallocations.empty() ? std::nullopt : std::optional(std::move(history));
}

} // namespace lathe
