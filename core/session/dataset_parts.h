#pragma once

#include "core/data/column_roles.h"
#include "core/data/quality.h"
#include "core/data/table.h"
#include "core/data/token_lengths.h"
#include "core/params/param_schema.h"
#include "core/session/stoppable_job.h"

#include <QString>
#include <QStringList>
#include <QVector>

#include <functional>
#include <memory>

namespace lathe {

/// A table and how it is to be read: every choice is a field of the recipe.
struct DatasetInput {
    std::shared_ptr<const Table> table; ///< shared by the window and the work in the background
    ParamValues recipe;
};

/// Something a column can be for.
struct DatasetRole {
    QString id;
    QString label; ///< English; translated where it is shown (context "ColumnRoles")
    QString key;   ///< field of the recipe that names the column
};

/// A column of the file as the studio shows it.
struct DatasetColumn {
    QString name;
    QString example; ///< beginning of its first value that is not empty
    QString role;    ///< id of a role; empty: it is not used
    bool isGuessed = false;
};

/// What the columns are for.
struct DatasetColumns {
    QVector<DatasetColumn> columns;
    QString task;    ///< the task that goes with the roles
    QString problem; ///< why no model can be trained on them as they are; empty: it can
};

/// A fact about the file as it was read: "encoding", "windows-1252".
struct DatasetFact {
    QString key; ///< field of the recipe that changes it; empty: none does
    QString value;
};

struct DatasetFile {
    std::shared_ptr<const Table> table;
    QVector<DatasetFact> facts;
};

/// What a token of a row stands for.
enum class TokenPart { Template, System, Instruction, Input, Answer, Special, Text, TextPair };

struct DatasetToken {
    int id = 0;
    QString text; ///< white space included; of a special token its name
    TokenPart part = TokenPart::Template;
    bool isMasked = false; ///< no loss is taken on it
    bool operator==(const DatasetToken&) const = default;
};

/// A row as the model will see it.
struct DatasetRow {
    QVector<DatasetToken> tokens;
    QString label;      ///< of a labelled text
    QString cutReason;  ///< what was cut; empty: nothing
    QString dropReason; ///< why the row is left out; empty: it is used
};

/// Rows of each part of a split by their label; a single label without a name where there are none.
struct DatasetSplit {
    QStringList labels;
    QVector<qint64> train, dev, test; ///< by label
    QString hash;                     ///< names exactly these rows
    QStringList words;                ///< what a run would record about its data
    std::vector<DroppedRow> dropped;  ///< rows that were left out, those the file's reader dropped too
};

/// What the composition root plugs into the studio. The functions are called on pool threads, several at
/// once, and must outlive the session.
struct DatasetParts {
    ParamSchema recipeSchema;
    QVector<DatasetRole> roles;
    QStringList splitKeys;   ///< fields of the recipe that divide the rows
    QString fixKey;          ///< field with the fixes that are made, by commas; empty: none can be made
    QStringList readingKeys; ///< fields of the recipe that say how a file is read, besides "train_file"
    /// The recipe's "train_file".
    std::function<Result<DatasetFile>(const ParamValues& recipe, const JobProgress& progress,
                                      const std::stop_token& stop)>
        read;                                                                 ///< must be there
    std::function<Result<DatasetColumns>(const DatasetInput& input)> columns; ///< must be there
    // What is missing of the following has no tab.
    std::function<Result<DatasetRow>(const DatasetInput& input, std::size_t row)> look;
    std::function<Result<TokenLengths>(const DatasetInput& input, const JobProgress& progress,
                                       const std::stop_token& stop)>
        lengths;
    std::function<Result<std::vector<QualityFinding>>(const DatasetInput& input, const JobProgress& progress,
                                                      const std::stop_token& stop)>
        quality;
    std::function<Result<DatasetSplit>(const DatasetInput& input, const std::stop_token& stop)> split;
    /// As JSON lines.
    std::function<Status(const Table& table, std::span<const std::size_t> rows,
                         const std::filesystem::path& file)>
        exportRows;
};

} // namespace lathe
