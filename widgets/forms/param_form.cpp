#include "widgets/forms/param_form.h"

#include "widgets/actions/action_spec.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/forms/param_field.h"
#include "widgets/forms/range_editor.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QFrame>
#include <QHash>
#include <QLabel>
#include <QScrollArea>
#include <QSet>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

struct Group {
    QString name;
    QFrame* card = nullptr;
    QLabel* heading = nullptr;
    std::vector<ParamField*> fields;
};

/// Alt with these opens a menu.
QSet<QChar> menuLetters() {
    QSet<QChar> letters;
    for (const Menu menu : allMenus()) {
        const QString title = menuTitle(menu);
        letters.insert(title.mid(title.indexOf(QLatin1Char('&')) + 1, 1).toLower().front());
    }
    return letters;
}

/// "Rank" → "&Rank" with a letter no other field uses, so that Alt+letter goes to the field.
QString withMnemonic(const QString& text, QSet<QChar>& taken) {
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar letter = text[i].toLower();
        if (!letter.isLetterOrNumber() || taken.contains(letter))
            continue;
        taken.insert(letter);
        return QString(text).insert(i, QLatin1Char('&'));
    }
    return text;
}

/// A whole number stands for a real one where the field is real (values that came through JSON); what does
/// not fit the field at all gives way to its default.
ParamValue fitting(const ParamSpec& spec, const ParamValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    if (whole && std::holds_alternative<double>(spec.fallback))
        return static_cast<double>(*whole);
    return value.index() == spec.fallback.index() ? value : spec.fallback;
}

} // namespace

struct ParamForm::Content {
    ParamSchema schema;
    std::vector<Group> groups;
    std::vector<ParamField*> fields; // in the order of the schema
    QHash<QString, QString> titles;
    std::vector<Problem> outside;
    std::vector<Problem> lastProblems;
    std::vector<Problem> notes;
    FormDetail detail = FormDetail::Advanced;
    FormSearch search = FormSearch::Hidden;
    QStringList words;
    bool hasMnemonics = true;
    QString forced; // shown whatever filter and detail say
    QVBoxLayout* layout = nullptr;

    [[nodiscard]] ParamField* field(const std::string& key) const {
        const auto found =
            std::ranges::find_if(fields, [&key](const ParamField* f) { return f->spec().key == key; });
        return found == fields.end() ? nullptr : *found;
    }
    /// A field is active if its condition holds for the value of the other field, or, where that one is
    /// searched, for any value it may take.
    [[nodiscard]] bool isFieldActive(const ParamSpec& spec, const ParamValues& values) const {
        Condition fixed;
        for (const Condition::Term& term : spec.activeIf.terms) {
            const ParamField* other = field(term.key);
            if (!other || !other->isSearched())
                fixed.terms.push_back(term);
            else if (!mayTake(*other, term.anyOf))
                return false;
        }
        return isActive(fixed, schema, values);
    }
    [[nodiscard]] static bool mayTake(const ParamField& field, const std::vector<std::string>& wanted) {
        const auto dimension = field.range()->dimension();
        const auto* list = dimension ? std::get_if<ChoiceDomain>(&dimension->domain) : nullptr;
        return !list || std::ranges::find_first_of(list->values, wanted) != list->values.end();
    }
};

ParamForm::ParamForm(QWidget* parent) : QWidget(parent), m_content(std::make_unique<Content>()) {
    m_content->layout = new QVBoxLayout(this);
    m_content->layout->setContentsMargins(0, 0, 0, 0);
    m_content->layout->setSpacing(12);
    m_content->layout->addStretch(1);
}

ParamForm::~ParamForm() = default;

void ParamForm::setSchema(ParamSchema schema) {
    for (const Group& group : m_content->groups) {
        // Later: the choice that asks for other fields may still be telling of itself.
        group.card->hide();
        group.card->setParent(nullptr);
        group.card->deleteLater();
    }
    m_content->groups.clear();
    m_content->fields.clear();
    m_content->outside.clear();
    m_content->schema = std::move(schema);
    for (const ParamSpec& spec : m_content->schema)
        addField(spec);
    chainTabs();
    retranslate();
    refresh();
}

