#include "core/data/column_roles.h"

#include "core/base/text.h"
#include "core/data/conversation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <vector>

namespace lathe {

namespace {

constexpr std::size_t kSampleRows = 300;
constexpr std::size_t kLongestLabel = 32; // bytes
constexpr std::size_t kMostLabels = 20;   // different ones
constexpr std::size_t kRowsPerLabel = 4;  // labels come back, names and dates do not
constexpr std::size_t kFewestRows = 8;    // below, every column has few values
constexpr std::size_t kConversationRows = 20;

struct RoleName {
    ColumnRole role;
    std::string_view id;
    std::string_view label;
};

constexpr std::array<RoleName, 10> kRoleNames{{{ColumnRole::Instruction, "instruction", "Instruction"},
                                               {ColumnRole::Input, "input", "Input"},
                                               {ColumnRole::Answer, "answer", "Answer"},
                                               {ColumnRole::System, "system", "System"},
                                               {ColumnRole::Text, "text", "Text"},
                                               {ColumnRole::TextPair, "pair", "Second text"},
                                               {ColumnRole::Label, "label", "Label"},
                                               {ColumnRole::Conversation, "conversation", "Conversation"},
                                               {ColumnRole::Chosen, "chosen", "Chosen answer"},
                                               {ColumnRole::Rejected, "rejected", "Rejected answer"}}};

const RoleName& nameOf(ColumnRole role) { return kRoleNames.at(static_cast<std::size_t>(role)); }

struct UsualNames {
    ColumnRole role;
    std::vector<std::string_view> names; ///< the surest first
};

/// Names as they stand in public data sets, in small letters, letters and digits alone. The order of the
/// roles decides where two could claim a column.
const std::vector<UsualNames> kUsualNames{
    {ColumnRole::Conversation,
     {"conversations", "conversation", "messages", "dialog", "dialogue", "dialogs", "chat", "turns",
      "gespräch", "对话", "会話", "대화", "диалог"}},
    {ColumnRole::Chosen, {"chosen", "chosenresponse", "preferred", "accepted", "better"}},
    {ColumnRole::Rejected, {"rejected", "rejectedresponse", "dispreferred", "worse"}},
    {ColumnRole::System,
     {"system", "systemprompt", "systemmessage", "sysprompt", "persona", "系统", "система"}},
    {ColumnRole::Answer,
     {"output",   "response",  "answer",     "completion", "target",      "reply",   "assistant",
      "outputs",  "responses", "targets",    "generation", "goldanswer",  "gpt",     "bot",
      "solution", "summary",   "highlights", "rationale",  "translation", "antwort", "ausgabe",
      "loesung",  "lösung",    "respuesta",  "salida",     "réponse",     "reponse", "sortie",
      "risposta", "resposta",  "回答",       "答案",       "输出",        "答え",    "出力",
      "답변",     "ответ",     "إجابة"}},
    {ColumnRole::Instruction,
     {"instruction", "prompt",      "question",    "query",      "instructions", "problem",    "task",
      "user",        "human",       "userprompt",  "request",    "usermessage",  "anweisung",  "frage",
      "aufgabe",     "instrucción", "instruccion", "pregunta",   "consigne",     "istruzione", "domanda",
      "pergunta",    "instrução",   "指令",        "问题",       "問題",         "質問",       "指示",
      "질문",        "지시",        "вопрос",      "инструкция", "سؤال"}},
    {ColumnRole::Input, {"input",    "inputs",  "context", "passage", "background", "document", "article",
                         "source",   "eingabe", "kontext", "entrada", "contexto",   "entrée",   "contexte",
                         "contesto", "输入",    "上下文",  "入力",    "文脈",       "입력",     "контекст"}},
    {ColumnRole::Text,
     {"text",        "sentence1", "text1",  "1string", "premise", "question1", "sentencea", "texta",
      "sentence",    "content",   "review", "comment", "tweet",   "body",      "post",      "utterance",
      "description", "story",     "satz",   "inhalt",  "texto",   "texte",     "phrase",    "testo",
      "文本",        "内容",      "文",     "텍스트",  "текст"}},
    {ColumnRole::TextPair,
     {"sentence2", "text2", "2string", "hypothesis", "question2", "sentenceb", "textb", "textpair", "pair"}},
    {ColumnRole::Label,
     {"label",  "labels",  "class",      "category",  "sentiment", "score",     "quality",
      "rating", "stars",   "similarity", "goldlabel", "intent",    "topic",     "isduplicate",
      "klasse", "etikett", "kategorie",  "etiqueta",  "categoría", "étiquette", "etichetta",
      "标签",   "类别",    "ラベル",     "라벨",      "метка"}},
};

/// "Gold Answer" and "gold_answer" are one name.
std::string plainName(std::string_view column) {
    std::string name;
    for (const char sign : column)
        if (const auto byte = static_cast<unsigned char>(sign); byte >= 0x80 || std::isalnum(byte) != 0)
            name += static_cast<char>(byte >= 0x80 ? byte : std::tolower(byte));
    return name;
}

/// What a column holds, as far as it was looked at.
struct Sample {
    std::vector<std::string> values; ///< not empty ones
    std::set<std::string> different;
    std::size_t bytes = 0;
    std::size_t longest = 0;
};

class Guess {
public:
    explicit Guess(const Table& table, const ColumnRoles& given) : m_table(table), m_roles(given) {
        for (const auto& [role, column] : given)
            m_used.insert(column);
        const std::size_t rows = std::min(table.size(), kSampleRows);
        for (std::size_t i = 0; i < rows; ++i)
            for (auto& [column, value] : table.row(i))
                if (!value.empty())
                    note(m_samples[column], value);
    }

