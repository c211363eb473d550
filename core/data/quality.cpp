#include "core/data/quality.h"

#include "core/base/files.h"
#include "core/data/quality_checks.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace {

constexpr std::size_t kProgressRows = 1024;

Error cancelled() { return {Error::Kind::Cancelled, {}, "the check of the data was stopped"}; }

using Maker = std::unique_ptr<QualityCheck> (*)();
struct CheckEntry {
    PartInfo texts;
    Maker make;
    std::string fix;
};

const std::vector<CheckEntry>& entries() {
    static const std::vector<CheckEntry> all{
        {{"overlap", "Rows shared with the evaluation data",
          "Leave these rows out of the training data, or evaluate on other rows: a score on rows that were "
          "trained on says nothing."},
         makeOverlapCheck,
         "remove_overlap"},
        {{"empty_fields", "Empty fields", "Leave these rows out, or fill the fields in."},
         makeEmptyFieldsCheck,
         "drop_empty"},
        {{"encoding", "Text that is not UTF-8", "Save the file as UTF-8 and import it again."},
         makeEncodingCheck,
         ""},
        {{"turn_order", "Wrong order of turns",
          "Leave these conversations out, or mend them: a chat begins with the user, and user and "
          "assistant take turns."},
         makeTurnOrderCheck,
         "drop_bad_turns"},
        {{"conflicting_labels", "One text with several labels",
          "Decide which label is right; leaving these rows out is the safe choice."},
         makeConflictingLabelsCheck,
         "drop_conflicts"},
        {{"duplicates", "Repeated rows", "Keep the first of each; the others only weigh it more."},
         makeDuplicatesCheck,
         "remove_duplicates"},
        {{"near_duplicates", "Nearly repeated rows",
          "Look at the pairs; keep the first of each where the difference teaches nothing."},
         makeNearDuplicatesCheck,
         "remove_near_duplicates"},
        {{"label_balance", "Balance of labels",
          "Judge by macro F1 or Matthews correlation instead of accuracy, or add rows of the rare labels."},
         makeLabelBalanceCheck,
         ""},
        {{"lengths", "Lengths in tokens",
          "Raise the longest sequence, or leave out the rows that do not fit."},
         makeLengthsCheck,
         "drop_long"},
        {{"answer_in_prompt", "Answers that stand in the prompt",
          "Right for tasks that quote; otherwise the model learns to copy."},
         makeAnswerInPromptCheck,
         "drop_answer_in_prompt"}};
    return all;
}

const CheckEntry& entry(const std::string& id) {
    const auto found = std::ranges::find(entries(), id, [](const CheckEntry& e) { return e.texts.id; });
    LATHE_EXPECT(found != entries().end());
    return *found;
}

/// As JSON: lists and objects as they are, everything else as text.
nlohmann::ordered_json jsonValue(const std::string& text) {
    if (text.starts_with('[') || text.starts_with('{'))
        if (auto value = nlohmann::ordered_json::parse(text, nullptr, false); !value.is_discarded())
            return value;
    return text;
}

/// The bytes of a text's first characters that fit into so many.
std::size_t wholeCharacters(const std::string& text, std::size_t bytes) {
    if (text.size() <= bytes)
        return text.size();
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80)
        --bytes;
    return bytes;
}

Status showRows(const QualityInput& input, std::span<const std::unique_ptr<QualityCheck>> checks,
                const QualityProgress& progress, const std::stop_token& stop) {
    const std::size_t all = input.data.size();
    for (std::size_t place = 0; place < all; ++place) {
        if (stop.stop_requested())
            return cancelled();
        const std::size_t index = input.data.rowAt(place);
        const CheckedRow row = checkedRow(input.data.table->row(index), input.data.fields, index);
        for (const auto& check : checks)
            check->see(row);
        if (progress && (place + 1) % kProgressRows == 0)
            progress(place + 1, all);
    }
    if (progress)
        progress(all, all);
    return ok();
}

} // namespace

Status QualityCheck::begin(const QualityInput&, const std::stop_token&) { return ok(); }

CheckedRow checkedRow(const Row& row, const RowFields& fields, std::size_t index) {
    CheckedRow checked;
    checked.index = index;
    const auto cell = [&](const std::string& column) {
        const auto found = column.empty() ? row.end() : row.find(column);
        const std::string text = found == row.end() ? std::string() : found->second;
        if (!column.empty() && text.find_first_not_of(" \t\r\n") == std::string::npos)
            checked.missing.push_back(column);
        return text;
    };
    for (const std::string& column : fields.prompt) {
        checked.promptParts.push_back(cell(column));
        if (!checked.promptParts.back().empty())
            checked.prompt += (checked.prompt.empty() ? "" : "\n") + checked.promptParts.back();
    }
    checked.answer = cell(fields.answer);
    checked.label = cell(fields.label);
    checked.conversation = cell(fields.conversation);
    return checked;
}

