#include "widgets/pages/dataset_form.h"

#include "core/session/text.h"
#include "widgets/forms/param_form.h"

#include <QComboBox>
#include <QVBoxLayout>

namespace lathe {

namespace {

/// Recipe and studio are parts of one window: their editors need names of their own.
constexpr const char* kPrefix = "studio_";
constexpr int kChoiceLetters = 13;

QString plainKey(const QString& name) {
    return name.mid(static_cast<qsizetype>(std::string_view(kPrefix).size()));
}

} // namespace

DatasetForm::DatasetForm(DatasetSession& session, QStringList keys, const QString& group, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_keys(std::move(keys)),
      m_group(group.toStdString()),
      m_form(new ParamForm(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_form);
    m_form->leaveOutMnemonics();
    connect(m_form, &ParamForm::valueEdited, this, [this](const QString& key, const ParamValue& value) {
        m_session.choices().setValue(plainKey(key), value);
    });
    connect(&m_session, &DatasetSession::inputChanged, this, &DatasetForm::rebuild);
    connect(&m_session.choices(), &RecipeDraft::changed, this, [this](const QString& key) {
        if (m_shown.contains(key))
            takeChoices();
        rebuild();
    });
    rebuild();
}

QStringList DatasetForm::activeKeys() const {
    const ParamValues values = m_session.input().recipe;
    const ParamSchema& schema = m_session.choices().schema();
    QStringList active;
    for (const QString& key : m_keys)
        if (const ParamSpec* spec = findSpec(schema, key.toStdString());
            spec != nullptr && isActive(spec->activeIf, schema, values))
            active << key;
    return active;
}

void DatasetForm::rebuild() {
    const QStringList active = activeKeys();
    if (active == m_shown)
        return;
    const QString focused = focusedKey();
    m_shown = active;
    ParamSchema fields;
    for (const QString& key : active) {
        ParamSpec field = *findSpec(m_session.choices().schema(), key.toStdString());
        field.key = kPrefix + field.key;
        field.group = m_group;
        field.activeIf = {};
        field.isAdvanced = false;
        field.isSearchable = false;
        fields.push_back(std::move(field));
    }
    m_form->setSchema(std::move(fields));
    m_form->setGroupTitle(toQString(m_group), m_title);
    for (const QString& key : active)
        if (auto* box = qobject_cast<QComboBox*>(editor(key))) {
            box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
            box->setMinimumContentsLength(kChoiceLetters); // the longest choice would widen the panel for all
        }
    takeChoices();
    if (QWidget* box = active.contains(focused) ? editor(focused) : nullptr)
        box->setFocus();
    setVisible(!active.isEmpty());
    Q_EMIT fieldsChanged();
}

QString DatasetForm::focusedKey() const {
    for (const QString& key : m_shown)
        if (const QWidget* box = editor(key); box != nullptr && box->hasFocus())
            return key;
    return {};
}

void DatasetForm::takeChoices() {
    const ParamValues shown = m_form->values();
    ParamValues other;
    for (const QString& key : m_shown) {
        const ParamValue& value = m_session.choices().value(key);
        const std::string name = kPrefix + key.toStdString();
        if (const ParamValue* there = shown.find(name); there == nullptr || *there != value)
            other.set(name, value);
    }
    if (!other.map().empty())
        m_form->setValues(other);
}

void DatasetForm::setTitle(const QString& title) {
    m_title = title;
    m_form->setGroupTitle(toQString(m_group), title);
}

void DatasetForm::showProblems(const std::vector<Problem>& problems) {
    std::vector<Problem> shown;
    for (Problem problem : problems) {
        problem.key = kPrefix + problem.key;
        shown.push_back(std::move(problem));
    }
    m_form->setProblems(shown);
}

QWidget* DatasetForm::editor(const QString& key) const {
    return m_form->editor(QLatin1String(kPrefix) + key);
}

} // namespace lathe
