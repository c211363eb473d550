#include "widgets/forms/param_field.h"

#include "widgets/forms/domain_editors.h"
#include "widgets/forms/range_editor.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

ParamField::ParamField(const ParamSpec& spec, QWidget* parent)
    : QWidget(parent),
      m_spec(spec),
      m_label(new QLabel(this)),
      m_editor(makeDomainEditor(spec, this)),
      m_unit(new QLabel(this)),
      m_row(new QHBoxLayout),
      m_reset(new QToolButton(this)),
      m_search(new QToolButton(this)),
      m_problem(new QLabel(this)),
      m_note(new QLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    m_row->setSpacing(6);
    m_row->addWidget(m_label);
    const auto* text = std::get_if<TextDomain>(&m_spec.domain);
    m_row->addWidget(m_editor, text ? 1 : 0);
    if (m_spec.isSearchable) {
        m_range = new RangeEditor(m_spec, this);
        m_row->addWidget(m_range, 1);
        connect(m_range, &RangeEditor::edited, this, &ParamField::rangeEdited);
    }
    m_row->addWidget(m_unit);
    addButtons();
    m_row->addWidget(m_reset);
    m_row->addStretch(1);
    m_row->addWidget(m_search);
    column->addLayout(m_row);
    column->addWidget(m_problem);
    column->addWidget(m_note);
    nameParts();
    m_label->setBuddy(m_editor->control());
    setFocusProxy(m_editor->control());
    setSearchOffered(false);
    showSearched();
    showProblem({});
    showNote({});
    retranslate();
    connect(m_editor, &DomainEditor::edited, this, [this] {
        updateReset();
        Q_EMIT edited();
    });
}

void ParamField::addButtons() {
    m_reset->setIcon(themedIcon(QStringLiteral("dot"), IconTone::Accent));
    m_search->setText(QStringLiteral("≈"));
    m_search->setCheckable(true);
    const int dot = fontMetrics().height() * 3 / 4;
    m_reset->setIconSize(QSize(dot, dot));
    for (QToolButton* button : {m_reset, m_search}) {
        button->setFocusPolicy(Qt::StrongFocus);
        QSizePolicy policy = button->sizePolicy();
        policy.setRetainSizeWhenHidden(true); // a row does not jump when its dot appears
        button->setSizePolicy(policy);
    }
    connect(m_reset, &QToolButton::clicked, this, [this] {
        setValue(m_spec.fallback);
        m_editor->control()->setFocus();
        Q_EMIT edited();
    });
    connect(m_search, &QToolButton::clicked, this, [this](bool isOn) {
        if (isOn && m_range->problem().size() > 0)
            m_range->suggestFrom(value());
        showSearched();
        Q_EMIT rangeEdited();
    });
}

void ParamField::nameParts() {
    const QString key = QString::fromStdString(m_spec.key);
    setObjectName(key + QStringLiteral("Field"));
    m_label->setObjectName(key + QStringLiteral("Label"));
    m_editor->control()->setObjectName(key + QStringLiteral("Editor"));
    m_unit->setObjectName(key + QStringLiteral("UnitLabel"));
    m_reset->setObjectName(key + QStringLiteral("ResetButton"));
    m_search->setObjectName(key + QStringLiteral("SearchButton"));
    m_problem->setObjectName(key + QStringLiteral("ProblemLabel"));
    setLook(m_unit, Look::Muted);
    setLook(m_problem, Look::Problem);
    m_note->setObjectName(key + QStringLiteral("NoteLabel"));
    setLook(m_note, Look::Muted);
    for (QLabel* below : {m_problem, m_note}) {
        below->setWordWrap(true);
        below->setTextFormat(Qt::PlainText);
    }
}

ParamValue ParamField::value() const { return m_editor->value(); }

void ParamField::setValue(const ParamValue& value) {
    m_editor->setValue(value);
    updateReset();
}

QString ParamField::readProblem() const { return isSearched() ? m_range->problem() : m_editor->problem(); }

