#include "widgets/pages/chat_adapters.h"

#include "core/session/chat_session.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/chat_adapter_row.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int kRecheckMs = 400;
}

ChatAdapters::ChatAdapters(ChatSession& session, ChatVoices& voices, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_voices(voices),
      m_title(new QLabel(this)),
      m_columns(new ElidedComboBox(this)),
      m_addColumn(new QToolButton(this)),
      m_removeColumn(new QToolButton(this)),
      m_list(new QVBoxLayout),
      m_empty(new QLabel(this)),
      m_add(new QPushButton(themedIcon("plus"), {}, this)),
      m_menu(new QMenu(this)),
      m_combine(new QPushButton(themedIcon("combine"), {}, this)),
      m_merge(new QCheckBox(this)),
      m_note(new QLabel(this)) {
    setObjectName("chatAdapters");
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(card);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(18, 14, 18, 16);
    column->setSpacing(8);
    setUpHead(*column);
    column->addWidget(m_empty);
    m_list->setSpacing(8);
    column->addLayout(m_list);
    setUpFoot(*column);
    follow();
    retranslate();
}

void ChatAdapters::setUpHead(QVBoxLayout& column) {
    setLook(m_title, Look::Heading);
    m_columns->setObjectName("chatColumnBox");
    m_columns->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_columns->setMinimumContentsLength(4);
    m_columns->setFocusPolicy(Qt::StrongFocus);
    m_addColumn->setObjectName("addColumnButton");
    m_addColumn->setIcon(themedIcon("plus"));
    m_removeColumn->setObjectName("removeColumnButton");
    m_removeColumn->setIcon(themedIcon("minus"));
    for (QToolButton* button : {m_addColumn, m_removeColumn})
        button->setFocusPolicy(Qt::StrongFocus);
    m_empty->setObjectName("noAdaptersLabel");
    m_empty->setWordWrap(true);
    setLook(m_empty, Look::Muted);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_title);
    row->addStretch(1);
    row->addWidget(m_addColumn);
    row->addWidget(m_removeColumn);
    column.addLayout(row);
    column.addWidget(m_columns);
}

void ChatAdapters::setUpFoot(QVBoxLayout& column) {
    m_add->setObjectName("addAdapterButton");
    m_add->setMenu(m_menu);
    m_menu->setObjectName("addAdapterMenu");
    m_combine->setObjectName("combineAdaptersButton");
    m_merge->setObjectName("mergeCheckBox");
    m_note->setObjectName("mergeNoteLabel");
    m_note->setWordWrap(true);
    m_note->hide();
    setLook(m_note, Look::Muted);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_add);
    row->addWidget(m_combine);
    column.addLayout(row);
    column.addWidget(m_merge);
    column.addWidget(m_note);
}

void ChatAdapters::follow() {
    connect(m_menu, &QMenu::aboutToShow, this, &ChatAdapters::fillMenu);
    connect(m_columns, &QComboBox::activated, this, [this](int index) {
        m_current = index;
        showNote({});
        refresh();
    });
    connect(m_addColumn, &QToolButton::clicked, this, &ChatAdapters::addColumn);
    connect(m_removeColumn, &QToolButton::clicked, this, &ChatAdapters::removeColumn);
    connect(m_merge, &QCheckBox::toggled, this, &ChatAdapters::setMerged);
    connect(m_combine, &QPushButton::clicked, this, [this] { Q_EMIT combineWanted(column().adapters); });
    connect(&m_voices, &ChatVoices::changed, this, &ChatAdapters::refresh);
    m_recheck.setSingleShot(true);
    m_recheck.setInterval(kRecheckMs);
    connect(&m_recheck, &QTimer::timeout, this, [this] {
        if (column().isMerged && m_voices.voiceOf(m_current) < m_session.voices().size())
            m_session.requestMergeCheck(m_voices.voiceOf(m_current));
    });
    connect(&m_session, &ChatSession::mergeChecked, this, [this](int, const MergeCheck& check) {
        const QString difference = QString::number(check.difference, 'g', 2);
        showNote(check.isRestored
                     ? tr("Folded in, the logits differ by at most %1. Taken out again, the base answers "
                          "bit for bit as before.")
                           .arg(difference)
                     : tr("Folded in, the logits differ by at most %1, and taken out again the base does "
                          "not answer as before: please report this.")
                           .arg(difference));
    });
    connect(&m_session, &ChatSession::failed, this, &ChatAdapters::takeBack);
    connect(&m_session, &ChatSession::mergeRefused, this, [this](int, const QString& message) {
        m_merge->setChecked(false);
        showNote(message);
    });
}

