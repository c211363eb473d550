#include "core/data/quality_checks.h"
#include "core/data/text_key.h"

namespace lathe {

namespace {

/// Shorter answers, such as "yes" or "4", stand in a prompt by chance.
constexpr std::size_t kTellingAnswerBytes = 12;

class EmptyFieldsCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        ++m_seen;
        if (isEmpty(row))
            m_rows.add(row, row.missing.empty() ? "" : "empty: " + joined(row.missing));
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput&, const std::stop_token&) override {
        if (m_rows.empty())
            return std::vector<QualityFinding>();
        QualityFinding finding = m_rows.finding("empty_fields", m_seen);
        finding.severity = QualitySeverity::Problem;
        finding.message = rowsInWords(m_rows.size(), m_seen) + " lack something the model needs";
        finding.fix = "drop_empty";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    /// Of the prompt's columns one is enough: an instruction without an input is usual.
    static bool isEmpty(const CheckedRow& row) {
        bool hasEmptyPrompt = !row.promptParts.empty();
        for (const std::string& part : row.promptParts)
            hasEmptyPrompt = hasEmptyPrompt && part.find_first_not_of(" \t\r\n") == std::string::npos;
        std::size_t emptyParts = 0;
        for (const std::string& part : row.promptParts)
            emptyParts += part.find_first_not_of(" \t\r\n") == std::string::npos ? 1 : 0;
        return hasEmptyPrompt || row.missing.size() > emptyParts;
    }

    std::size_t m_seen = 0;
    ConcernedRows m_rows;
};

class AnswerInPromptCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        if (row.answer.empty() || row.prompt.empty())
            return;
        ++m_seen;
        const std::string answer = normalised(row.answer, Likeness::CaseAndSpace);
        if (answer.size() >= kTellingAnswerBytes &&
            normalised(row.prompt, Likeness::CaseAndSpace).find(answer) != std::string::npos)
            m_rows.add(row);
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput&, const std::stop_token&) override {
        if (m_rows.empty())
            return std::vector<QualityFinding>();
        QualityFinding finding = m_rows.finding("answer_in_prompt", m_seen);
        finding.severity = QualitySeverity::Note;
        finding.message =
            "In " + rowsInWords(m_rows.size(), m_seen) + " the whole answer stands in the prompt";
        finding.fix = "drop_answer_in_prompt";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    std::size_t m_seen = 0;
    ConcernedRows m_rows;
};

/// Such rows are dropped by the import, so that none is seen here: they are told by their lines.
class EncodingCheck final : public QualityCheck {
public:
    void see(const CheckedRow&) override {}

    Result<std::vector<QualityFinding>> finish(const QualityInput& input, const std::stop_token&) override {
        QualityFinding finding = ConcernedRows().finding("encoding", 0);
        for (const DroppedRow& row : input.data.table->dropped) {
            if (row.reason.find("UTF-8") == std::string::npos)
                continue;
            ++finding.count;
            if (finding.examples.size() < kQualityExamples)
                finding.examples.push_back({row.line, row.reason, "line " + std::to_string(row.line)});
        }
        if (finding.count == 0)
            return std::vector<QualityFinding>();
        const std::size_t all = input.data.table->size() + input.data.table->dropped.size();
        finding.share = static_cast<double>(finding.count) / static_cast<double>(all);
        finding.severity = QualitySeverity::Problem;
        finding.message = rowsInWords(finding.count, all) + " were left out at import: they are not UTF-8";
        return std::vector{std::move(finding)};
    }
};

} // namespace

std::unique_ptr<QualityCheck> makeEmptyFieldsCheck() { return std::make_unique<EmptyFieldsCheck>(); }
std::unique_ptr<QualityCheck> makeAnswerInPromptCheck() { return std::make_unique<AnswerInPromptCheck>(); }
std::unique_ptr<QualityCheck> makeEncodingCheck() { return std::make_unique<EncodingCheck>(); }

} // namespace lathe
