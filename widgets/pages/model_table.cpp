#include "widgets/pages/model_table.h"

#include "widgets/forms/row_table.h"
#include "widgets/theme/icons.h"

#include <QHeaderView>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr int kRowHeight = 34;
/// Widths in letters: name, family, parameters, number format, size, context, tokenizer, methods, memory.
constexpr std::array<int, ModelTableModel::ColumnCount> kColumnLetters{26, 13, 17, 14, 13, 13, 15, 25, 27};

/// The rows with their colours: what is not there is grey, what fits has the sign for it beside its words.
class PaintedModels final : public ModelSortModel {
public:
    PaintedModels(const QWidget& page, QObject* parent) : ModelSortModel(parent), m_page(page) {}

    QVariant data(const QModelIndex& index, int role) const override {
        if (role == Qt::ForegroundRole && stateOf(index) == ModelEntry::State::Missing)
            return m_page.palette().color(QPalette::Disabled, QPalette::Text);
        if (role == Qt::DecorationRole && index.column() == ModelTableModel::Fits)
            return signOf(index);
        return ModelSortModel::data(index, role);
    }

private:
    static ModelEntry::State stateOf(const QModelIndex& index) {
        return static_cast<ModelEntry::State>(index.data(ModelTableModel::StateRole).toInt());
    }
    static QVariant signOf(const QModelIndex& index) {
        if (stateOf(index) == ModelEntry::State::Missing)
            return themedIcon("warning", IconTone::Muted);
        if (stateOf(index) == ModelEntry::State::Faulty)
            return themedIcon("warning", IconTone::Danger);
        switch (static_cast<MemoryFit>(index.data(ModelTableModel::FitRole).toInt())) {
        case MemoryFit::Fits:
            return themedIcon("success", IconTone::Success);
        case MemoryFit::Tight:
            return themedIcon("warning", IconTone::Warning);
        case MemoryFit::TooBig:
            return themedIcon("warning", IconTone::Danger);
        case MemoryFit::Unknown:
            break;
        }
        return {};
    }

    const QWidget& m_page;
};

} // namespace

ModelTable::ModelTable(ModelTableModel& models, QWidget* parent)
    : QTableView(parent), m_sorted(new PaintedModels(*this, this)) {
    m_sorted->setSourceModel(&models);
    setObjectName("modelsTable");
    setModel(m_sorted);
    setUpRowTable(*this, kRowHeight);
    setSortingEnabled(true);
    sortByColumn(ModelTableModel::Name, Qt::AscendingOrder);
    setUpColumns();
}

void ModelTable::setUpColumns() {
    QHeaderView* header = horizontalHeader();
    header->setSectionsMovable(true);
    for (int column = 0; column < ModelTableModel::ColumnCount; ++column)
        header->resizeSection(column, widthOf(column));
    header->setSectionResizeMode(ModelTableModel::Attach, QHeaderView::Stretch);
    connect(header, &QHeaderView::sectionResized, this, [this](int column) {
        m_isNameByHand = m_isNameByHand || (column == ModelTableModel::Name && !m_isFitting);
    });
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_sorted, signal, this, &ModelTable::fitName);
}

int ModelTable::widthOf(int column) const {
    return fontMetrics().averageCharWidth() * kColumnLetters[static_cast<std::size_t>(column)];
}

void ModelTable::fitName() {
    if (m_isNameByHand)
        return;
    int room = viewport()->width() - widthOf(ModelTableModel::Attach);
    for (int column = 0; column < ModelTableModel::ColumnCount; ++column)
        if (column != ModelTableModel::Name && column != ModelTableModel::Attach)
            room -= columnWidth(column);
    const int least = widthOf(ModelTableModel::Name);
    m_isFitting = true;
    setColumnWidth(ModelTableModel::Name,
                   std::clamp(sizeHintForColumn(ModelTableModel::Name), least, std::max(least, room)));
    m_isFitting = false;
}

void ModelTable::resizeEvent(QResizeEvent* event) {
    fitName();
    QTableView::resizeEvent(event);
}

} // namespace lathe