void ChatAdapters::chainBefore(QWidget& next) {
    QWidget* before = next.previousInFocusChain();
    while (before->focusPolicy() == Qt::NoFocus && before != &next)
        before = before->previousInFocusChain();
    for (QWidget* each :
         std::initializer_list<QWidget*>{m_addColumn, m_removeColumn, m_columns, m_add, m_combine, m_merge}) {
        setTabOrder(before, each);
        before = each;
    }
}

ChatColumn ChatAdapters::column() const { return m_voices.columns().value(m_current); }

void ChatAdapters::change(const ChatColumn& column) {
    QVector<ChatColumn> all = m_voices.columns();
    all[m_current] = column;
    if (column.isMerged)
        m_recheck.start();
    m_voices.setColumns(all);
}

ChatAdapterRow* ChatAdapters::makeRow(int place) {
    auto* row = new ChatAdapterRow(QStringLiteral("adapter%1").arg(place), this);
    connect(row, &ChatAdapterRow::toggled, this, [this, place](bool isOn) {
        ChatColumn changed = column();
        changed.adapters[place].isOn = isOn;
        change(changed);
    });
    connect(row, &ChatAdapterRow::strengthChosen, this,
            [this, place](double strength) { setStrength(place, strength); });
    connect(row, &ChatAdapterRow::moved, this, [this, place](int by) { move(place, by); });
    connect(row, &ChatAdapterRow::removed, this, [this, place] { remove(place); });
    return row;
}

void ChatAdapters::makeRows(const QStringList& folders) {
    for (ChatAdapterRow* row : m_rows) {
        row->setParent(nullptr);
        row->deleteLater(); // one of its buttons may be what called
    }
    m_rows.clear();
    QWidget* before = m_columns;
    for (int place = 0; place < folders.size(); ++place) {
        m_rows.append(makeRow(place));
        m_list->addWidget(m_rows.last());
        before = m_rows.last()->chainAfter(before);
    }
    m_shown = folders;
}

void ChatAdapters::refresh() {
    m_current = std::min(m_current, m_voices.columns().size() - 1);
    const ChatColumn now = column();
    QStringList folders;
    for (const ChatAdapter& adapter : now.adapters)
        folders << adapter.folder;
    if (folders != m_shown)
        makeRows(folders);
    for (qsizetype place = 0; place < m_rows.size(); ++place) {
        m_rows[place]->show(now.adapters[place], now.isWhole);
        m_rows[place]->showPlace(place == 0, place + 1 == m_rows.size());
    }
    const qsizetype columns = m_voices.columns().size();
    const QSignalBlocker silent(m_columns);
    m_columns->clear();
    for (qsizetype i = 1; i <= columns; ++i)
        m_columns->addItem(tr("Column %1").arg(i));
    m_columns->setCurrentIndex(static_cast<int>(m_current));
    m_columns->setVisible(columns > 1);
    m_addColumn->setEnabled(columns < ChatVoices::kMostColumns);
    m_removeColumn->setVisible(columns > 1);
    m_empty->setVisible(now.adapters.isEmpty());
    m_add->setEnabled(!now.isWhole);
    m_combine->setEnabled(!now.isWhole);
    const QSignalBlocker quiet(m_merge);
    m_merge->setChecked(now.isMerged);
    m_merge->setEnabled(!now.adapters.isEmpty() && !now.isWhole);
}

void ChatAdapters::remove(int place) {
    ChatColumn changed = column();
    changed.adapters.removeAt(place);
    changed.isWhole = false;
    changed.isMerged = changed.isMerged && !changed.adapters.isEmpty();
    showNote({});
    change(changed);
    m_add->setFocus(Qt::OtherFocusReason); // the button is gone
}

