#include "widgets/shell/command_palette.h"

#include "widgets/actions/action_binder.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kActionRole = Qt::UserRole;
constexpr QSize kSize{560, 420};

QString plain(QString text) { return text.remove(QLatin1Char('&')); }

/// Every word of the search somewhere in the line, in any order.
QString patternOf(const QString& search) {
    QString pattern;
    for (const QString& word : search.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        pattern += QStringLiteral("(?=.*%1)").arg(QRegularExpression::escape(word));
    return pattern;
}

} // namespace

CommandPalette::CommandPalette(const ActionBinder& actions, QWidget* parent)
    : QDialog(parent),
      m_actions(actions),
      m_entries(new QStandardItemModel(this)),
      m_shown(new QSortFilterProxyModel(this)),
      m_search(new QLineEdit(this)),
      m_list(new QListView(this)) {
    setObjectName("commandPalette");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Command palette"));
    m_search->setObjectName("commandPaletteEdit");
    m_search->setPlaceholderText(tr("What do you want to do?"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->installEventFilter(this);
    m_list->setObjectName("commandPaletteView");
    m_list->setAccessibleName(tr("Commands"));
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setFocusPolicy(Qt::NoFocus); // the arrow keys of the line move it
    m_shown->setSourceModel(m_entries);
    m_shown->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setModel(m_shown);
    setWindowFlag(Qt::FramelessWindowHint);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* frame = new QFrame(this);
    setLook(frame, Look::Card);
    outer->addWidget(frame);
    auto* layout = new QVBoxLayout(frame);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
    fill();
    filter({});
    resize(kSize);
}

void CommandPalette::fill() {
    for (QAction* action : m_actions.actions()) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        const QString name = plain(action->text());
        auto* entry =
            new QStandardItem(action->icon(), keys.isEmpty() ? name : name + QStringLiteral("    ") + keys);
        entry->setData(QVariant::fromValue(action), kActionRole);
        entry->setToolTip(action->statusTip());
        entry->setEnabled(action->isEnabled());
        m_entries->appendRow(entry);
    }
}

void CommandPalette::filter(const QString& text) {
    m_shown->setFilterRegularExpression(
        QRegularExpression(patternOf(text), QRegularExpression::CaseInsensitiveOption));
    for (int row = 0; row < m_shown->rowCount(); ++row) {
        if (!(m_shown->index(row, 0).flags() & Qt::ItemIsEnabled))
            continue;
        m_list->setCurrentIndex(m_shown->index(row, 0));
        return;
    }
}

void CommandPalette::run() {
    const QModelIndex chosen = m_list->currentIndex();
    auto* action = chosen.data(kActionRole).value<QAction*>();
    if (action == nullptr || !action->isEnabled())
        return;
    accept(); // before the action, which may open a dialog of its own
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_search || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    const int rows = m_shown->rowCount();
    const int row = m_list->currentIndex().row();
    switch (key->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run();
        return true;
    case Qt::Key_Down:
        m_list->setCurrentIndex(m_shown->index(std::min(row + 1, rows - 1), 0));
        return true;
    case Qt::Key_Up:
        m_list->setCurrentIndex(m_shown->index(std::max(row - 1, 0), 0));
        return true;
    default:
        return QDialog::eventFilter(watched, event);
    }
}

} // namespace lathe
