#pragma once

#include "core/session/model_facts.h"
#include "core/session/session_parts.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace lathe {

/// A model of the library.
struct ModelEntry {
    enum class Source { BuiltIn, Folder, HubCache };
    enum class State {
        Reading, ///< its files are being looked at
        Ready,
        Faulty, ///< `problem` says why it cannot be used
        Missing ///< its folder is not there now: a drive that is not plugged in
    };
    Source source = Source::Folder;
    QString folder; ///< its identity: absolute, clean
    QString name;
    State state = State::Reading;
    ModelFacts facts; ///< of the last time it could be read
    QString problem;
    std::optional<RecipeCost> cost; ///< of the recipe with this model
    QString costProblem;            ///< why there is none: the recipe does not fit the model
};

/// How a training fits into the memory that is free.
enum class MemoryFit { Unknown, Fits, Tight, TooBig };

/// The models of the library, a row each. Rows are announced exactly.
class ModelTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Family, Parameters, Dtype, Size, Context, Tokenizer, Attach, Fits, ColumnCount };
    enum Role {
        FolderRole = Qt::UserRole,
        StateRole, ///< int of ModelEntry::State
        FitRole,   ///< int of MemoryFit
        SortRole   ///< the cell's plain value: what a proxy sorts by
    };

    explicit ModelTableModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    /// Contract: row in [0, rowCount()). Valid until the next change.
    [[nodiscard]] const ModelEntry& row(int row) const;
    /// -1: no such model.
    [[nodiscard]] int rowOf(const QString& folder) const;

    void append(ModelEntry entry);
    void replace(int row, ModelEntry entry);
    void remove(int row);
    /// The bytes a training could have now; nothing: the system does not tell.
    void setFreeMemory(std::optional<double> bytes);
    [[nodiscard]] MemoryFit fit(const ModelEntry& entry) const;
    void retranslate(); ///< the language has changed

private:
    [[nodiscard]] QVariant display(const ModelEntry& entry, int column) const;
    [[nodiscard]] QVariant sortKey(const ModelEntry& entry, int column) const;
    [[nodiscard]] QString fitText(const ModelEntry& entry) const;
    [[nodiscard]] QString toolTip(const ModelEntry& entry, int column) const;

    std::vector<ModelEntry> m_entries;
    std::optional<double> m_freeMemory;
};

/// As the user sorts and filters them: by the plain values, and by words in name, folder, family and dtype.
class ModelSortModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit ModelSortModel(QObject* parent = nullptr);

    /// Only rows with every word of the text in one of their texts.
    void setWords(const QString& text);

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;

private:
    QStringList m_words;
};

/// "135 M": with three digits, in the user's language.
[[nodiscard]] QString parameterText(std::int64_t count);
/// "1.2 GB", in the user's language.
[[nodiscard]] QString bytesText(double bytes);

} // namespace lathe
