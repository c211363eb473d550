#pragma once

#include "core/data/json_text.h"
#include "core/data/row_reader.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Judges rows that are JSON objects, and collects their columns.
class JsonRowJudge {
public:
    explicit JsonRowJudge(RowSink& sink) : m_sink(sink) {}

    /// True for a row to be kept; otherwise it is dropped with its reason.
    [[nodiscard]] bool isUsable(std::string_view object, std::size_t line);

private:
    void lookAtKeys(std::size_t line);
    bool isUsableSlowly(std::string_view object, std::size_t line);

    RowSink& m_sink;
    std::vector<JsonMember> m_members;
    std::vector<std::string> m_keys; // of the last row, as they are written
    bool m_hasTwin = false;          // one of them is there twice
};

/// Of rows that are JSON objects.
[[nodiscard]] std::unique_ptr<RowDecoder> makeJsonDecoder();

} // namespace lathe
