#pragma once

#include "core/base/ids.h"
#include "core/session/study_session.h" // QPointer needs the whole class

#include <QPointer>
#include <QStatusBar>

#include <memory>

class QLabel;

namespace lathe {

/// The bar at the window's foot: device, the run that goes on (step, loss, time left), and whether the network
/// may be used.
class StatusLine : public QStatusBar {
    Q_OBJECT
public:
    explicit StatusLine(QWidget* parent = nullptr);

    void setDevice(const QString& text);
    void setDownloadsAllowed(bool areAllowed);
    /// Tells of this study until another comes.
    void follow(StudySession& study);

protected:
    void changeEvent(QEvent* event) override;

private:
    void update();
    void retranslate();

    QLabel* m_device;
    QLabel* m_run;
    QLabel* m_offline;
    bool m_areDownloadsAllowed = false;
    QPointer<StudySession> m_study;
    std::unique_ptr<QObject> m_link; ///< the connections to m_study
};

} // namespace lathe
