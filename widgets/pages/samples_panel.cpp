#include "widgets/pages/samples_panel.h"

#include "core/session/text.h"
#include "widgets/theme/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr qsizetype kLongestPrompt = 220;
constexpr qsizetype kLongestAnswer = 200;

/// The question stands at a prompt's end, so the middle goes.
QString shortened(const QString& text, qsizetype longest) {
    const QString plain = text.simplified();
    if (plain.size() <= longest)
        return plain;
    return plain.first(longest / 3) + QStringLiteral(" … ") + plain.last(longest - longest / 3);
}

} // namespace

SamplesPanel::SamplesPanel(QWidget* parent)
    : QFrame(parent), m_heading(new QLabel(this)), m_empty(new QLabel(this)), m_grid(new QGridLayout) {
    setObjectName("samplesPanel");
    setLook(this, Look::Card);
    m_heading->setObjectName("samplesHeadingLabel");
    setLook(m_heading, Look::Heading);
    m_empty->setObjectName("samplesEmptyLabel");
    setLook(m_empty, Look::Muted);
    m_grid->setHorizontalSpacing(20);
    m_grid->setVerticalSpacing(8);
    const int stretches[] = {5, 2, 3, 3};
    for (int column = 0; column < 4; ++column) {
        m_titles[column] = makeCell(0, column, QStringLiteral("samplesColumn%1Label").arg(column));
        setLook(m_titles[column], Look::Muted);
        m_grid->setColumnStretch(column, stretches[column]);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 14, 18, 16);
    column->setSpacing(10);
    column->addWidget(m_heading);
    column->addWidget(m_empty);
    column->addLayout(m_grid);
    column->addStretch(1);
    retranslate();
    updateVisible();
}

QLabel* SamplesPanel::makeCell(int row, int column, const QString& name) {
    auto* cell = new QLabel(this);
    cell->setObjectName(name);
    cell->setWordWrap(true);
    cell->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    cell->setTextFormat(Qt::PlainText); // a model may well answer with "<b>"
    cell->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_grid->addWidget(cell, row, column, Qt::AlignTop);
    return cell;
}

SamplesPanel::Row& SamplesPanel::rowOf(const SampleText& sample) {
    const auto known = std::ranges::find(m_rows, sample.prompt, &Row::prompt);
    if (known != m_rows.end())
        return *known;
    const int line = static_cast<int>(m_rows.size()) + 1;
    const auto name = [line](const char* part) {
        return QStringLiteral("sample%1%2Label").arg(line).arg(part);
    };
    Row row{sample.prompt,
            -1,
            makeCell(line, 0, name("Prompt")),
            makeCell(line, 1, name("Expected")),
            makeCell(line, 2, name("Before")),
            makeCell(line, 3, name("Now"))};
    row.question->setText(shortened(toQString(sample.prompt), kLongestPrompt));
    row.question->setToolTip(toQString(sample.prompt));
    row.expected->setText(shortened(toQString(sample.expected), kLongestAnswer));
    for (QLabel* cell : {row.question, row.expected, row.before, row.now})
        cell->show();
    m_rows.push_back(std::move(row));
    return m_rows.back();
}

/// A right answer is marked by a sign, not by colour alone.
void SamplesPanel::mark(QLabel* answer, const SampleText& sample) const {
    const QString text = toQString(sample.text).simplified();
    const QString expected = toQString(sample.expected).simplified();
    const bool isRight = !expected.isEmpty() && text == expected;
    answer->setText(
        (isRight ? QStringLiteral("✓ ") : QString()) +
        (text.isEmpty() ? tr("(nothing)", "the model's answer is empty") : shortened(text, kLongestAnswer)));
    answer->setToolTip(text);
}

void SamplesPanel::add(const SampleText& sample) {
    Row& row = rowOf(sample);
    if (sample.step == 0)
        mark(row.before, sample);
    if (sample.step >= row.lastStep && sample.step > 0) {
        row.lastStep = sample.step;
        mark(row.now, sample);
    }
    if (sample.step > m_newestStep) {
        m_newestStep = sample.step;
        retranslate();
    }
    updateVisible();
}

void SamplesPanel::setSamples(std::span<const SampleText> samples) {
    for (const Row& row : m_rows)
        for (QLabel* cell : {row.question, row.expected, row.before, row.now}) {
            m_grid->removeWidget(cell);
            cell->hide();
            cell->deleteLater();
        }
    m_rows.clear();
    m_newestStep = 0;
    for (const SampleText& sample : samples)
        add(sample);
    retranslate();
    updateVisible();
}

void SamplesPanel::updateVisible() {
    m_empty->setVisible(m_rows.empty());
    for (QLabel* title : m_titles)
        title->setVisible(!m_rows.empty());
}

void SamplesPanel::retranslate() {
    m_heading->setText(tr("Before and after"));
    m_empty->setText(
        tr("The base model's answers to a few fixed prompts come first, the trained model's beside them."));
    m_titles[0]->setText(tr("Prompt"));
    m_titles[1]->setText(tr("Expected"));
    m_titles[2]->setText(tr("Base model"));
    m_titles[3]->setText(m_newestStep > 0 ? tr("Step %1").arg(QLocale().toString(qlonglong{m_newestStep}))
                                          : tr("Trained"));
}

} // namespace lathe