    ColumnRoles roles() {
        const bool isPlain = has("instruction") && has("output");
        for (const UsualNames& usual : kUsualNames) {
            if (isPlain && usual.role == ColumnRole::Input)
                take(usual.role, has("input") ? "input" : "");
            else
                takeByName(usual);
        }
        mendQuestions();
        findConversation();
        mendTexts();
        findLabel();
        return m_roles;
    }

private:
    static void note(Sample& sample, const std::string& value) {
        sample.values.push_back(value);
        sample.different.insert(value);
        sample.bytes += value.size();
        sample.longest = std::max(sample.longest, value.size());
    }

    bool has(std::string_view column) const {
        return std::ranges::find(m_table.columns, column) != m_table.columns.end();
    }
    bool is(ColumnRole role) const { return m_roles.contains(role); }
    bool isFree(const std::string& column) const { return !m_used.contains(column); }

    void take(ColumnRole role, const std::string& column) {
        if (column.empty() || is(role) || !isFree(column))
            return;
        m_roles[role] = column;
        m_used.insert(column);
    }
    void move(ColumnRole from, ColumnRole to) {
        m_roles[to] = m_roles.at(from);
        m_roles.erase(from);
    }

    void takeByName(const UsualNames& usual) {
        for (const std::string_view name : usual.names)
            for (const std::string& column : m_table.columns)
                if (plainName(column) == name)
                    take(usual.role, column);
    }

    /// An answer without an instruction answers the input; a label is not asked for, and a lone second text
    /// is none.
    void mendQuestions() {
        if (is(ColumnRole::Answer) && !is(ColumnRole::Instruction) && is(ColumnRole::Input))
            move(ColumnRole::Input, ColumnRole::Instruction);
        const bool isAsked = is(ColumnRole::Answer) || is(ColumnRole::Chosen);
        if (is(ColumnRole::Label) && is(ColumnRole::Instruction) && !isAsked) {
            if (is(ColumnRole::Text) && !is(ColumnRole::TextPair))
                move(ColumnRole::Text, ColumnRole::TextPair);
            if (!is(ColumnRole::Text))
                move(ColumnRole::Instruction, ColumnRole::Text);
        }
        if (is(ColumnRole::Answer) && !is(ColumnRole::Instruction) && is(ColumnRole::Text) &&
            !is(ColumnRole::Label))
            move(ColumnRole::Text, ColumnRole::Instruction);
    }

