#include "widgets/charts/chart_header.h"

#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace lathe {

ChartHeader::ChartHeader(QWidget* parent)
    : QWidget(parent),
      m_title(new QLabel(this)),
      m_outcome(new QLabel(this)),
      m_log(nullptr),
      m_table(nullptr),
      m_reset(nullptr),
      m_save(nullptr) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* row = new QHBoxLayout;
    row->setSpacing(2);
    row->addWidget(m_title, 1);
    column->addLayout(row);
    column->addWidget(m_outcome);
    m_log = addButton(QStringLiteral("chartLogButton"), {});
    m_reset = addButton(QStringLiteral("chartResetButton"), QStringLiteral("reset"));
    m_table = addButton(QStringLiteral("chartTableButton"), QStringLiteral("table"));
    m_save = addButton(QStringLiteral("chartSaveButton"), QStringLiteral("export"));
    for (QToolButton* button : {m_log, m_reset, m_table, m_save})
        row->addWidget(button);
    m_title->setObjectName(QStringLiteral("chartTitleLabel"));
    setLook(m_title, Look::Heading);
    m_outcome->setObjectName(QStringLiteral("chartProblemLabel"));
    m_outcome->setWordWrap(true);
    m_outcome->hide();
    setLook(m_outcome, Look::Problem);
    m_log->setCheckable(true);
    m_table->setCheckable(true);
    m_save->setPopupMode(QToolButton::InstantPopup);
    m_save->setMenu(new QMenu(m_save));
    connect(m_log, &QToolButton::clicked, this, &ChartHeader::logToggled);
    connect(m_table, &QToolButton::clicked, this, &ChartHeader::tableToggled);
    connect(m_reset, &QToolButton::clicked, this, &ChartHeader::resetAsked);
    retranslate();
}

QToolButton* ChartHeader::addButton(const QString& objectName, const QString& icon) {
    auto* button = new QToolButton(this);
    button->setObjectName(objectName);
    button->setIcon(themedIcon(icon));
    button->setFocusPolicy(Qt::StrongFocus);
    setLook(button, Look::QuietButton);
    return button;
}

void ChartHeader::retranslate() {
    const auto name = [](QToolButton* button, const QString& text) {
        button->setToolTip(text);
        button->setAccessibleName(text);
    };
    m_log->setText(tr("log", "logarithmic, on a small button"));
    name(m_log, tr("Logarithmic scale"));
    name(m_reset, tr("Show everything (Home)"));
    name(m_table, tr("Show the values as a table"));
    name(m_save, tr("Save or copy the chart"));
    fillSaveMenu();
}

void ChartHeader::fillSaveMenu() {
    QMenu& menu = *m_save->menu();
    menu.clear();
    const auto addImage = [this, &menu](const QString& text, ChartImageFormat format, const QString& suffix) {
        menu.addAction(text, this, [this, format, suffix] {
            if (const QString path = askPath(suffix, suffix.toUpper()); !path.isEmpty())
                Q_EMIT saveAsked(format, path);
        });
    };
    menu.addAction(tr("&Copy picture"), this, &ChartHeader::copyAsked);
    menu.addSeparator();
    addImage(tr("Save as &PNG…"), ChartImageFormat::Png, QStringLiteral("png"));
    addImage(tr("Save as &SVG…"), ChartImageFormat::Svg, QStringLiteral("svg"));
    addImage(tr("Save as P&DF…"), ChartImageFormat::Pdf, QStringLiteral("pdf"));
    menu.addAction(tr("Save the &values as CSV…"), this, [this] {
        if (const QString path = askPath(QStringLiteral("csv"), QStringLiteral("CSV")); !path.isEmpty())
            Q_EMIT saveCsvAsked(path);
    });
}

QString ChartHeader::askPath(const QString& suffix, const QString& kind) {
    QFileDialog dialog(this, tr("Save the chart"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(suffix);
    dialog.setNameFilter(tr("%1 file (*.%2)", "PNG file (*.png)").arg(kind, suffix));
    dialog.selectFile(m_title->text().isEmpty() ? tr("chart") : m_title->text());
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

void ChartHeader::setTitle(const QString& title) {
    m_title->setText(title);
    m_title->setVisible(!title.isEmpty());
}

void ChartHeader::setLogChecked(bool isLog) { m_log->setChecked(isLog); }

void ChartHeader::setTableChecked(bool isTable) { m_table->setChecked(isTable); }

void ChartHeader::setUsable(bool hasData) {
    for (QToolButton* button : {m_reset, m_table, m_save})
        button->setEnabled(hasData);
}

void ChartHeader::showOutcome(const Status& outcome) {
    m_outcome->setVisible(!outcome.has_value());
    m_outcome->setText(outcome ? QString() : QString::fromStdString(outcome.error().text()));
}

void ChartHeader::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

} // namespace lathe