void ParamForm::addField(const ParamSpec& spec) {
    const QString name = QString::fromStdString(spec.group);
    auto group = std::ranges::find(m_content->groups, name, &Group::name);
    if (group == m_content->groups.end()) {
        auto* card = new QFrame(this);
        card->setObjectName(name + QStringLiteral("GroupCard"));
        setLook(card, Look::Card);
        auto* column = new QVBoxLayout(card);
        column->setContentsMargins(18, 14, 14, 16);
        column->setSpacing(8);
        auto* heading = new QLabel(card);
        heading->setObjectName(name + QStringLiteral("GroupLabel"));
        setLook(heading, Look::Heading);
        column->addWidget(heading);
        m_content->layout->insertWidget(m_content->layout->count() - 1, card); // before the stretch
        group = m_content->groups.insert(group, {name, card, heading, {}});
    }
    auto* field = new ParamField(spec, group->card);
    group->card->layout()->addWidget(field);
    group->fields.push_back(field);
    m_content->fields.push_back(field);
    connect(field, &ParamField::edited, this, [this, field] { fieldEdited(*field); });
    connect(field, &ParamField::rangeEdited, this, [this] {
        refresh();
        Q_EMIT searchSpaceEdited();
    });
}

void ParamForm::fieldEdited(const ParamField& field) {
    const std::string key = field.spec().key;
    std::erase_if(m_content->outside, [&key](const Problem& problem) { return problem.key == key; });
    refresh();
    if (field.readProblem().isEmpty())
        Q_EMIT valueEdited(QString::fromStdString(key), field.value());
}

void ParamForm::chainTabs() {
    QWidget* before = nullptr;
    for (const ParamField* field : m_content->fields)
        for (QWidget* stop : field->tabStops()) {
            if (before)
                setTabOrder(before, stop);
            before = stop;
        }
}

const ParamSchema& ParamForm::schema() const { return m_content->schema; }

void ParamForm::setGroupTitle(const QString& group, const QString& title) {
    m_content->titles[group] = title;
    retranslate();
}

ParamValues ParamForm::values() const {
    ParamValues values;
    for (const ParamField* field : m_content->fields)
        values.set(field->spec().key, field->value());
    return values;
}

void ParamForm::setValues(const ParamValues& values) {
    for (ParamField* field : m_content->fields)
        if (const ParamValue* value = values.find(field->spec().key))
            field->setValue(fitting(field->spec(), *value));
    refresh();
}

std::vector<Problem> ParamForm::problems() const {
    std::vector<Problem> all;
    const ParamValues now = values();
    const std::vector<Problem> invalid = validate(m_content->schema, now);
    for (const ParamField* field : m_content->fields) {
        const std::string& key = field->spec().key;
        if (!m_content->isFieldActive(field->spec(), now))
            continue;
        if (const QString unread = field->readProblem(); !unread.isEmpty())
            all.push_back({key, unread.toStdString()});
        else if (!field->isSearched())
            std::ranges::copy_if(invalid, std::back_inserter(all),
                                 [&key](const Problem& problem) { return problem.key == key; });
        for (const Problem& problem : m_content->outside)
            if (problem.key == key && std::ranges::find(all, problem) == all.end())
                all.push_back(problem);
    }
    return all;
}

void ParamForm::setProblems(std::span<const Problem> problems) {
    m_content->outside.assign(problems.begin(), problems.end());
    refresh();
}

void ParamForm::setNotes(std::vector<Problem> notes) {
    m_content->notes = std::move(notes);
    showNotes();
}

void ParamForm::showNotes() {
    for (ParamField* field : m_content->fields)
        field->showNote({});
    for (const Problem& note : m_content->notes)
        for (const Group& group : m_content->groups) {
            const auto isNoted = [&note](const ParamField* f) { return f->spec().key == note.key; };
            const auto own = std::ranges::find_if(group.fields, isNoted);
            if (own == group.fields.end())
                continue;
            const auto shown = std::ranges::find_if_not(group.fields, &ParamField::isHidden);
            if (!(*own)->isHidden())
                (*own)->showNote(QString::fromStdString(note.message));
            else if (shown != group.fields.end())
                (*shown)->showNote(QString::fromStdString(note.message));
        }
}

