#include "widgets/pages/study_trials_table.h"

#include "widgets/forms/row_table.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr int kRowHeight = 30;
/// Widths in letters: trial, state, value, steps, time; then each searched field.
constexpr std::array<int, StudyTrialModel::FirstParameter> kColumnLetters{14, 29, 24, 13, 16};
constexpr int kFieldLetters = 22;

/// The best trial in bold.
class TrialDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        option->font.setBold(index.data(StudyTrialModel::IsBestRole).toBool());
    }
};

} // namespace

StudyTrialsTable::StudyTrialsTable(StudyTrialModel& trials, QWidget* parent)
    : QTableView(parent), m_trials(trials), m_sorted(new QSortFilterProxyModel(this)) {
    setObjectName("studyTrialsTable");
    m_sorted->setSourceModel(&m_trials);
    m_sorted->setSortRole(StudyTrialModel::SortRole);
    setModel(m_sorted);
    setItemDelegate(new TrialDelegate(this));
    setUpRowTable(*this, kRowHeight);
    setSortingEnabled(true);
    sortByColumn(StudyTrialModel::Number, Qt::AscendingOrder);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setStretchLastSection(true);
    connect(&m_trials, &QAbstractItemModel::modelReset, this, &StudyTrialsTable::sizeColumns);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, &StudyTrialsTable::trialChosen);
}

void StudyTrialsTable::sizeColumns() {
    const int letter = fontMetrics().averageCharWidth();
    for (int column = 0; column + 1 < m_sorted->columnCount(); ++column) {
        const auto place = static_cast<std::size_t>(column);
        const int words = letter * (place < kColumnLetters.size() ? kColumnLetters[place] : kFieldLetters);
        horizontalHeader()->resizeSection(column,
                                          std::max(words, horizontalHeader()->sectionSizeHint(column)));
    }
}

QModelIndex StudyTrialsTable::chosen() const { return m_sorted->mapToSource(currentIndex()); }

bool StudyTrialsTable::hasTrials() const { return m_sorted->rowCount() > 0; }

void StudyTrialsTable::choose(std::int64_t number) {
    const int row = std::max(0, m_trials.rowOf(number));
    selectRow(m_sorted->mapFromSource(m_trials.index(row, 0)).row());
}

void StudyTrialsTable::toggleTick() {
    const QModelIndex cell = chosen().siblingAtColumn(StudyTrialModel::Number);
    if (!cell.isValid())
        return;
    const bool isTicked = cell.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    m_trials.setData(cell, isTicked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

QPoint StudyTrialsTable::menuPlace() const {
    return viewport()->mapToGlobal(visualRect(currentIndex()).bottomLeft());
}

void StudyTrialsTable::mousePressEvent(QMouseEvent* event) {
    QTableView::mousePressEvent(event);
    const QModelIndex index = indexAt(event->pos());
    m_grip.reset();
    if (event->button() == Qt::LeftButton && index.data(StudyTrialModel::PlaceRole).toLongLong() > 0)
        m_grip = Grip{index.data(StudyTrialModel::NumberRole).toLongLong(), event->pos()};
}

/// Without QDrag, which would run an event loop of its own.
void StudyTrialsTable::mouseMoveEvent(QMouseEvent* event) {
    if (!m_grip || !event->buttons().testFlag(Qt::LeftButton))
        return QTableView::mouseMoveEvent(event);
    const int way = (event->pos() - m_grip->from).manhattanLength();
    m_grip->isMoving = m_grip->isMoving || way >= QApplication::startDragDistance();
    if (!m_grip->isMoving)
        return;
    const QModelIndex index = indexAt(event->pos());
    const bool isTurn = index.data(StudyTrialModel::PlaceRole).toLongLong() > 0;
    m_grip->over = isTurn ? index : QModelIndex();
    viewport()->setCursor(isTurn ? Qt::ClosedHandCursor : Qt::ForbiddenCursor);
    viewport()->update();
}

void StudyTrialsTable::mouseReleaseEvent(QMouseEvent* event) {
    const std::optional<Grip> grip = m_grip;
    letGo();
    if (!grip || !grip->isMoving)
        return QTableView::mouseReleaseEvent(event);
    const std::int64_t turn = grip->over.data(StudyTrialModel::PlaceRole).toLongLong();
    if (turn > 0 && grip->over.data(StudyTrialModel::NumberRole).toLongLong() != grip->number)
        Q_EMIT turnWanted(grip->number, turn);
}

void StudyTrialsTable::letGo() {
    if (!m_grip)
        return;
    m_grip.reset();
    viewport()->unsetCursor();
    viewport()->update();
}

/// With a frame around the trial whose turn is aimed at.
void StudyTrialsTable::paintEvent(QPaintEvent* event) {
    QTableView::paintEvent(event);
    if (!m_grip || !m_grip->over.isValid())
        return;
    QPainter painter(viewport());
    const int top = rowViewportPosition(m_grip->over.row());
    painter.setPen(QPen(themeColors(palette()).accent, 2));
    painter.drawRect(QRect(1, top + 1, viewport()->width() - 3, rowHeight(m_grip->over.row()) - 3));
}

/// In whichever column the cursor is.
void StudyTrialsTable::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_grip && m_grip->isMoving)
        return letGo();
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier)
        return toggleTick();
    QTableView::keyPressEvent(event);
}

void StudyTrialsTable::contextMenuEvent(QContextMenuEvent* event) {
    const bool isByMouse = event->reason() == QContextMenuEvent::Mouse;
    if (!chosen().isValid() || (isByMouse && !indexAt(event->pos()).isValid()))
        return;
    Q_EMIT menuWanted(isByMouse ? event->globalPos() : menuPlace());
}

} // namespace lathe
