#include "widgets/pages/prediction_details.h"

#include "core/session/text.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>
#include <QTextEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {

QString escaped(const QString& text) {
    return text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

QString part(const QString& title, const QString& html, const QString& muted) {
    return QStringLiteral("<p><span style=\"color:%1\">%2</span><br>%3</p>")
        .arg(muted, title.toHtmlEscaped(), html);
}

} // namespace

/// Rules take the last number and the first letter; where the same text is in the answer more than once, the
/// last one that is a number and the first of anything else.
QString markedAnswer(const QString& answer, const QString& extracted, const QString& color) {
    if (extracted.isEmpty() || extracted == answer)
        return escaped(answer);
    bool isNumber = false;
    static_cast<void>(QLocale::c().toDouble(extracted, &isNumber));
    const qsizetype place = isNumber ? answer.lastIndexOf(extracted) : answer.indexOf(extracted);
    if (place < 0)
        return escaped(answer);
    return escaped(answer.left(place)) +
           QStringLiteral("<span style=\"background-color:%1; font-weight:600\">%2</span>")
               .arg(color, escaped(extracted)) +
           escaped(answer.mid(place + extracted.size()));
}

PredictionDetails::PredictionDetails(QWidget* parent)
    : QFrame(parent), m_heading(new QLabel(this)), m_text(new QTextEdit(this)) {
    setObjectName("predictionDetails");
    setLook(this, Look::Card);
    m_heading->setObjectName("predictionHeadingLabel");
    setLook(m_heading, Look::Heading);
    m_text->setObjectName("predictionText");
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    setLook(m_text, Look::Message);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 14, 10);
    column->setSpacing(4);
    column->addWidget(m_heading);
    column->addWidget(m_text, 1);
    retranslate();
}

void PredictionDetails::show(const PredictionRecord* row, const PredictionRecord* other,
                             const QString& otherName) {
    const bool isSame = m_hasRow == (row != nullptr) && m_hasOther == (other != nullptr) &&
                        m_otherName == otherName && (row == nullptr || m_row == *row) &&
                        (other == nullptr || m_other == *other);
    if (isSame)
        return; // whoever reads it keeps the place
    m_hasRow = row != nullptr;
    m_hasOther = other != nullptr;
    m_row = m_hasRow ? *row : PredictionRecord{};
    m_other = m_hasOther ? *other : PredictionRecord{};
    m_otherName = otherName;
    render();
}

void PredictionDetails::render() {
    if (!m_hasRow) {
        m_heading->setText(tr("Choose a row to read it."));
        m_text->clear();
        return;
    }
    const auto number = [](std::int64_t value) { return QLocale().toString(qlonglong{value}); };
    m_heading->setText(tr("Row %1, line %2 of the file").arg(number(m_row.row + 1), number(m_row.line)));
    const ThemeColors& colors = themeColors(palette());
    const QString muted = colors.mutedText.name();
    const auto verdict = [&](const PredictionRecord& row) {
        if (!row.isCorrect)
            return QString();
        return QStringLiteral(" <b style=\"color:%1\">%2</b>")
            .arg((*row.isCorrect ? colors.success : colors.danger).name(),
                 *row.isCorrect ? QStringLiteral("✓ ") + tr("right", "an answer")
                                : QStringLiteral("✗ ") + tr("wrong", "an answer"));
    };
    const auto answerOf = [&](const PredictionRecord& row) {
        if (!row.problem.empty())
            return escaped(toQString(row.problem));
        const QString answer = toQString(row.answer.empty() ? row.extracted : row.answer);
        return (answer.isEmpty() ? tr("(nothing)", "the model's answer is empty")
                                 : markedAnswer(answer, toQString(row.extracted), colors.grid.name())) +
               verdict(row);
    };
    QString html = part(tr("Expected"), escaped(toQString(m_row.expected)), muted);
    html += part(m_row.problem.empty() ? tr("Answer") : tr("Not asked"), answerOf(m_row), muted);
    if (m_row.problem.empty() && !m_row.answer.empty() && m_row.extracted != m_row.answer)
        html += part(tr("Compared"), escaped(toQString(m_row.extracted)), muted);
    if (m_hasOther)
        html += part(tr("Answer of “%1”").arg(m_otherName), answerOf(m_other), muted);
    html += part(tr("Prompt"), escaped(toQString(m_row.prompt)), muted);
    m_text->setHtml(html);
}

void PredictionDetails::retranslate() {
    m_text->setAccessibleName(tr("The chosen row"));
    render();
}

void PredictionDetails::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange)
        render(); // colours are in the text
    QFrame::changeEvent(event);
}

} // namespace lathe
