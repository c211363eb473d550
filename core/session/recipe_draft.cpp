#include "core/session/recipe_draft.h"

#include "core/base/files.h"
#include "core/session/background_job.h"
#include "core/session/text.h"

namespace lathe {

namespace {

constexpr int kWriteDelayMs = 500;
/// Edits of one field closer together than this are one step of the history.
constexpr qint64 kDragMs = 800;
constexpr std::size_t kMostSteps = 200;

ParamValues editedOnly(const ParamSchema& schema, const ParamValues& values) {
    ParamValues edited;
    for (const ParamSpec& spec : schema)
        if (const ParamValue* value = values.find(spec.key); value != nullptr && *value != spec.fallback)
            edited.set(spec.key, *value);
    return edited;
}

ParamValues knownOnly(const ParamSchema& schema, const ParamValues& values) {
    ParamValues known = defaults(schema);
    for (const ParamSpec& spec : schema)
        if (const ParamValue* value = values.find(spec.key))
            known.set(spec.key, *value);
    return known;
}

} // namespace

struct RecipeDraft::Autosave {
    Autosave(std::filesystem::path target, QThreadPool& workers) : file(std::move(target)), pool(workers) {}

    std::filesystem::path file;
    QThreadPool& pool;
    QTimer delay;
    QFuture<void> writing;
    bool isWriting = false;
    bool isDirty = false; ///< changed since the text being written was taken
};

RecipeDraft::RecipeDraft(ParamSchema schema, QObject* parent)
    : QObject(parent), m_schema(std::move(schema)), m_values(defaults(m_schema)) {
    check();
}

RecipeDraft::~RecipeDraft() {
    if (!m_autosave)
        return;
    m_autosave->writing.waitForFinished();
    if (!m_autosave->isDirty)
        return;
    // Nobody is left to be told of a failure.
    [[maybe_unused]] const Status written =
        writeFileAtomically(m_autosave->file, toJson(editedOnly(m_schema, m_values)));
}

const ParamValue& RecipeDraft::value(const QString& key) const {
    const ParamValue* found = m_values.find(key.toStdString());
    LATHE_EXPECT(found != nullptr);
    return *found;
}

bool RecipeDraft::isActive(const QString& key) const {
    const ParamSpec* spec = findSpec(m_schema, key.toStdString());
    return spec != nullptr && lathe::isActive(spec->activeIf, m_schema, m_values);
}

bool RecipeDraft::isDefault(const QString& key) const {
    const ParamSpec* spec = findSpec(m_schema, key.toStdString());
    return spec == nullptr || value(key) == spec->fallback;
}

bool RecipeDraft::isEdited() const { return m_values != defaults(m_schema); }

void RecipeDraft::setValue(const QString& key, const ParamValue& value) {
    const std::string name = key.toStdString();
    LATHE_EXPECT(findSpec(m_schema, name) != nullptr);
    if (this->value(key) == value)
        return;
    push(key);
    ParamValues next = m_values;
    next.set(name, value);
    apply(std::move(next));
    Q_EMIT historyChanged();
}

void RecipeDraft::resetValue(const QString& key) {
    const ParamSpec* spec = findSpec(m_schema, key.toStdString());
    LATHE_EXPECT(spec != nullptr);
    setValue(key, spec->fallback);
}

void RecipeDraft::setValues(const ParamValues& values) {
    ParamValues next = knownOnly(m_schema, values);
    if (next == m_values)
        return;
    push({});
    apply(std::move(next));
    Q_EMIT historyChanged();
}

void RecipeDraft::undo() {
    if (m_before.empty())
        return;
    m_after.push_back(m_values);
    ParamValues previous = std::move(m_before.back());
    m_before.pop_back();
    m_lastKey.clear();
    apply(std::move(previous));
    Q_EMIT historyChanged();
}

void RecipeDraft::redo() {
    if (m_after.empty())
        return;
    m_before.push_back(m_values);
    ParamValues next = std::move(m_after.back());
    m_after.pop_back();
    m_lastKey.clear();
    apply(std::move(next));
    Q_EMIT historyChanged();
}

/// Remembers the values of now, unless this edit goes on with the last one. `key` is empty for an edit of
/// several fields.
void RecipeDraft::push(const QString& key) {
    const bool isDrag = !key.isEmpty() && key == m_lastKey && !m_before.empty() &&
                        m_sinceLastEdit.isValid() && m_sinceLastEdit.elapsed() < kDragMs;
    m_lastKey = key;
    m_sinceLastEdit.start();
    m_after.clear();
    if (isDrag)
        return;
    m_before.push_back(m_values);
    if (m_before.size() > kMostSteps)
        m_before.erase(m_before.begin());
}

void RecipeDraft::apply(ParamValues values) {
    const ParamValues before = std::exchange(m_values, std::move(values));
    m_outsideProblems.clear();
    check();
    writeSoon();
    for (const ParamSpec& spec : m_schema) {
        if (*before.find(spec.key) != *m_values.find(spec.key))
            Q_EMIT changed(toQString(spec.key));
        if (lathe::isActive(spec.activeIf, m_schema, before) !=
            lathe::isActive(spec.activeIf, m_schema, m_values))
            Q_EMIT activityChanged(toQString(spec.key));
    }
}

void RecipeDraft::check() {
    const std::vector<Problem> found = validate(m_schema, m_values);
    QVector<Problem> problems(found.begin(), found.end());
    problems += m_outsideProblems;
    if (problems == m_problems)
        return;
    m_problems = std::move(problems);
    Q_EMIT problemsChanged();
}

QString RecipeDraft::problemOf(const QString& key) const {
    for (const Problem& problem : m_problems)
        if (toQString(problem.key) == key)
            return toQString(problem.message);
    return {};
}

void RecipeDraft::setOutsideProblems(const QVector<Problem>& problems) {
    m_outsideProblems = problems;
    check();
}

void RecipeDraft::startAutosave(const QString& file, const QString& savedText, QThreadPool& pool) {
    if (const auto saved = paramValuesFromJson(savedText.toStdString()); saved.has_value())
        apply(knownOnly(m_schema, *saved));
    m_autosave = std::make_unique<Autosave>(toPath(file), pool);
    m_autosave->delay.setSingleShot(true);
    m_autosave->delay.setInterval(kWriteDelayMs);
    connect(&m_autosave->delay, &QTimer::timeout, this, &RecipeDraft::write);
}

void RecipeDraft::writeSoon() {
    if (!m_autosave)
        return;
    m_autosave->isDirty = true;
    if (!m_autosave->isWriting && !m_autosave->delay.isActive())
        m_autosave->delay.start();
}

void RecipeDraft::write() {
    m_autosave->isWriting = true;
    m_autosave->isDirty = false;
    const auto done = [this](const Status& written) {
        m_autosave->isWriting = false;
        if (!written.has_value())
            Q_EMIT autosaveFailed(toQString(written.error().text()));
        if (m_autosave->isDirty)
            m_autosave->delay.start();
    };
    m_autosave->writing = runInBackground(
        m_autosave->pool, *this,
        [file = m_autosave->file, text = toJson(editedOnly(m_schema, m_values))] {
            return writeFileAtomically(file, text);
        },
        done);
}

} // namespace lathe
