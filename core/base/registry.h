#pragma once

#include "core/base/result.h"
#include "core/base/text.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lathe {

/// What a picker shows of a part. `label` and `summary` are in English; the window translates them.
struct PartInfo {
    std::string id;
    std::string label;
    std::string summary;
};

/// Named factories of one kind of part. Filled by an explicit list at start, read-only after.
template <typename Part>
class Registry {
public:
    using Factory = std::function<std::unique_ptr<Part>()>;

    /// Contract: the id is new.
    void add(PartInfo info, Factory factory) {
        LATHE_EXPECT(find(info.id) == nullptr);
        m_entries.emplace_back(std::move(info), std::move(factory));
    }

    /// Input error if there is no part of that id; it lists those there are.
    [[nodiscard]] Result<std::unique_ptr<Part>> make(const std::string& id) const {
        const auto* entry = find(id);
        if (entry == nullptr)
            return inputError(id, "is not known; choose one of " + knownIds());
        return entry->second();
    }

    /// "lora, full": for messages and help.
    [[nodiscard]] std::string knownIds() const {
        std::vector<std::string> ids;
        for (const auto& entry : m_entries)
            ids.push_back(entry.first.id);
        return joined(ids);
    }

    [[nodiscard]] std::vector<PartInfo> list() const {
        std::vector<PartInfo> infos;
        for (const auto& entry : m_entries)
            infos.push_back(entry.first);
        return infos;
    }

private:
    using Entry = std::pair<PartInfo, Factory>;

    const Entry* find(const std::string& id) const {
        for (const auto& entry : m_entries)
            if (entry.first.id == id)
                return &entry;
        return nullptr;
    }
    std::vector<Entry> m_entries;
};

} // namespace lathe
