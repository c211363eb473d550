#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/ids.h"

#include <QString>
#include <QVector>
#include <QWidget>

class QComboBox;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace lathe {

class NumberBox;
class RunTableModel;

/// The adapters that a model is to have on: those that runs of the project have trained, or of folders, each
/// with its strength.
class EvaluationAdapters : public QWidget {
    Q_OBJECT
public:
    explicit EvaluationAdapters(const RunTableModel& runs, QWidget* parent = nullptr);

    /// As chosen, the empty lines left out.
    [[nodiscard]] std::vector<AdapterChoice> adapters() const;
    /// What the user sees of the first one; empty: none is on.
    [[nodiscard]] QString firstName() const;
    /// This one alone; empty: none.
    void setOnly(const QString& folder);
    void retranslate();

Q_SIGNALS:
    /// The user chose what this run has trained, as the only adapter.
    void runChosen(lathe::TrialId trial);
    void changed();

private:
    struct Line {
        QWidget* whole;
        QComboBox* folder;
        NumberBox* strength;
        QToolButton* remove;
        QString chosen; ///< its folder
    };
    void addLine(const QString& folder);
    void removeLine(QWidget* whole);
    void fill(Line& line);
    void fillAll();
    void chosen(QWidget* whole, int index);
    void askForFolder(QWidget* whole);
    [[nodiscard]] Line* lineOf(QWidget* whole);
    void renumber();

    const RunTableModel& m_runs;
    QVBoxLayout* m_list;
    QPushButton* m_add;
    QVector<Line> m_lines;
};

} // namespace lathe
