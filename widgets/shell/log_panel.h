#pragma once

#include "core/base/event.h"
#include "core/session/study_session.h" // QPointer needs the whole class

#include <QDockWidget>
#include <QPointer>

#include <memory>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;
class QStandardItemModel;
class QToolButton;

namespace lathe {

/// What happened in the study that is shown, line by line: filter, copy, and everything else nobody wants to
/// be interrupted by.
class LogPanel : public QDockWidget {
    Q_OBJECT
public:
    explicit LogPanel(QWidget* parent = nullptr);

    /// Shows this study's lines and those to come.
    void follow(StudySession& study);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refill();
    void append(const LogLine& line);
    void copySelected();
    void retranslate();

    QStandardItemModel* m_lines;
    QSortFilterProxyModel* m_filtered;
    QListView* m_view;
    QLineEdit* m_filter;
    QToolButton* m_copy;
    QPointer<StudySession> m_study;
    std::unique_ptr<QObject> m_link; ///< the connections to m_study
};

} // namespace lathe
