#pragma once

#include "core/base/result.h"
#include "widgets/charts/chart_export.h"

#include <QWidget>

class QLabel;
class QToolButton;

namespace lathe {

/// The top of a ChartView: its title and what can be done with it. Asks for file names itself.
class ChartHeader : public QWidget {
    Q_OBJECT
public:
    explicit ChartHeader(QWidget* parent);

    void setTitle(const QString& title);
    void setLogChecked(bool isLog);
    void setTableChecked(bool isTable);
    void setUsable(bool hasData); ///< without data there is nothing to save or to reset
    /// Says in the header what went wrong, or nothing.
    void showOutcome(const Status& outcome);

Q_SIGNALS:
    void logToggled(bool isLog);
    void tableToggled(bool isTable);
    void resetAsked();
    void copyAsked();
    void saveAsked(lathe::ChartImageFormat format, const QString& path);
    void saveCsvAsked(const QString& path);

protected:
    void changeEvent(QEvent* event) override;

private:
    QToolButton* addButton(const QString& objectName, const QString& icon);
    void fillSaveMenu();
    void retranslate();
    [[nodiscard]] QString askPath(const QString& suffix, const QString& kind);

    QLabel* m_title;
    QLabel* m_outcome;
    QToolButton* m_log;
    QToolButton* m_table;
    QToolButton* m_reset;
    QToolButton* m_save;
};

} // namespace lathe