void ChatAdapters::setStrength(int place, double strength) {
    ChatColumn changed = column();
    changed.adapters[place].strength = strength;
    change(changed);
}

void ChatAdapters::move(int place, int by) {
    ChatColumn changed = column();
    changed.adapters.swapItemsAt(place, place + by);
    change(changed);
    m_rows[place + by]->focusMove(by); // so that the key can be pressed again
}

void ChatAdapters::fillMenu() {
    m_menu->clear();
    const QVector<ChatAdapter> on = column().adapters;
    for (const ChatAdapter& adapter : m_voices.trainedAdapters()) {
        const bool isOn = std::ranges::find(on, adapter.folder, &ChatAdapter::folder) != on.end();
        if (!isOn)
            connect(m_menu->addAction(QString(adapter.name).replace(QLatin1Char('&'), QLatin1String("&&"))),
                    &QAction::triggered, this, [this, adapter] { add(adapter); });
    }
    if (!m_menu->isEmpty())
        m_menu->addSeparator();
    connect(m_menu->addAction(tr("&Choose a folder…")), &QAction::triggered, this, &ChatAdapters::addFolder);
}

void ChatAdapters::add(const ChatAdapter& adapter) {
    ChatColumn changed = column();
    if (std::ranges::find(changed.adapters, adapter.folder, &ChatAdapter::folder) != changed.adapters.end())
        return;
    changed.adapters.append(adapter);
    change(changed);
    m_rows.last()->focusStrength();
    m_added = adapter.folder;
    m_session.prepare(); // so that one that does not fit is known at once
}

/// What was added last does not fit: it goes again, and is named.
void ChatAdapters::takeBack(const QString& message) {
    const QVector<ChatAdapter> adapters = column().adapters;
    const auto added = std::ranges::find(adapters, m_added, &ChatAdapter::folder);
    if (m_added.isEmpty() || !message.contains(m_added) || added == adapters.end())
        return;
    remove(static_cast<int>(added - adapters.begin()));
    m_added.clear();
    showNote(message);
}

void ChatAdapters::addFolder() {
    auto* dialog = new QFileDialog(this, tr("Add the adapter in this folder"));
    dialog->setObjectName("addAdapterDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        const QString folder = QDir::cleanPath(QDir(path).absolutePath());
        add({ChatVoices::nameOfFolder(folder), folder});
    });
    dialog->open();
}

/// As the one before, so that one thing can be changed and compared.
void ChatAdapters::addColumn() {
    QVector<ChatColumn> all = m_voices.columns();
    all.insert(m_current + 1, column());
    ++m_current;
    showNote({});
    m_voices.setColumns(all);
}

void ChatAdapters::removeColumn() {
    QVector<ChatColumn> all = m_voices.columns();
    all.removeAt(m_current);
    m_current = std::max<qsizetype>(m_current - 1, 0);
    showNote({});
    m_voices.setColumns(all);
    if (m_removeColumn->isHidden())
        m_addColumn->setFocus(Qt::OtherFocusReason);
}

void ChatAdapters::setMerged(bool isMerged) {
    ChatColumn changed = column();
    changed.isMerged = isMerged;
    showNote(isMerged ? tr("Measuring…") : QString());
    change(changed);
}

void ChatAdapters::showNote(const QString& text) {
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

void ChatAdapters::retranslate() {
    m_title->setText(tr("Adapters"));
    m_columns->setAccessibleName(tr("Column of the chat"));
    const auto name = [](QToolButton* button, const QString& text) {
        button->setToolTip(text);
        button->setAccessibleName(text);
    };
    name(m_addColumn, tr("Add a column with the same adapters, to change and compare"));
    name(m_removeColumn, tr("Take this column away"));
    m_empty->setText(tr("None is on: the base model answers."));
    m_add->setText(tr("Add…"));
    m_add->setToolTip(tr("Put another adapter on, over those that are on"));
    m_combine->setText(tr("Combine…"));
    m_combine->setToolTip(tr("Make one adapter out of several"));
    m_merge->setText(tr("Merged into the base"));
    m_merge->setToolTip(tr("Folds the adapters into the base's weights and measures what that changes"));
    for (ChatAdapterRow* row : m_rows)
        row->retranslate();
    refresh();
}

void ChatAdapters::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe
