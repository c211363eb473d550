#pragma once

#include "core/session/adapter_combiner.h"
#include "core/session/chat_conversation.h"

#include <QDialog>
#include <QTimer>
#include <QVector>

class QCheckBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace lathe {

class NumberBox;
class ParamForm;

/// Makes one adapter out of several: which, how much each counts, how, and where to. Says beforehand what
/// would come of it, or why it cannot be; works in the background, and can be stopped. show() it: the window
/// goes on working beside it. It deletes itself when it is closed.
class CombineDialog : public QDialog {
    Q_OBJECT
public:
    /// `offered`: to choose from; those that are on are chosen. `suggestion`: where to write.
    CombineDialog(CombineParts parts, const QVector<ChatAdapter>& offered, const QString& suggestion,
                  QWidget* parent);

    void reject() override; ///< stops what runs first

Q_SIGNALS:
    void chatWanted(const QString& model, const QString& folder);

private:
    struct Row {
        QString folder;
        QCheckBox* isOn = nullptr;
        NumberBox* weight = nullptr;
    };

    [[nodiscard]] QWidget* makeList();
    [[nodiscard]] QWidget* makeTarget(const QString& suggestion);
    [[nodiscard]] QDialogButtonBox* makeButtons();
    void follow();
    void addRow(const ChatAdapter& adapter);
    void addFolder();
    void browse();
    [[nodiscard]] CombineOrder order() const;
    /// What the fields lack, in words; empty: nothing.
    [[nodiscard]] QString problem() const;
    void edited();
    void askForecast();
    void showForecast(const CombineForecast& forecast);
    void showProblem(const QString& message);
    void showProgress(const QString& phase, double share);
    void showOutcome(const CombineOutcome& outcome);
    void begin();
    void setRunning(bool isRunning);

    AdapterCombiner m_combiner;
    QWidget* m_fields;
    QVBoxLayout* m_list;
    QVector<Row> m_rows;
    ParamForm* m_form;
    QLineEdit* m_target;
    QLabel* m_note;
    QLabel* m_problem;
    QProgressBar* m_progress;
    QPushButton* m_combine = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_chat = nullptr;
    QPushButton* m_close = nullptr;
    QTimer m_ask;
    QString m_model, m_made; ///< base and folder of what was made last
    bool m_isClosing = false;
};

} // namespace lathe
