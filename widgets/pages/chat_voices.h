#pragma once

#include "core/base/ids.h"
#include "core/session/chat_conversation.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QCheckBox;
class QComboBox;
class QLabel;

namespace lathe {

struct WindowParts;

/// A column of the chat beside the base model's: what the model has on when it answers there.
struct ChatColumn {
    QVector<ChatAdapter> adapters; ///< the first is nearest to the base
    bool isMerged = false;
    bool isWhole = false; ///< the only "adapter" is a whole model: its run trained every weight
    bool operator==(const ChatColumn&) const = default;
};

/// Who answers: a model of the library, an adapter (of a run of the project, or of a folder), and whether the
/// base model answers beside it. There may be more columns, and several adapters in each: see ChatAdapters.
class ChatVoices : public QWidget {
    Q_OBJECT
public:
    explicit ChatVoices(const WindowParts& parts, QWidget* parent = nullptr);

    /// The base model first, where it is compared. Empty: there is no model.
    [[nodiscard]] QVector<ChatVoice> voices() const;
    /// At least one. changed() follows a change.
    [[nodiscard]] const QVector<ChatColumn>& columns() const { return m_columns; }
    void setColumns(const QVector<ChatColumn>& columns);
    static constexpr int kMostColumns = 3;
    /// The place of a column among voices().
    [[nodiscard]] int voiceOf(qsizetype column) const;
    /// What the runs of the project have trained on the chosen model, newest first.
    [[nodiscard]] QVector<ChatAdapter> trainedAdapters() const;
    [[nodiscard]] static QString nameOfFolder(const QString& folder);
    /// Whether the model is the one that Lathe brings.
    [[nodiscard]] bool isBuiltIn() const;
    /// The run's adapter on the run's model. False: the project has no such run, or it has no adapter.
    bool chooseRun(TrialId trial);
    /// On this base model; empty: on the one that is chosen.
    void chooseAdapter(const QString& folder, const QString& model = {});
    /// Into the library, and chosen as soon as it is there; or failed().
    void addModel(const QString& path);
    void retranslate();

Q_SIGNALS:
    void changed();
    void promptFormWanted(const QString& form); ///< what the chosen run was trained with; "auto": no run
    void failed(const QString& message);        ///< the chosen folder is no model

private:
    void setUp();
    void fillModels();
    void fillAdapters();
    void modelActivated(int index);
    void adapterActivated(int index);
    void chooseModel(const QString& folder);
    void askForFolder(const QString& title, const char* name,
                      const std::function<void(const QString&)>& take);
    void forgetLostModel();
    void setAdapter(const QString& folder, TrialId trial, bool isWhole = false);
    [[nodiscard]] ChatVoice voiceFor(const ChatColumn& column) const;
    [[nodiscard]] QString nameOfAdapter(const QString& folder) const;
    /// What the box of adapters shows: the first column's only one.
    [[nodiscard]] QString shownAdapter() const;
    [[nodiscard]] bool isBaseAdded() const;
    void tell();
    [[nodiscard]] QString modelName() const;

    const WindowParts& m_parts;
    QLabel* m_modelLabel;
    QComboBox* m_models;
    QLabel* m_adapterLabel;
    QComboBox* m_adapters;
    QCheckBox* m_compare;
    QTimer m_refill; ///< while training, the table of runs changes 30 times a second
    QString m_model;
    QString m_toldName; // of the model, as listeners know it
    QVector<ChatColumn> m_columns = QVector<ChatColumn>(1);
    bool m_isAdding = false;
};

} // namespace lathe
