#include "widgets/pages/prediction_view.h"

#include "core/session/text.h"
#include "widgets/charts/flow_layout.h"
#include "widgets/forms/row_table.h"
#include "widgets/pages/prediction_details.h"
#include "widgets/shell/page.h"
#include "widgets/theme/theme.h"

#include <QButtonGroup>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <array>

namespace lathe {

namespace {

constexpr int kRowHeight = 30;
constexpr int kTypingMs = 200;
constexpr int kChipGap = 6;
constexpr int kDetailsHeight = 200;
/// Widths in letters: row, verdict, expected, answer, other answer; the prompt takes what is left.
constexpr std::array<int, PredictionTableModel::ColumnCount> kColumnLetters{9, 14, 20, 22, 22, 20};

/// Right and wrong in colour, beside the sign that says it too.
class VerdictDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const ThemeColors& colors = themeColors(option->palette);
        const QVariant isCorrect = index.data(PredictionTableModel::CorrectRole);
        if (index.data(PredictionTableModel::FailedRole).toBool())
            option->palette.setColor(QPalette::Text, colors.warning);
        else if (isCorrect.isValid())
            option->palette.setColor(QPalette::Text, isCorrect.toBool() ? colors.success : colors.danger);
    }
};

} // namespace

PredictionView::PredictionView(QWidget* parent)
    : QWidget(parent),
      m_group(new QButtonGroup(this)),
      m_chipRow(new QWidget(this)),
      m_filter(new QLineEdit(this)),
      m_count(new QLabel(this)),
      m_table(new QTableView(this)),
      m_details(new PredictionDetails(this)) {
    setObjectName("predictionView");
    setUpChips();
    m_filter->setObjectName("predictionFilterEdit");
    m_filter->setClearButtonEnabled(true);
    m_count->setObjectName("predictionCountLabel");
    setLook(m_count, Look::Muted);
    setUpTable();
    arrange();
    m_typing.setSingleShot(true);
    connect(&m_typing, &QTimer::timeout, this, &PredictionView::list);
    connect(m_filter, &QLineEdit::textChanged, this, [this] { m_typing.start(kTypingMs); });
    connect(m_group, &QButtonGroup::idClicked, this, &PredictionView::list);
    connect(&m_model, &PredictionTableModel::listed, this, &PredictionView::listed);
    connect(&m_model, &PredictionTableModel::failed, this, &PredictionView::failed);
    retranslate();
}

void PredictionView::setUpChips() {
    new FlowLayout(m_chipRow, kChipGap); // becomes its layout
    using Verdict = PredictionFilter::Verdict;
    using Change = PredictionFilter::Change;
    addChip("allRowsButton", Verdict::Any, Change::Any);
    addChip("rightRowsButton", Verdict::Right, Change::Any);
    addChip("wrongRowsButton", Verdict::Wrong, Change::Any);
    addChip("failedRowsButton", Verdict::Failed, Change::Any);
    addChip("gainedRowsButton", Verdict::Any, Change::Gained);
    addChip("lostRowsButton", Verdict::Any, Change::Lost);
    addChip("bothWrongRowsButton", Verdict::Any, Change::BothWrong);
    addChip("otherAnswerRowsButton", Verdict::Any, Change::OtherAnswer);
    m_chips.first().button->setChecked(true);
}

void PredictionView::arrange() {
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_filter, 1);
    row->addWidget(m_count);
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setObjectName("predictionSplitter");
    split->setHandleWidth(10);
    split->setChildrenCollapsible(false);
    split->addWidget(m_table);
    split->addWidget(m_details);
    split->setStretchFactor(0, 1);
    split->setSizes({2 * kDetailsHeight, kDetailsHeight});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_chipRow);
    column->addLayout(row);
    column->addWidget(split, 1);
}

void PredictionView::addChip(const char* name, PredictionFilter::Verdict verdict,
                             PredictionFilter::Change change) {
    auto* button = new QPushButton(m_chipRow);
    button->setObjectName(QLatin1String(name));
    button->setCheckable(true);
    m_group->addButton(button, static_cast<int>(m_chips.size()));
    m_chipRow->layout()->addWidget(button);
    m_chips.append({button, verdict, change, change != PredictionFilter::Change::Any});
}

void PredictionView::setUpTable() {
    m_table->setObjectName("predictionTable");
    m_table->setModel(&m_model);
    m_table->setItemDelegateForColumn(PredictionTableModel::Verdict, new VerdictDelegate(m_table));
    setUpRowTable(*m_table, kRowHeight);
    QHeaderView* header = m_table->horizontalHeader();
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int letter = m_table->fontMetrics().averageCharWidth();
    for (int column = 0; column < PredictionTableModel::ColumnCount; ++column)
        header->resizeSection(column, letter * kColumnLetters[static_cast<std::size_t>(column)]);
    header->setStretchLastSection(true);
    m_table->setColumnHidden(PredictionTableModel::OtherAnswer, true);
    joinFilter(*m_filter, *m_table);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid())
                    m_chosenRow = current.data(PredictionTableModel::RowRole).toLongLong();
                showDetails();
            });
    connect(&m_model, &QAbstractItemModel::dataChanged, this, &PredictionView::showDetails);
}

