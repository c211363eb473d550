#pragma once

#include "core/base/ids.h"
#include "core/session/chat_conversation.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;

namespace lathe {

struct WindowParts;

/// Who answers: a model of the library, an adapter (of a run of the project, or of a folder), and whether the
/// base model answers beside it.
class ChatVoices : public QWidget {
    Q_OBJECT
public:
    explicit ChatVoices(const WindowParts& parts, QWidget* parent = nullptr);

    /// The base model first, where it is compared. Empty: there is no model.
    [[nodiscard]] QVector<ChatVoice> voices() const;
    /// Whether the model is the one that Lathe brings.
    [[nodiscard]] bool isBuiltIn() const;
    /// The run's adapter on the run's model. False: the project has no such run, or it has no adapter.
    bool chooseRun(TrialId trial);
    void chooseAdapter(const QString& folder);
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
    void askForFolder(const QString& title, const char* name, void (ChatVoices::*take)(const QString&));
    void forgetLostModel();
    void setAdapter(const QString& folder, TrialId trial);
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
    QString m_toldName;     // of the model, as listeners know it
    QString m_adapter;      ///< its folder; of a fully trained run the folder of the whole model
    bool m_isWhole = false; ///< the run trained every weight
    bool m_isAdding = false;
};

} // namespace lathe
