#include "widgets/pages/dataset_lengths_tab.h"

#include "core/session/recipe_draft.h"
#include "widgets/pages/dataset_progress.h"
#include "widgets/pages/length_chart.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QStackedLayout>
#include <QTableView>

namespace lathe {

namespace {
constexpr int kRowHeight = 26;
} // namespace

DatasetLengthsTab::DatasetLengthsTab(DatasetLengths& lengths, RecipeDraft& choices, QWidget* parent)
    : QWidget(parent),
      m_lengths(lengths),
      m_choices(choices),
      m_sentence(new QLabel(this)),
      m_summary(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_asTable(new QCheckBox(this)),
      m_progress(new DatasetProgress(lengths, QStringLiteral("lengths"), this)),
      m_stack(new QStackedLayout),
      m_chart(new LengthChart(this)),
      m_table(new QTableView(this)) {
    m_sentence->setObjectName("lengthsSentenceLabel");
    m_summary->setObjectName("lengthsSummaryLabel");
    m_problem->setObjectName("lengthsProblemLabel");
    m_asTable->setObjectName("lengthsAsTableCheckBox");
    m_sentence->setWordWrap(true);
    m_summary->setWordWrap(true);
    setLook(m_sentence, Look::Heading);
    setLook(m_summary, Look::Muted);
    setLook(m_problem, Look::Problem);
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_table->setObjectName("lengthsTable");
    m_table->setModel(&lengths.bins());
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_stack->addWidget(m_chart);
    m_stack->addWidget(m_table);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_sentence);
    texts->addWidget(m_summary);
    auto* top = new QHBoxLayout;
    top->addLayout(texts, 1);
    top->addWidget(m_asTable);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(10);
    column->addLayout(top);
    column->addWidget(m_progress);
    column->addWidget(m_problem);
    column->addLayout(m_stack, 1);
    connect(m_asTable, &QCheckBox::toggled, this,
            [this](bool isTable) { m_stack->setCurrentIndex(isTable ? 1 : 0); });
    connect(&m_lengths, &DatasetView::changed, this, &DatasetLengthsTab::update);
    connect(m_chart, &LengthChart::cutOffMoved, this, [this](std::size_t tokens) {
        m_choices.setValue(QStringLiteral("max_length"), static_cast<std::int64_t>(tokens));
        showSentence();
    });
    retranslate();
}

void DatasetLengthsTab::update() {
    m_problem->setText(m_lengths.problem());
    m_problem->setVisible(!m_lengths.problem().isEmpty());
    m_chart->setBins(m_lengths.bins().bins(), m_lengths.bins().width());
    m_chart->setCutOff(m_lengths.maxLength());
    showSentence();
}

void DatasetLengthsTab::showSentence() {
    const TokenLengths& lengths = m_lengths.lengths();
    const bool isThere = !lengths.rows().empty();
    m_sentence->setText(isThere ? m_lengths.sentence(m_chart->cutOff())
                                : tr("The lengths are not known yet."));
    const auto number = [](std::uint32_t tokens) { return QLocale().toString(tokens); };
    m_summary->setText(isThere
                           ? tr("Half of the rows have up to %1 tokens, 95 % up to %2; the longest has %3. "
                                "Drag the line, or move it with the arrow keys.")
                                 .arg(number(lengths.quantile(0.5)), number(lengths.quantile(0.95)),
                                      number(lengths.longest()))
                           : QString());
    m_chart->setAccessibleDescription(m_sentence->text() + QLatin1Char(' ') + m_summary->text());
}

void DatasetLengthsTab::retranslate() {
    m_asTable->setText(tr("As a table"));
    m_progress->setText(tr("Counting tokens"));
    m_chart->setAccessibleName(tr("Lengths of the rows, with the longest sequence"));
    m_table->setAccessibleName(tr("Lengths of the rows"));
    update();
}

} // namespace lathe
