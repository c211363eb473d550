#include "widgets/forms/range_editor.h"

#include "widgets/charts/flow_layout.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

enum Mode { Range, List };

QString joined(const ChoiceDomain& domain) {
    QStringList parts;
    for (const std::string& value : domain.values)
        parts << QString::fromStdString(value);
    return parts.join(QStringLiteral(", "));
}

std::string number(double value) { return toText(ParamValue(value)); }

} // namespace

RangeEditor::RangeEditor(const ParamSpec& spec, QWidget* parent) : QWidget(parent), m_spec(spec) {
    constexpr int kGap = 6;
    if (const ChoiceDomain* choices = std::get_if<ChoiceDomain>(&m_spec.domain)) {
        new FlowLayout(this, kGap);
        addChoiceBoxes(*choices);
        QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
        retranslate();
        return;
    }
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGap);
    if (std::holds_alternative<BoolDomain>(m_spec.domain)) {
        m_note = new QLabel(this);
        setLook(m_note, Look::Muted);
        layout->addWidget(m_note);
    } else {
        addNumberEditors();
    }
    layout->addStretch(1);
    retranslate();
}

void RangeEditor::addNumberEditors() {
    const QString key = QString::fromStdString(m_spec.key);
    m_mode = new QComboBox(this);
    m_mode->addItems({QString(), QString()});
    m_low = new QLineEdit(this);
    m_to = new QLabel(QStringLiteral("–"), this);
    m_high = new QLineEdit(this);
    m_log = new QCheckBox(this);
    m_step = new QLineEdit(this);
    m_list = new QLineEdit(this);
    m_note = new QLabel(this);
    setLook(m_note, Look::Muted);
    m_note->hide();
    m_mode->setObjectName(key + QStringLiteral("RangeKindComboBox"));
    m_low->setObjectName(key + QStringLiteral("LowEdit"));
    m_high->setObjectName(key + QStringLiteral("HighEdit"));
    m_log->setObjectName(key + QStringLiteral("LogCheckBox"));
    m_step->setObjectName(key + QStringLiteral("StepEdit"));
    m_list->setObjectName(key + QStringLiteral("ListEdit"));
    m_note->setObjectName(key + QStringLiteral("BoundsLabel"));
    const bool isText = std::holds_alternative<TextDomain>(m_spec.domain);
    m_mode->setCurrentIndex(isText ? List : Range);
    m_mode->setFocusPolicy(Qt::StrongFocus);
    m_mode->setVisible(!isText);
    const int width = fontMetrics().horizontalAdvance(QLatin1Char('0')) * 9;
    for (QLineEdit* edit : {m_low, m_high, m_step}) {
        edit->setFixedWidth(width);
        connect(edit, &QLineEdit::textEdited, this, &RangeEditor::edited);
    }
    for (QWidget* part :
         {static_cast<QWidget*>(m_mode), static_cast<QWidget*>(m_low), static_cast<QWidget*>(m_to),
          static_cast<QWidget*>(m_high), static_cast<QWidget*>(m_log), static_cast<QWidget*>(m_step),
          static_cast<QWidget*>(m_note)})
        layout()->addWidget(part);
    static_cast<QHBoxLayout*>(layout())->addWidget(m_list, 1);
    connectNumberEditors();
    showMode();
}

void RangeEditor::connectNumberEditors() {
    connect(m_list, &QLineEdit::textEdited, this, &RangeEditor::edited);
    connect(m_log, &QCheckBox::clicked, this, &RangeEditor::edited);
    connect(m_mode, &QComboBox::activated, this, [this] {
        showMode();
        Q_EMIT edited();
    });
}

void RangeEditor::addChoiceBoxes(const ChoiceDomain& choices) {
    for (const std::string& value : choices.values) {
        auto* box = new QCheckBox(this);
        box->setObjectName(QString::fromStdString(m_spec.key + '.' + value) + QStringLiteral("CheckBox"));
        box->setChecked(true);
        layout()->addWidget(box);
        m_choices << box;
        connect(box, &QCheckBox::clicked, this, &RangeEditor::edited);
    }
}

