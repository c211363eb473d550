#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace lathe {

class ModelDownload;

/// Asks for the name of a model on the Hugging Face hub, shows its size beside the room on the disk before
/// anything is fetched, and fetches it. Paused or closed, it goes on from there the next time. open() it; it
/// deletes itself when it is closed.
class DownloadDialog : public QDialog {
    Q_OBJECT
public:
    DownloadDialog(ModelDownload& download, QWidget* parent);

    void done(int result) override;

Q_SIGNALS:
    void downloaded(const QString& folder);

private:
    enum class Step { Name, LookingUp, Planned, Fetching, Paused, Failed };

    void layOut();
    void follow();
    void lookUp();
    void goOn();
    void setStep(Step step);
    void showPlan();
    void showProgress(qint64 done, qint64 total, const QString& file);
    void showProblem(const QString& message);

    ModelDownload& m_download;
    Step m_step = Step::Name;
    QLabel* m_about;
    QLineEdit* m_name;
    QPushButton* m_lookUp;
    QLabel* m_plan;
    QProgressBar* m_progress;
    QLabel* m_state;
    QLabel* m_problem;
    QPushButton* m_go; ///< Download, Pause, Go on
    QPushButton* m_close;
};

} // namespace lathe
