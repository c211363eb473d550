#include "widgets/pages/dataset_tokens_tab.h"

#include "widgets/forms/elided.h"
#include "widgets/pages/token_text.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QShortcut>
#include <QSpinBox>
#include <QStackedLayout>
#include <QTableView>
#include <QToolButton>
#include <QWheelEvent>

#include <limits>

namespace lathe {

namespace {

constexpr int kRowHeight = 26;

/// Leaves the wheel to the page until it has the focus.
class RowBox final : public QSpinBox {
public:
    using QSpinBox::QSpinBox;

protected:
    void wheelEvent(QWheelEvent* event) override {
        if (hasFocus())
            QSpinBox::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace

DatasetTokensTab::DatasetTokensTab(DatasetPreview& preview, QWidget* parent)
    : QWidget(parent),
      m_preview(preview),
      m_rowLabel(new QLabel(this)),
      m_row(new RowBox(this)),
      m_previous(new QToolButton(this)),
      m_next(new QToolButton(this)),
      m_facts(new ElidedLabel(Qt::ElideRight, this)),
      m_asTable(new QCheckBox(this)),
      m_problem(new QLabel(this)),
      m_legend(new TokenLegend(this)),
      m_stack(new QStackedLayout),
      m_text(new TokenText(this)),
      m_table(new QTableView(this)) {
    m_text->setObjectName("tokenText");
    m_problem->setObjectName("tokensProblemLabel");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    setLook(m_problem, Look::Problem);
    setUpTable();
    m_stack->addWidget(m_text);
    m_stack->addWidget(m_table);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(10);
    column->addWidget(makeTools());
    column->addWidget(m_legend);
    column->addWidget(m_problem);
    column->addLayout(m_stack, 1);
    connect(&m_preview, &DatasetView::changed, this, &DatasetTokensTab::update);
    retranslate();
}

QWidget* DatasetTokensTab::makeTools() {
    auto* tools = new QWidget(this);
    m_row->setObjectName("tokensRowBox");
    m_row->setFocusPolicy(Qt::StrongFocus);
    m_row->setKeyboardTracking(false);
    m_rowLabel->setBuddy(m_row);
    m_previous->setObjectName("previousRowButton");
    m_next->setObjectName("nextRowButton");
    m_previous->setIcon(themedIcon("chevron-left"));
    m_next->setIcon(themedIcon("chevron-right"));
    m_facts->setObjectName("tokensFactsLabel");
    m_asTable->setObjectName("tokensAsTableCheckBox");
    setLook(m_facts, Look::Muted);
    auto* row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_rowLabel);
    row->addWidget(m_row);
    row->addWidget(m_previous);
    row->addWidget(m_next);
    row->addSpacing(8);
    row->addWidget(m_facts, 1);
    row->addWidget(m_asTable);
    connect(m_row, &QSpinBox::valueChanged, this, [this](int number) {
        m_preview.setRow(static_cast<std::size_t>(number - 1));
        Q_EMIT rowChosen(static_cast<std::size_t>(number - 1));
    });
    connect(m_previous, &QToolButton::clicked, m_row, &QSpinBox::stepDown);
    connect(m_next, &QToolButton::clicked, m_row, &QSpinBox::stepUp);
    connect(m_asTable, &QCheckBox::toggled, this,
            [this](bool isTable) { m_stack->setCurrentIndex(isTable ? 1 : 0); });
    const std::pair<Qt::Key, QToolButton*> keys[] = {{Qt::Key_Left, m_previous}, {Qt::Key_Right, m_next}};
    for (const auto& [key, button] : keys) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::ALT | key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, button, &QToolButton::click);
    }
    return tools;
}

void DatasetTokensTab::setUpTable() {
    m_table->setObjectName("tokensTable");
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->setModel(&m_preview.tokens());
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setColumnWidth(TokenTableModel::Token, 24 * fontMetrics().averageCharWidth());
    m_table->setColumnWidth(TokenTableModel::Part, 20 * fontMetrics().averageCharWidth());
}

void DatasetTokensTab::goTo(std::size_t row) {
    const QSignalBlocker quiet(m_row);
    m_row->setValue(static_cast<int>(row) + 1);
    m_preview.setRow(row);
}

void DatasetTokensTab::update() {
    const auto& table = m_preview.input().table;
    {
        const QSignalBlocker quiet(m_row);
        const std::size_t rows = table == nullptr ? 1 : table->size();
        m_row->setRange(1, static_cast<int>(std::min<std::size_t>(rows, std::numeric_limits<int>::max())));
        m_row->setValue(static_cast<int>(m_preview.row()) + 1);
    }
    m_previous->setEnabled(m_row->value() > m_row->minimum());
    m_next->setEnabled(m_row->value() < m_row->maximum());
    const DatasetRow& shown = m_preview.shown();
    const QString problem = !m_preview.problem().isEmpty() ? m_preview.problem()
                            : shown.dropReason.isEmpty()
                                ? QString()
                                : tr("This row is left out: %1").arg(shown.dropReason);
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    if (!m_preview.job().isRunning()) { // the tokens of before stay while others are asked for
        m_text->setTokens(shown.tokens);
        m_legend->setTokens(shown.tokens);
        m_legend->setVisible(!shown.tokens.isEmpty());
    }
    updateFacts();
}

void DatasetTokensTab::updateFacts() {
    const DatasetRow& shown = m_preview.shown();
    QStringList facts;
    if (!shown.tokens.isEmpty())
        facts << tr("%Ln tokens", nullptr, static_cast<int>(shown.tokens.size()))
              << tr("%Ln trained on", "tokens", static_cast<int>(m_preview.tokens().trainedCount()));
    if (!shown.label.isEmpty())
        facts << tr("label: %1").arg(shown.label);
    if (!shown.cutReason.isEmpty())
        facts << shown.cutReason;
    m_facts->setText(facts.join(QStringLiteral("  ·  ")));
    m_facts->setToolTip(m_facts->text());
    m_text->setAccessibleDescription(m_facts->text());
}

void DatasetTokensTab::retranslate() {
    m_rowLabel->setText(tr("Row"));
    m_row->setAccessibleName(tr("Row that is shown"));
    m_previous->setAccessibleName(tr("Previous row"));
    m_previous->setToolTip(tr("Previous row (Alt+Left)"));
    m_next->setAccessibleName(tr("Next row"));
    m_next->setToolTip(tr("Next row (Alt+Right)"));
    m_asTable->setText(tr("As a table"));
    m_asTable->setToolTip(tr("One token a line, with its part and whether it is trained on"));
    m_text->setAccessibleName(tr("Tokens of the row"));
    m_table->setAccessibleName(tr("Tokens of the row"));
    update();
}

void DatasetTokensTab::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_text->recolor();
        m_legend->setTokens(m_preview.shown().tokens);
    }
}

} // namespace lathe