std::string excerptOf(const CheckedRow& row) {
    std::string text;
    for (const std::string* part : {&row.prompt, &row.conversation, &row.answer, &row.label})
        if (!part->empty() && text.size() <= kExcerptBytes)
            text += (text.empty() ? "" : " → ") + part->substr(0, wholeCharacters(*part, kExcerptBytes + 1));
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < ' '; }, ' ');
    if (text.size() <= kExcerptBytes)
        return text;
    return text.substr(0, wholeCharacters(text, kExcerptBytes - 3)) + "…"; // which has three bytes
}

void ConcernedRows::add(const CheckedRow& row, std::string belongsTo) {
    m_rows.push_back(row.index);
    if (m_examples.size() < kQualityExamples)
        m_examples.push_back({row.index, excerptOf(row), std::move(belongsTo)});
}

QualityFinding ConcernedRows::finding(const std::string& id, std::size_t rowsInAll) const {
    const CheckEntry& check = entry(id);
    QualityFinding finding;
    finding.id = id;
    finding.label = check.texts.label;
    finding.advice = check.texts.summary;
    finding.count = m_rows.size();
    finding.share = rowsInAll == 0 ? 0 : static_cast<double>(m_rows.size()) / static_cast<double>(rowsInAll);
    finding.rows = m_rows;
    finding.examples = m_examples;
    return finding;
}

std::string grouped(std::size_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3)
        text.insert(i - 3, ",");
    return text;
}

std::string rowsInWords(std::size_t count, std::size_t all) {
    std::array<char, 32> share{};
    std::snprintf(share.data(), share.size(), " (%.1f %%)",
                  all == 0 ? 0.0 : 100.0 * static_cast<double>(count) / static_cast<double>(all));
    return grouped(count) + " of " + grouped(all) + " rows" + share.data();
}

PartInfo qualityTexts(const std::string& id) { return entry(id).texts; }

void addBuiltinQualityChecks(Registry<QualityCheck>& registry) {
    for (const CheckEntry& check : entries())
        registry.add(check.texts, check.make);
}

const Registry<QualityCheck>& qualityChecks() {
    static const Registry<QualityCheck> registry = [] {
        Registry<QualityCheck> all;
        addBuiltinQualityChecks(all);
        return all;
    }();
    return registry;
}

Result<std::vector<QualityFinding>> checkQuality(const QualityInput& input, std::span<const std::string> ids,
                                                 const QualityProgress& progress,
                                                 const std::stop_token& stop) {
    LATHE_EXPECT(input.data.table != nullptr);
    std::vector<std::string> wanted(ids.begin(), ids.end());
    if (wanted.empty())
        for (const CheckEntry& check : entries())
            wanted.push_back(check.texts.id);
    std::vector<std::unique_ptr<QualityCheck>> checks;
    for (const std::string& id : wanted) {
        LATHE_ASSIGN(auto check, qualityChecks().make(id));
        LATHE_TRY(check->begin(input, stop));
        checks.push_back(std::move(check));
    }
    LATHE_TRY(showRows(input, checks, progress, stop));
    std::vector<QualityFinding> findings;
    for (const auto& check : checks) {
        LATHE_ASSIGN(auto found, check->finish(input, stop));
        std::ranges::move(found, std::back_inserter(findings));
    }
    std::ranges::stable_sort(findings, std::greater(), &QualityFinding::severity);
    return findings;
}

std::vector<std::string> qualityFixes() {
    std::vector<std::string> fixes;
    for (const CheckEntry& check : entries())
        if (!check.fix.empty())
            fixes.push_back(check.fix);
    return fixes;
}

Result<std::vector<std::size_t>> rowsAfterFixes(const QualityInput& input, std::span<const std::string> fixes,
                                                const std::stop_token& stop) {
    std::vector<std::string> ids;
    for (const std::string& fix : fixes) {
        const auto found = std::ranges::find(entries(), fix, &CheckEntry::fix);
        if (fix.empty() || found == entries().end())
            return inputError(fix, "is no known fix; choose some of " + joined(qualityFixes()));
        ids.push_back(found->texts.id);
    }
    std::set<std::size_t> leftOut;
    if (!ids.empty()) {
        LATHE_ASSIGN(const auto findings, checkQuality(input, ids, {}, stop));
        for (const QualityFinding& finding : findings)
            leftOut.insert(finding.leaveOut.begin(), finding.leaveOut.end());
    }
    std::vector<std::size_t> rows;
    for (std::size_t place = 0; place < input.data.size(); ++place)
        if (!leftOut.contains(input.data.rowAt(place)))
            rows.push_back(input.data.rowAt(place));
    return rows;
}

Status exportRows(const Table& table, std::span<const std::size_t> rows, const std::filesystem::path& file) {
    std::size_t next = 0;
    std::string line;
    return writeFileAtomically(file, [&]() -> Result<std::optional<std::string_view>> {
        if (next == rows.size())
            return std::optional<std::string_view>();
        nlohmann::ordered_json object = nlohmann::ordered_json::object();
        const Row row = table.row(rows[next++]);
        for (const std::string& column : table.columns)
            if (const auto cell = row.find(column); cell != row.end())
                object[column] = jsonValue(cell->second);
        line = object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        return std::optional(std::string_view(line));
    });
}

} // namespace lathe