void ParamForm::showField(const QString& key) {
    ParamField* field = m_content->field(key.toStdString());
    if (!field)
        return;
    m_content->forced = key;
    refresh();
    for (QWidget* ancestor = parentWidget(); ancestor; ancestor = ancestor->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(ancestor))
            area->ensureWidgetVisible(field);
    field->control()->setFocus(Qt::ShortcutFocusReason);
}

void ParamForm::setDetail(FormDetail detail) {
    m_content->detail = detail;
    m_content->forced.clear();
    refresh();
}

FormDetail ParamForm::detail() const { return m_content->detail; }

void ParamForm::setFilter(const QString& text) {
    m_content->words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_content->forced.clear();
    refresh();
}

void ParamForm::setSearchOffered(FormSearch search) {
    m_content->search = search;
    for (ParamField* field : m_content->fields)
        field->setSearchOffered(search == FormSearch::Offered);
    refresh();
}

SearchSpace ParamForm::searchSpace() const {
    SearchSpace space;
    const ParamValues now = values();
    for (const ParamField* field : m_content->fields) {
        if (!field->isSearched() || !m_content->isFieldActive(field->spec(), now))
            continue;
        if (auto dimension = field->range()->dimension()) {
            dimension->activeIf = field->spec().activeIf;
            space.push_back(std::move(*dimension));
        }
    }
    return space;
}

void ParamForm::setSearchSpace(const SearchSpace& space) {
    for (ParamField* field : m_content->fields) {
        const auto wanted = std::ranges::find(space, field->spec().key, &SearchDimension::key);
        if (wanted != space.end() && field->range())
            field->range()->setDimension(*wanted);
        field->setSearched(wanted != space.end());
    }
    refresh();
}

QWidget* ParamForm::editor(const QString& key) const {
    const ParamField* field = m_content->field(key.toStdString());
    return field ? field->control() : nullptr;
}

/// Shows and hides, puts problems under their fields, and tells when they have changed.
void ParamForm::refresh() {
    const ParamValues now = values();
    for (const Group& group : m_content->groups) {
        bool hasShown = false;
        for (ParamField* field : group.fields) {
            const ParamSpec& spec = field->spec();
            const bool isForced = m_content->forced.toStdString() == spec.key;
            // A filter looks through everything, or what it finds would depend on a switch elsewhere.
            const bool isWanted =
                m_content->words.isEmpty()
                    ? !spec.isAdvanced || m_content->detail == FormDetail::Advanced || field->isSearched()
                    : field->matches(m_content->words);
            const bool isShown = (isWanted || isForced) && m_content->isFieldActive(spec, now);
            field->setVisible(isShown);
            hasShown = hasShown || isShown;
        }
        group.card->setVisible(hasShown);
    }
    showNotes();
    const std::vector<Problem> found = problems();
    for (ParamField* field : m_content->fields) {
        const auto problem = std::ranges::find(found, field->spec().key, &Problem::key);
        field->showProblem(problem == found.end() ? QString() : QString::fromStdString(problem->message));
    }
    if (found == m_content->lastProblems)
        return;
    m_content->lastProblems = found;
    Q_EMIT problemsChanged();
}

void ParamForm::leaveOutMnemonics() {
    m_content->hasMnemonics = false;
    retranslate();
}

void ParamForm::retranslate() {
    int width = 0;
    QSet<QChar> taken = menuLetters();
    for (ParamField* field : m_content->fields) {
        field->retranslate();
        if (m_content->hasMnemonics)
            field->label()->setText(withMnemonic(field->label()->text(), taken));
        field->label()->setMinimumWidth(0);
        width = std::max(width, field->label()->sizeHint().width());
    }
    for (const ParamField* field : m_content->fields)
        field->label()->setMinimumWidth(width); // editors stand in one column
    for (const Group& group : m_content->groups)
        group.heading->setText(m_content->titles.value(group.name, group.name));
}

void ParamForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::FontChange)
        retranslate();
}

} // namespace lathe
