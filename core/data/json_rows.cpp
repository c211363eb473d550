#include "core/data/json_rows.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr const char* kTwinNote = "a key is there twice in a row; its last value counts";

class JsonDecoder : public RowDecoder {
public:
    Row decode(std::string_view text) const override {
        Row row;
        std::vector<JsonMember> members;
        if (scanJsonObject(text, members)) {
            for (const JsonMember& member : members)
                row.insert_or_assign(unescapedJson(member.key), jsonValueText(member.value));
        } else if (auto texts = readJsonObject(text)) {
            for (auto& [key, value] : *texts)
                row.insert_or_assign(std::move(key), std::move(value));
        }
        return row;
    }
};

bool isEmptyValue(std::string_view value) { return value == "null" || value == "\"\""; }

} // namespace

bool JsonRowJudge::isUsable(std::string_view object, std::size_t line) {
    if (!scanJsonObject(object, m_members))
        return isUsableSlowly(object, line);
    if (std::all_of(m_members.begin(), m_members.end(),
                    [](const JsonMember& member) { return isEmptyValue(member.value); })) {
        m_sink.drop(line, "the row is empty");
        return false;
    }
    const auto isSame = [](const JsonMember& member, const std::string& key) { return member.key == key; };
    if (!std::equal(m_members.begin(), m_members.end(), m_keys.begin(), m_keys.end(), isSame))
        lookAtKeys(line);
    else if (m_hasTwin)
        m_sink.note(kTwinNote, line);
    return true;
}

void JsonRowJudge::lookAtKeys(std::size_t line) {
    m_keys.clear();
    for (const JsonMember& member : m_members) {
        m_keys.emplace_back(member.key);
        m_sink.addColumn(unescapedJson(member.key));
    }
    std::vector<std::string> sorted = m_keys;
    std::sort(sorted.begin(), sorted.end());
    m_hasTwin = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    if (m_hasTwin)
        m_sink.note(kTwinNote, line);
}

bool JsonRowJudge::isUsableSlowly(std::string_view object, std::size_t line) {
    const auto members = readJsonObject(object);
    if (!members) {
        m_sink.drop(line, members.error().message);
        return false;
    }
    if (std::all_of(members->begin(), members->end(), [](const auto& m) { return m.second.empty(); })) {
        m_sink.drop(line, "the row is empty");
        return false;
    }
    for (const auto& [key, value] : *members)
        m_sink.addColumn(key);
    return true;
}

std::unique_ptr<RowDecoder> makeJsonDecoder() { return std::make_unique<JsonDecoder>(); }

} // namespace lathe
