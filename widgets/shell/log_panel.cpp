#include "widgets/shell/log_panel.h"

#include "core/session/study_session.h"
#include "core/session/text.h"
#include "widgets/theme/icons.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

QIcon iconOf(LogLine::Level level) {
    switch (level) {
    case LogLine::Level::Info:
        return themedIcon("info", IconTone::Muted);
    case LogLine::Level::Warning:
        return themedIcon("warning", IconTone::Warning);
    case LogLine::Level::Error:
        return themedIcon("warning", IconTone::Danger);
    }
    return {};
}

} // namespace

LogPanel::LogPanel(QWidget* parent)
    : QDockWidget(parent),
      m_lines(new QStandardItemModel(this)),
      m_filtered(new QSortFilterProxyModel(this)),
      m_view(new QListView(this)),
      m_filter(new QLineEdit(this)),
      m_copy(new QToolButton(this)) {
    setObjectName("logDock");
    setAllowedAreas(Qt::BottomDockWidgetArea | Qt::RightDockWidgetArea);
    m_filtered->setSourceModel(m_lines);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_view->setObjectName("logView");
    m_view->setModel(m_filtered);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setUniformItemSizes(true);
    m_view->installEventFilter(this);
    m_filter->setObjectName("logFilterEdit");
    m_filter->setClearButtonEnabled(true);
    m_copy->setObjectName("logCopyButton");
    m_copy->setIcon(themedIcon("copy"));
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(10, 4, 10, 8);
    auto* row = new QHBoxLayout;
    row->addWidget(m_filter, 1);
    row->addWidget(m_copy);
    column->addLayout(row);
    column->addWidget(m_view, 1);
    setWidget(content);
    connect(m_filter, &QLineEdit::textChanged, m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_copy, &QToolButton::clicked, this, &LogPanel::copySelected);
    retranslate();
}

void LogPanel::follow(StudySession& study) {
    if (m_study == &study)
        return;
    m_study = &study;
    m_link = std::make_unique<QObject>();
    connect(&study, &StudySession::logArrived, m_link.get(), [this](const LogLine& line) { append(line); });
    connect(&study, &StudySession::historyLoaded, m_link.get(), [this] { refill(); });
    connect(&study, &StudySession::historyReplaced, m_link.get(), [this] { refill(); });
    refill();
}

void LogPanel::refill() {
    m_lines->clear();
    if (!m_study)
        return;
    for (const LogLine& line : m_study->log())
        append(line);
}

void LogPanel::append(const LogLine& line) {
    const QScrollBar* bar = m_view->verticalScrollBar();
    const bool isAtEnd = bar->value() == bar->maximum();
    const bool isOneOfSeveral = m_study && m_study->spec().trialCount > 1;
    const TrialRecord* trial = isOneOfSeveral ? m_study->trial(line.trial) : nullptr;
    const QString text = toQString(line.text);
    m_lines->appendRow(new QStandardItem(
        iconOf(line.level),
        trial == nullptr ? text : QStringLiteral("#%1  %2").arg(trial->number + 1).arg(text)));
    if (isAtEnd)
        m_view->scrollToBottom();
}

void LogPanel::copySelected() {
    QModelIndexList chosen = m_view->selectionModel()->selectedIndexes();
    std::ranges::sort(chosen, {}, &QModelIndex::row);
    QStringList lines;
    for (const QModelIndex& index : chosen)
        lines << index.data().toString();
    if (lines.isEmpty())
        for (int row = 0; row < m_filtered->rowCount(); ++row)
            lines << m_filtered->index(row, 0).data().toString();
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

bool LogPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        copySelected();
        return true;
    }
    return QDockWidget::eventFilter(watched, event);
}

void LogPanel::retranslate() {
    setWindowTitle(tr("Log"));
    m_filter->setPlaceholderText(tr("Filter the log"));
    m_filter->setAccessibleName(tr("Filter the log"));
    m_view->setAccessibleName(tr("Log"));
    m_copy->setToolTip(tr("Copy the selected lines, or all"));
    m_copy->setAccessibleName(tr("Copy the selected lines, or all"));
}

void LogPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDockWidget::changeEvent(event);
}

} // namespace lathe
