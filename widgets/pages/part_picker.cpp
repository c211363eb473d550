#include "widgets/pages/part_picker.h"

#include "core/session/text.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/forms/param_form.h"

#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kDialogWidth = 480;

} // namespace

PartPicker::PartPicker(const QString& name, QWidget* parent)
    : QWidget(parent),
      m_name(name),
      m_box(new QComboBox(this)),
      m_more(new QToolButton(this)),
      m_dialog(new QDialog(this)),
      m_form(new ParamForm(m_dialog)) {
    m_box->setObjectName(name + QStringLiteral("Box"));
    m_more->setObjectName(name + QStringLiteral("OptionsButton"));
    m_more->setText(QStringLiteral("…"));
    m_more->setAutoRaise(true);
    m_more->setFocusPolicy(Qt::TabFocus);
    m_form->setObjectName(name + QStringLiteral("Options"));
    m_form->leaveOutMnemonics();
    m_dialog->setObjectName(name + QStringLiteral("OptionsDialog"));
    auto* close = new QDialogButtonBox(QDialogButtonBox::Close, m_dialog);
    auto* inside = new QVBoxLayout(m_dialog);
    inside->addWidget(m_form);
    inside->addStretch(1);
    inside->addWidget(close);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(4);
    line->addWidget(m_box, 1);
    line->addWidget(m_more);
    setFocusProxy(m_box);
    connect(m_box, &QComboBox::currentIndexChanged, this, &PartPicker::takeOptions);
    connect(m_box, &QComboBox::currentIndexChanged, this, &PartPicker::edited);
    connect(m_form, &ParamForm::valueEdited, this, &PartPicker::edited);
    connect(m_more, &QToolButton::clicked, this, &PartPicker::openOptions);
    connect(close, &QDialogButtonBox::rejected, m_dialog, &QDialog::reject);
}

void PartPicker::offer(std::vector<OfferedPart> parts) {
    m_parts = std::move(parts);
    m_box->clear();
    for (const OfferedPart& part : m_parts)
        m_box->addItem(QString(), toQString(part.info.id));
    retranslate();
    takeOptions();
}

void PartPicker::setAccessibleNames(const QString& choice, const QString& options) {
    m_box->setAccessibleName(choice);
    m_more->setAccessibleName(options);
    m_more->setToolTip(options);
}

const OfferedPart* PartPicker::chosen() const {
    const auto row = static_cast<std::size_t>(std::max(0, m_box->currentIndex()));
    return row < m_parts.size() ? &m_parts[row] : nullptr;
}

std::string PartPicker::id() const { return chosen() == nullptr ? std::string() : chosen()->info.id; }

ParamValues PartPicker::shownValues() const {
    const std::size_t prefix = m_name.size() + 1;
    ParamValues values;
    const ParamValues shown = m_form->values();
    for (const auto& [key, value] : shown.map())
        values.set(key.substr(prefix), value);
    return values;
}

ParamValues PartPicker::options() const {
    ParamValues changed;
    if (chosen() == nullptr)
        return changed;
    const ParamValues values = shownValues();
    for (const ParamSpec& spec : chosen()->options)
        if (const ParamValue* value = values.find(spec.key); value != nullptr && *value != spec.fallback)
            changed.set(spec.key, *value);
    return changed;
}

QString PartPicker::problem() const {
    const std::vector<Problem> problems = m_form->problems();
    if (problems.empty())
        return {};
    const Problem& first = problems.front();
    const ParamSpec* spec = findSpec(m_form->schema(), first.key);
    const QString name = spec == nullptr ? toQString(first.key) : schemaText(spec->label);
    QString what = toQString(first.message);
    if (what.startsWith(toQString(first.key) + u' ')) // validate() begins with the key, parsing does not
        what.remove(0, static_cast<qsizetype>(first.key.size()) + 1);
    return QStringLiteral("%1: %2").arg(name, what);
}

void PartPicker::openOptions() {
    m_dialog->resize(std::max(kDialogWidth, m_dialog->sizeHint().width()), m_dialog->sizeHint().height());
    m_dialog->show();
    m_dialog->activateWindow();
    if (!m_form->schema().empty())
        m_form->showField(toQString(m_form->schema().front().key));
}

void PartPicker::takeOptions() {
    const OfferedPart* part = chosen();
    if (part == nullptr || part->info.id == m_shownId)
        return;
    if (!m_shownId.empty())
        m_kept[m_shownId] = shownValues();
    m_shownId = part->info.id;
    const std::string prefix = (m_name + u'_').toStdString();
    ParamSchema schema;
    ParamValues values;
    for (ParamSpec spec : part->options) {
        if (const ParamValue* kept = m_kept[m_shownId].find(spec.key))
            values.set(prefix + spec.key, *kept);
        spec.key = prefix + spec.key;
        for (Condition::Term& term : spec.activeIf.terms)
            term.key = prefix + term.key;
        spec.group = m_name.toStdString();
        spec.isAdvanced = false;
        spec.isSearchable = false;
        schema.push_back(std::move(spec));
    }
    m_more->setEnabled(!schema.empty());
    m_form->setSchema(std::move(schema));
    m_form->setValues(values);
    updateTip();
}

void PartPicker::updateTip() {
    m_form->setGroupTitle(m_name, m_box->currentText());
    m_dialog->setWindowTitle(m_box->currentText());
    m_box->setToolTip(m_box->currentData(Qt::ToolTipRole).toString());
}

void PartPicker::retranslate() {
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const int row = static_cast<int>(i);
        m_box->setItemText(row, schemaText(m_parts[i].info.label));
        m_box->setItemData(row, schemaText(m_parts[i].info.summary), Qt::ToolTipRole);
    }
    updateTip();
}

} // namespace lathe