void RangeEditor::showMode() {
    const bool isRange = m_mode->currentIndex() == Range;
    for (QWidget* part :
         {static_cast<QWidget*>(m_low), static_cast<QWidget*>(m_to), static_cast<QWidget*>(m_high),
          static_cast<QWidget*>(m_log), static_cast<QWidget*>(m_step)})
        part->setVisible(isRange);
    m_list->setVisible(!isRange);
    showBounds();
}

/// "at least batch_size / 2, at most 64"
void RangeEditor::showBounds() {
    QStringList bounds;
    if (!m_atLeast.empty())
        bounds << tr("at least %1").arg(QString::fromStdString(m_atLeast));
    if (!m_atMost.empty())
        bounds << tr("at most %1").arg(QString::fromStdString(m_atMost));
    m_note->setText(bounds.join(QStringLiteral(", ")));
    m_note->setVisible(!bounds.isEmpty() && m_mode->currentIndex() == Range);
}

std::string RangeEditor::rangeText() const {
    const std::string step = plainNumber(m_step->text());
    return plainNumber(m_low->text()) + ".." + plainNumber(m_high->text()) +
           (m_log->isChecked() ? ":log" : "") + (step.empty() ? "" : ":step=" + step) +
           (m_atLeast.empty() ? "" : ":at_least=" + m_atLeast) +
           (m_atMost.empty() ? "" : ":at_most=" + m_atMost);
}

/// The values as core's parseSearchDimension() reads them, so that window and command line agree.
std::string RangeEditor::valuesText() const {
    if (std::holds_alternative<BoolDomain>(m_spec.domain))
        return "true,false";
    std::string text;
    if (const ChoiceDomain* choices = std::get_if<ChoiceDomain>(&m_spec.domain)) {
        for (qsizetype i = 0; i < m_choices.size(); ++i)
            if (m_choices[i]->isChecked())
                text += (text.empty() ? "" : ",") + choices->values[static_cast<std::size_t>(i)];
        return text;
    }
    if (m_mode->currentIndex() == Range)
        return rangeText();
    // Where a comma is a decimal sign, a semicolon separates.
    const bool hasSemicolons = m_list->text().contains(QLatin1Char(';'));
    for (const QString& part : m_list->text().split(hasSemicolons ? QLatin1Char(';') : QLatin1Char(',')))
        text +=
            (text.empty() ? "" : ",") + (hasSemicolons ? plainNumber(part) : part.trimmed().toStdString());
    return text;
}

Result<SearchDimension> RangeEditor::read() const {
    const std::string values = valuesText();
    if (values.empty())
        return inputError({}, tr("Choose at least one value to search.").toStdString());
    if (m_low && m_mode->currentIndex() == Range &&
        (m_low->text().trimmed().isEmpty() || m_high->text().trimmed().isEmpty()))
        return inputError({}, tr("Type the lowest and the highest value to search.").toStdString());
    return parseSearchDimension(std::span(&m_spec, 1), m_spec.key + '=' + values);
}

std::optional<SearchDimension> RangeEditor::dimension() const {
    auto result = read();
    return result ? std::optional(std::move(result).value()) : std::nullopt;
}

QString RangeEditor::problem() const {
    const auto result = read();
    return result ? QString() : QString::fromStdString(result.error().message);
}

void RangeEditor::setDomain(const Domain& domain) {
    const auto checked = [](bool isLog) { return isLog ? Qt::Checked : Qt::Unchecked; };
    const auto text = [](double value) { return QString::fromStdString(number(value)); };
    if (const IntDomain* whole = std::get_if<IntDomain>(&domain); whole && m_low) {
        const auto* allowed = std::get_if<IntDomain>(&m_spec.domain);
        const bool isUsual = allowed != nullptr && whole->step == allowed->step;
        setRange(QString::number(whole->low), QString::number(whole->high),
                 isUsual ? QString() : QString::number(whole->step), checked(whole->logScale));
    } else if (const RealDomain* real = std::get_if<RealDomain>(&domain); real && m_low) {
        const auto* allowed = std::get_if<RealDomain>(&m_spec.domain);
        const bool isUsual = allowed != nullptr && real->step == allowed->step;
        setRange(text(real->low), text(real->high), isUsual ? QString() : text(real->step),
                 checked(real->logScale));
    } else if (const ChoiceDomain* list = std::get_if<ChoiceDomain>(&domain); list && m_list) {
        m_list->setText(joined(*list));
        m_mode->setCurrentIndex(List);
        showMode();
    } else if (list) {
        const auto& all = std::get<ChoiceDomain>(m_spec.domain).values;
        for (qsizetype i = 0; i < m_choices.size(); ++i)
            m_choices[i]->setChecked(std::ranges::find(list->values, all[static_cast<std::size_t>(i)]) !=
                                     list->values.end());
    }
}