    void findConversation() {
        for (const std::string& column : m_table.columns) {
            const Sample& sample = m_samples[column];
            const std::size_t count = std::min(sample.values.size(), kConversationRows);
            if (isFree(column) && count > 0 &&
                std::ranges::all_of(sample.values.begin(),
                                    sample.values.begin() + static_cast<std::ptrdiff_t>(count),
                                    [](const std::string& value) { return looksLikeConversation(value); }))
                take(ColumnRole::Conversation, column);
        }
    }

    bool isAnything() const {
        return is(ColumnRole::Instruction) || is(ColumnRole::Conversation) || is(ColumnRole::Answer);
    }

    void mendTexts() {
        if (!isAnything() && !is(ColumnRole::Text))
            takeLongest(ColumnRole::Text);
    }

    void takeLongest(ColumnRole role) {
        std::string best;
        for (const std::string& column : m_table.columns)
            if (isFree(column) && !m_samples[column].values.empty() && !looksLikeLabels(m_samples[column]) &&
                (best.empty() || m_samples[column].bytes > m_samples[best].bytes))
                best = column;
        take(role, best);
    }

    static bool looksLikeLabels(const Sample& sample) {
        return sample.values.size() >= kFewestRows && sample.longest <= kLongestLabel &&
               sample.different.size() >= 2 && sample.different.size() <= kMostLabels &&
               sample.different.size() * kRowsPerLabel <= sample.values.size();
    }

    void findLabel() {
        if (is(ColumnRole::Label) || isAnything() || !is(ColumnRole::Text))
            return;
        for (const std::string& column : m_table.columns)
            if (looksLikeLabels(m_samples[column]))
                take(ColumnRole::Label, column);
    }

    const Table& m_table;
    ColumnRoles m_roles;
    std::set<std::string, std::less<>> m_used;
    std::map<std::string, Sample, std::less<>> m_samples;
};

} // namespace

std::span<const ColumnRole> allRoles() {
    static const auto all = [] {
        std::array<ColumnRole, kRoleNames.size()> roles{};
        std::ranges::transform(kRoleNames, roles.begin(), &RoleName::role);
        return roles;
    }();
    return all;
}

std::string_view roleId(ColumnRole role) { return nameOf(role).id; }

std::string_view roleLabel(ColumnRole role) { return nameOf(role).label; }

ColumnRoles guessRoles(const Table& table) { return Guess(table, {}).roles(); }

ColumnRoles rolesIn(const Table& table, const ColumnRoles& given) {
    ColumnRoles roles = Guess(table, given).roles();
    if (given.contains(ColumnRole::Instruction) && !given.contains(ColumnRole::Conversation))
        roles.erase(ColumnRole::Conversation);
    if (given.contains(ColumnRole::Conversation) && !given.contains(ColumnRole::Instruction))
        for (const ColumnRole role : {ColumnRole::Instruction, ColumnRole::Input, ColumnRole::Answer})
            if (!given.contains(role))
                roles.erase(role);
    if (!roles.contains(ColumnRole::Answer) && roles.contains(ColumnRole::Chosen))
        roles[ColumnRole::Answer] = roles.at(ColumnRole::Chosen);
    std::erase_if(roles, [](const auto& role) { return role.second == kNoColumn; });
    return roles;
}

Status checkRoles(const Table& table, const ColumnRoles& roles) {
    std::map<std::string, ColumnRole> used;
    for (const auto& [role, column] : roles) {
        if (std::ranges::find(table.columns, column) == table.columns.end())
            return inputError(table.source.string(),
                              "has no column \"" + column + "\" for the role \"" + std::string(roleId(role)) +
                                  "\"; its columns are " +
                                  (table.columns.empty() ? std::string("none") : joined(table.columns)));
        const bool isChoice = role == ColumnRole::Chosen || role == ColumnRole::Answer; // may be the same
        const auto [other, isNew] = used.try_emplace(column, role);
        if (!isNew && !(isChoice && other->second == ColumnRole::Answer))
            return inputError(table.source.string(), "its column \"" + column + "\" cannot be both \"" +
                                                         std::string(roleId(other->second)) + "\" and \"" +
                                                         std::string(roleId(role)) + "\"; give each its own");
    }
    return ok();
}

} // namespace lathe