void ParamField::showProblem(const QString& message) {
    // Under its field a message need not begin with the field's key.
    const QString key = QString::fromStdString(m_spec.key) + QLatin1Char(' ');
    const QString problem = message.startsWith(key) ? message.mid(key.size()) : message;
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    QWidget* control = m_editor->control();
    const QString help = schemaText(m_spec.help);
    control->setAccessibleDescription(problem.isEmpty() ? help : problem);
    if (control->property("hasProblem").toBool() == !problem.isEmpty())
        return;
    control->setProperty("hasProblem", !problem.isEmpty());
    control->style()->unpolish(control); // the style sheet looks at the property only then
    control->style()->polish(control);
}

void ParamField::showNote(const QString& note) {
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void ParamField::setSearchOffered(bool isOffered) {
    m_search->setVisible(isOffered && m_spec.isSearchable);
    QSizePolicy policy = m_search->sizePolicy();
    policy.setRetainSizeWhenHidden(isOffered);
    m_search->setSizePolicy(policy);
    if (!isOffered)
        setSearched(false);
}

bool ParamField::isSearched() const { return m_search->isChecked(); }

void ParamField::setSearched(bool isSearched) {
    m_search->setChecked(isSearched && m_spec.isSearchable);
    showSearched();
}

void ParamField::showSearched() {
    m_editor->setVisible(!isSearched());
    if (m_range)
        m_range->setVisible(isSearched());
    // What grows with the row: a text or a range; otherwise the gap before the search toggle.
    const bool isGrowing = isSearched() || std::holds_alternative<TextDomain>(m_spec.domain);
    m_row->setStretch(m_row->count() - 2, isGrowing ? 0 : 1);
    updateReset();
}

void ParamField::updateReset() {
    m_reset->setVisible(!isSearched() && (value() != m_spec.fallback || !m_editor->problem().isEmpty()));
}

QWidget* ParamField::control() const { return m_editor->control(); }

QList<QWidget*> ParamField::tabStops() const {
    QList<QWidget*> stops{control()};
    for (QWidget* owner : {static_cast<QWidget*>(m_editor), static_cast<QWidget*>(m_range)})
        for (QWidget* child : owner ? owner->findChildren<QWidget*>() : QList<QWidget*>())
            if ((child->focusPolicy() & Qt::TabFocus) && !stops.contains(child) && !child->focusProxy() &&
                child->window() == window() && !control()->isAncestorOf(child))
                stops << child;
    return stops << m_reset << m_search;
}

bool ParamField::matches(const QStringList& words) const {
    const QString text = QStringList{QString::fromStdString(m_spec.key), m_label->text(),
                                     schemaText(m_spec.help), QString::fromStdString(m_spec.label)}
                             .join(QLatin1Char(' '))
                             .remove(QLatin1Char('&'));
    return std::all_of(words.begin(), words.end(),
                       [&text](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

void ParamField::retranslate() {
    const QString name = schemaText(m_spec.label);
    const QString help = schemaText(m_spec.help);
    const QString range = QString::fromStdString(describe(m_spec.domain));
    const QString fallback = QString::fromStdString(toText(m_spec.fallback));
    const QString tip = QStringLiteral("<p><b>%1</b></p><p>%2</p><p>%3</p>")
                            .arg(name.toHtmlEscaped(), help.toHtmlEscaped(),
                                 tr("%1. Default: %2.")
                                     .arg(range, fallback.isEmpty() ? tr("none") : fallback)
                                     .toHtmlEscaped());
    m_label->setText(name);
    m_unit->setText(schemaText(m_spec.unit));
    m_unit->setVisible(!m_spec.unit.empty());
    for (QWidget* widget : {static_cast<QWidget*>(m_label), control()}) {
        widget->setToolTip(tip);
        widget->setWhatsThis(tip);
    }
    control()->setAccessibleName(
        m_spec.unit.empty() ? name : tr("%1, in %2", "field, in unit").arg(name, schemaText(m_spec.unit)));
    m_reset->setToolTip(
        tr("Changed. Click to go back to the default, %1.").arg(fallback.isEmpty() ? tr("none") : fallback));
    m_reset->setAccessibleName(tr("Reset %1 to its default").arg(name));
    m_search->setToolTip(tr("Search over a range of values instead of one"));
    m_search->setAccessibleName(tr("Search over %1").arg(name));
    m_editor->retranslate();
    if (m_range)
        m_range->retranslate();
    showProblem(m_problem->text());
}

} // namespace lathe