void RangeEditor::setRange(const QString& low, const QString& high, const QString& step, Qt::CheckState log) {
    m_low->setText(low);
    m_high->setText(high);
    m_step->setText(step);
    m_log->setCheckState(log);
    m_mode->setCurrentIndex(Range);
    showMode();
}

void RangeEditor::setDimension(const SearchDimension& dimension) {
    m_atLeast = dimension.atLeast;
    m_atMost = dimension.atMost;
    setDomain(dimension.domain);
}

void RangeEditor::suggestFrom(const ParamValue& value) {
    constexpr std::int64_t kFactor = 4;
    if (const IntDomain* whole = std::get_if<IntDomain>(&m_spec.domain)) {
        const std::int64_t now = std::max<std::int64_t>(1, std::get<std::int64_t>(value));
        IntDomain around = *whole;
        // On the grid of the domain: low + a multiple of step.
        const auto onGrid = [whole](std::int64_t v) {
            const std::int64_t step = std::max<std::int64_t>(1, whole->step);
            return whole->low + (std::clamp(v, whole->low, whole->high) - whole->low) / step * step;
        };
        around.low = onGrid(now / kFactor);
        around.high = onGrid(now > whole->high / kFactor ? whole->high : now * kFactor);
        around.logScale = whole->logScale && around.low >= 1;
        setDomain(around);
    } else if (const RealDomain* real = std::get_if<RealDomain>(&m_spec.domain)) {
        const double now = std::get<double>(value);
        const double factor = real->logScale ? 10 : 2;
        RealDomain around = *real;
        around.low = std::max(real->low, now / factor);
        around.high = now == 0 && std::isfinite(real->high) ? real->high : std::min(real->high, now * factor);
        around.logScale = real->logScale && around.low > 0;
        setDomain(around);
    } else if (m_list) {
        m_list->setText(QString::fromStdString(toText(value)));
    }
}

void RangeEditor::retranslate() {
    const QString label = schemaText(m_spec.label);
    if (m_note && !m_low)
        m_note->setText(tr("true and false"));
    const auto* choices = std::get_if<ChoiceDomain>(&m_spec.domain);
    for (qsizetype i = 0; choices && i < m_choices.size(); ++i) {
        const auto index = static_cast<std::size_t>(i);
        m_choices[i]->setText(index < choices->labels.size()
                                  ? schemaText(choices->labels[index])
                                  : QString::fromStdString(choices->values[index]));
    }
    if (!m_low)
        return;
    m_mode->setItemText(Range, tr("range"));
    m_mode->setItemText(List, tr("list"));
    m_mode->setAccessibleName(tr("%1: search a range or a list").arg(label));
    m_low->setAccessibleName(tr("%1: lowest value").arg(label));
    m_high->setAccessibleName(tr("%1: highest value").arg(label));
    m_list->setAccessibleName(tr("%1: values to try").arg(label));
    m_log->setText(tr("log"));
    m_log->setToolTip(tr("Draw evenly over the orders of magnitude"));
    m_log->setAccessibleName(tr("%1: logarithmic").arg(label));
    m_step->setPlaceholderText(tr("step", "distance of the values of a range"));
    m_step->setToolTip(tr("Search only the lowest value and every step above it; empty: every value"));
    m_step->setAccessibleName(tr("%1: step").arg(label));
    showBounds();
    m_low->setPlaceholderText(tr("low"));
    m_high->setPlaceholderText(tr("high"));
    m_list->setPlaceholderText(tr("8, 16, 32"));
}

} // namespace lathe
