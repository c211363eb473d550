#pragma once

#include "core/base/ids.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QTimer>
#include <QVector>

class QLabel;
class QPushButton;

namespace lathe {

/// What one sees first: one big button that leads to a trained adapter, the examples, the recent runs and the
/// machine.
class StartPage : public Page {
    Q_OBJECT
public:
    StartPage(const WindowParts& parts, QWidget* parent = nullptr);

    void entered() override;

Q_SIGNALS:
    void exampleChosen(int index); ///< of WindowParts::examples
    void newRecipeWanted();
    void openProjectWanted();
    void runChosen(lathe::StudyId study, lathe::TrialId trial);
    void deviceKnown(const QString& device); ///< what WindowParts::describeDevice answered

protected:
    void retranslate() override;

private:
    [[nodiscard]] QWidget* makeHero();
    [[nodiscard]] QWidget* makeExamples();
    [[nodiscard]] QWidget* makeRecent();
    [[nodiscard]] QWidget* makeMachine();
    void askForDevice();
    void followRuns();
    void updateRecent();
    void chooseRecent(int row);

    const WindowParts& m_parts;
    QLabel* m_title = nullptr;
    QLabel* m_subtitle = nullptr;
    QPushButton* m_tryButton = nullptr;
    QPushButton* m_newButton = nullptr;
    QPushButton* m_openButton = nullptr;
    QLabel* m_examplesHeading = nullptr;
    QVector<QPushButton*> m_exampleButtons;
    QVector<QLabel*> m_exampleTexts;
    QLabel* m_recentHeading = nullptr;
    QLabel* m_recentEmpty = nullptr;
    QVector<QPushButton*> m_recentButtons;
    QTimer m_refresh;
    QLabel* m_machineHeading = nullptr;
    QLabel* m_machineText = nullptr;
    QLabel* m_folderText = nullptr;
    QString m_device;
};

} // namespace lathe
