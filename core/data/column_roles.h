#pragma once

#include "core/data/table.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace lathe {

/// What a column of a data file is for.
enum class ColumnRole {
    Instruction,  ///< what is asked
    Input,        ///< what the instruction is about
    Answer,       ///< what the model shall say
    System,       ///< how it shall behave
    Text,         ///< plain or labelled text
    TextPair,     ///< the second of two labelled texts
    Label,        ///< of a text or a pair
    Conversation, ///< JSON list of messages
    Chosen,       ///< the better of two answers
    Rejected      ///< the worse one
};

/// Stands in place of a column where none plays a role, and none is to be guessed.
inline constexpr const char* kNoColumn = "-";

using ColumnRoles = std::map<ColumnRole, std::string>;

[[nodiscard]] std::span<const ColumnRole> allRoles();
/// "instruction", "input", "answer", …: in braces in a prompt template, and in names of recipe fields
/// ("answer_column").
[[nodiscard]] std::string_view roleId(ColumnRole role);
/// "Instruction", …: what a person reads.
[[nodiscard]] std::string_view roleLabel(ColumnRole role);

/// What the columns are probably for, each at most for one thing: by their names, as data sets in the wild
/// have them, then by their content (JSON lists of messages are conversations, few short values are labels,
/// the longest of what is left is the text of a label). Looks at the first few hundred rows. A file with
/// columns "instruction" and "output" is read by the roles' own names alone: only "input" is its input.
[[nodiscard]] ColumnRoles guessRoles(const Table& table);

/// `given`, and for what it leaves open a guess among the other columns. What is given rules out the guess of
/// another form: a given instruction a conversation, and the reverse. Where no column answers, the chosen one
/// of two answers does.
[[nodiscard]] ColumnRoles rolesIn(const Table& table, const ColumnRoles& given);

/// Input error naming the file, if a role's column is missing (with the columns there are), or one column is
/// to be two things.
[[nodiscard]] Status checkRoles(const Table& table, const ColumnRoles& roles);

} // namespace lathe