void PredictionView::show(const EvaluationRecord* record) {
    const EvaluationId id = record == nullptr ? EvaluationId{} : record->id;
    m_record = record == nullptr ? EvaluationRecord{} : *record;
    if (id == m_id) {
        updateChips();
        return;
    }
    m_id = id;
    m_chosenRow = -1;
    m_comparison.reset();
    m_table->setColumnHidden(PredictionTableModel::OtherAnswer, true);
    m_chips.first().button->setChecked(true);
    updateChips();
    list();
}

void PredictionView::update(const EvaluationRecord& record) {
    if (record.id != m_id)
        return;
    const bool hasNewRows = record.rowsDone != m_record.rowsDone;
    m_record = record;
    updateChips();
    if (hasNewRows)
        m_model.refresh();
}

void PredictionView::compareWith(const EvaluationComparison* comparison) {
    m_comparison = comparison == nullptr ? std::nullopt : std::optional(*comparison);
    if (!m_comparison && m_chips[m_group->checkedId()].isOfComparison)
        m_chips.first().button->setChecked(true);
    m_table->setColumnHidden(PredictionTableModel::OtherAnswer, !m_comparison);
    updateChips();
    list();
}

void PredictionView::list() {
    const Chip& chip = m_chips[m_group->checkedId()];
    PredictionFilter filter;
    filter.verdict = chip.verdict;
    filter.text = m_filter->text().toStdString();
    filter.other = m_comparison ? m_comparison->first : EvaluationId{};
    filter.change = chip.change;
    m_model.show(m_id, filter);
}

/// Whoever reads a row keeps it, as long as it passes.
void PredictionView::listed() {
    const int rows = m_model.rowCount();
    m_count->setText(tr("%n row(s)", nullptr, rows));
    const int place = m_chosenRow < 0 ? -1 : m_model.positionOf(m_chosenRow);
    if (rows > 0 && m_table->currentIndex().row() != std::max(place, 0))
        m_table->selectRow(std::max(place, 0));
    showDetails();
}

void PredictionView::showDetails() {
    const int position = m_table->currentIndex().row();
    if (position < 0 || position >= m_model.rowCount()) {
        m_details->show(nullptr, nullptr, {});
        return;
    }
    const PredictionRecord* row = m_model.prediction(position);
    if (row == nullptr)
        return; // it is being fetched
    m_details->show(row, m_model.other(position), m_comparison ? m_comparison->firstName : QString());
}

void PredictionView::updateChips() {
    const auto number = [](std::int64_t value) { return QLocale().toString(qlonglong{value}); };
    const EvaluationComparison none;
    const EvaluationComparison& beside = m_comparison ? *m_comparison : none;
    const QString texts[] = {tr("&All  %1", "rows").arg(number(m_record.rowsDone)),
                             tr("Ri&ght  %1", "rows").arg(number(m_record.rowsRight)),
                             tr("Wr&ong  %1", "rows").arg(number(m_record.rowsWrong)),
                             tr("&Not asked  %1", "rows").arg(number(m_record.rowsFailed)),
                             tr("Ga&ined  %1", "rows").arg(number(beside.gained)),
                             tr("&Lost  %1", "rows").arg(number(beside.lost)),
                             tr("&Both wrong  %1", "rows").arg(number(beside.bothWrong)),
                             tr("Other answer", "rows")};
    for (qsizetype i = 0; i < m_chips.size(); ++i) {
        m_chips[i].button->setText(texts[i]);
        m_chips[i].button->setVisible(!m_chips[i].isOfComparison || m_comparison.has_value());
    }
}

void PredictionView::retranslate() {
    m_filter->setPlaceholderText(tr("Text in prompt, answer or expected answer (Ctrl+F)"));
    m_filter->setAccessibleName(tr("Filter the rows"));
    m_table->setAccessibleName(tr("Rows of the evaluation"));
    m_count->setText(tr("%n row(s)", nullptr, m_model.rowCount()));
    m_chips[4].button->setToolTip(tr("Wrong in the other evaluation, right in this one"));
    m_chips[5].button->setToolTip(tr("Right in the other evaluation, wrong in this one"));
    updateChips();
    m_details->retranslate();
    m_table->viewport()->update();
}

} // namespace lathe
