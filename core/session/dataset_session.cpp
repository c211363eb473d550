#include "core/session/dataset_session.h"

#include "core/base/files.h"
#include "core/session/dropped_table_model.h"
#include "core/session/settings.h"
#include "core/session/text.h"

#include <QDir>

#include <algorithm>
#include <set>

namespace lathe {

namespace {

constexpr std::int64_t kUsualSeed = 42;
constexpr qsizetype kRecentFiles = 10;
/// Two, so that a long check does not hold up what a person looks at meanwhile.
constexpr int kWorkers = 2;

/// Sections of the form that are about data.
bool isAboutData(const ParamSpec& spec) {
    return spec.group == "data" || spec.group == "split" || spec.group == "quality";
}

/// What stays when another file is opened.
const std::set<std::string, std::less<>>& kept() {
    static const std::set<std::string, std::less<>> keys{"model", "max_length", "length_policy",
                                                         "loss_on_prompt"};
    return keys;
}

} // namespace

struct DatasetSession::Reading {
    DatasetFile file;
    DatasetColumns columns;
};

DatasetSession::DatasetSession(Settings& settings, DatasetParts parts, QObject* parent)
    : QObject(parent),
      m_settings(settings),
      m_parts(std::move(parts)),
      m_choices(m_parts.recipeSchema),
      m_search(m_rows, m_pool),
      m_preview(m_parts.look, m_pool),
      m_lengths(m_parts.lengths, m_pool),
      m_quality(m_parts.quality, m_pool),
      m_splits(m_parts.split, m_pool),
      m_reading(m_pool),
      m_guessing(m_pool) {
    LATHE_EXPECT(m_parts.read && m_parts.columns);
    m_pool.setMaxThreadCount(kWorkers);
    m_readWith = readingChoices();
    m_guessedWith = roleChoices();
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &DatasetSession::followChoices);
    connect(&m_choices, &RecipeDraft::changed, this, [this] { m_soon.start(); });
    connect(this, &DatasetSession::inputChanged, this, &DatasetSession::giveInput);
}

DatasetSession::~DatasetSession() {
    m_reading.cancel();
    m_guessing.cancel();
    m_search.clear();
    for (DatasetView* view :
         std::initializer_list<DatasetView*>{&m_preview, &m_lengths, &m_quality, &m_splits})
        view->cancel();
    m_pool.waitForDone();
}

void DatasetSession::open(const QString& file, const ParamValues& recipe) {
    ParamValues values = defaults(m_choices.schema());
    for (const ParamSpec& spec : m_choices.schema())
        if (const ParamValue* value = recipe.find(spec.key); value != nullptr && kept().contains(spec.key))
            values.set(spec.key, *value);
    values.set("train_file", QDir::cleanPath(file).toStdString());
    if (values == m_choices.values() && m_state != State::Failed)
        return;
    m_readWith = {}; // the same file may have other content now
    m_choices.setValues(values);
    m_soon.start();
}

QString DatasetSession::file() const {
    return toQString(toText(m_choices.value(QStringLiteral("train_file"))));
}

ParamValues DatasetSession::readingChoices() const {
    ParamValues choices;
    choices.set("train_file", m_choices.value(QStringLiteral("train_file")));
    for (const QString& key : m_parts.readingKeys)
        choices.set(key.toStdString(), m_choices.value(key));
    return choices;
}

ParamValues DatasetSession::roleChoices() const {
    ParamValues choices;
    for (const DatasetRole& role : m_parts.roles)
        choices.set(role.key.toStdString(), m_choices.value(role.key));
    return choices;
}

void DatasetSession::followChoices() {
    if (readingChoices() != m_readWith)
        read();
    else if (m_reading.isRunning() || m_file.table == nullptr)
        return;
    else if (roleChoices() != m_guessedWith)
        askColumns();
    else {
        Q_EMIT columnsChanged(); // a choice that was taken back at once is still on the screen
        Q_EMIT inputChanged();
    }
}

void DatasetSession::read() {
    m_guessing.cancel();
    m_readWith = readingChoices();
    m_readingFile = file();
    if (m_readingFile.isEmpty())
        return close();
    setState(State::Reading);
    m_reading.start(
        [parts = m_parts, recipe = m_choices.values()](const std::stop_token& stop,
                                                       const JobProgress& progress) -> Result<Reading> {
            LATHE_ASSIGN(DatasetFile file, parts.read(recipe, progress, stop));
            LATHE_ASSIGN(DatasetColumns columns, parts.columns({file.table, recipe}));
            return Reading{std::move(file), std::move(columns)};
        },
        [this](Result<Reading> reading) { take(std::move(reading)); });
}

void DatasetSession::take(Result<Reading> reading) {
    if (!reading.has_value()) {
        close();
        return setState(State::Failed, toQString(reading.error().text()));
    }
    const bool isOther = m_file.table == nullptr || m_file.table->source != reading->file.table->source;
    m_search.clear();
    m_file = std::move(reading->file);
    m_columns = std::move(reading->columns);
    m_guessedWith = roleChoices();
    m_rows.setTable(m_file.table);
    remember(m_readingFile);
    setState(State::Ready);
    Q_EMIT columnsChanged();
    Q_EMIT inputChanged();
    if (isOther)
        Q_EMIT opened();
}

void DatasetSession::close() {
    m_reading.cancel();
    m_search.clear();
    m_file = {};
    m_columns = {};
    m_rows.setTable(nullptr);
    setState(State::Empty);
    Q_EMIT columnsChanged();
    Q_EMIT inputChanged();
}

void DatasetSession::cancel() {
    if (!m_reading.isRunning())
        return;
    m_reading.cancel();
    if (m_choices.canUndo())
        m_choices.undo();
    if (m_file.table != nullptr)
        m_readWith = readingChoices(); // what is there was read with the choices of before
    setState(m_file.table != nullptr ? State::Ready : State::Empty);
}

void DatasetSession::askColumns() {
    m_guessing.start([columns = m_parts.columns, input = DatasetInput{m_file.table, m_choices.values()}](
                         const std::stop_token&, const JobProgress&) { return columns(input); },
                     [this, asked = roleChoices()](const Result<DatasetColumns>& columns) {
                         m_guessedWith = asked;
                         if (columns.has_value())
                             m_columns = *columns;
                         else
                             m_columns.problem = toQString(columns.error().text());
                         Q_EMIT columnsChanged();
                         Q_EMIT inputChanged();
                     });
}

void DatasetSession::setRole(const QString& column, const QString& role) {
    ParamValues values = m_choices.values();
    for (const DatasetRole& each : m_parts.roles) {
        // What was guessed becomes a choice: else it would be guessed anew around the one that is changed.
        QString holder = QLatin1String(kNoColumn);
        for (const DatasetColumn& known : m_columns.columns)
            if (known.role == each.id && known.name != column)
                holder = known.name;
        if (each.id == role)
            holder = column;
        values.set(each.key.toStdString(), holder.toStdString());
    }
    m_choices.setValues(values);
}

void DatasetSession::setUsualModel(const QString& folder) {
    if (std::exchange(m_usualModel, folder) != folder)
        m_soon.start();
}

QString DatasetSession::model() const {
    const QString chosen = toQString(toText(m_choices.value(QStringLiteral("model"))));
    return chosen.isEmpty() ? m_usualModel : chosen;
}

DatasetInput DatasetSession::input() const { return {m_file.table, intoRecipe(m_choices.values())}; }

ParamValues DatasetSession::intoRecipe(const ParamValues& recipe) const {
    ParamValues whole = recipe;
    for (const ParamSpec& spec : m_choices.schema())
        if (isAboutData(spec))
            whole.set(spec.key, *m_choices.values().find(spec.key));
    whole.set("model", model().toStdString());
    if (!m_columns.task.isEmpty())
        whole.set("task", m_columns.task.toStdString());
    // A run's own seed is not known yet: what is shown is to be what it does.
    if (const ParamValue* seed = whole.find("data_seed");
        seed != nullptr && *seed == ParamValue(std::int64_t{0}))
        whole.set("data_seed", kUsualSeed);
    for (const DatasetRole& role : m_parts.roles)
        for (const DatasetColumn& column : m_columns.columns)
            if (column.role == role.id)
                whole.set(role.key.toStdString(), column.name.toStdString());
    return whole;
}

void DatasetSession::setState(State state, const QString& problem) {
    m_state = state;
    m_problem = problem;
    Q_EMIT stateChanged();
}

void DatasetSession::giveInput() {
    const DatasetInput now = input();
    for (DatasetView* view :
         std::initializer_list<DatasetView*>{&m_preview, &m_lengths, &m_quality, &m_splits})
        view->setInput(now);
}

bool DatasetSession::isFixed(const QString& fix) const {
    if (m_parts.fixKey.isEmpty())
        return false;
    return toQString(toText(m_choices.value(m_parts.fixKey))).split(QLatin1Char(',')).contains(fix);
}

void DatasetSession::toggleFix(const QString& fix) {
    if (m_parts.fixKey.isEmpty())
        return;
    QStringList fixes =
        toQString(toText(m_choices.value(m_parts.fixKey))).split(QLatin1Char(','), Qt::SkipEmptyParts);
    if (fixes.removeAll(fix) == 0)
        fixes << fix;
    m_choices.setValue(m_parts.fixKey, fixes.join(QLatin1Char(',')).toStdString());
}

void DatasetSession::write(std::function<Status()> write, const QString& file) {
    runInBackground(m_pool, *this, std::move(write), [this, file](const Status& written) {
        if (written.has_value())
            Q_EMIT exported(file);
        else
            Q_EMIT exportFailed(toQString(written.error().text()));
    });
}

void DatasetSession::exportRows(std::vector<std::size_t> rows, const QString& file) {
    LATHE_EXPECT(m_parts.exportRows);
    write([run = m_parts.exportRows, table = m_file.table, rows = std::move(rows),
           target = toPath(file)] { return run(*table, rows, target); },
          file);
}

void DatasetSession::exportDropped(std::vector<DroppedRow> rows, const QString& file) {
    write([rows = std::move(rows),
           target = toPath(file)] { return writeFileAtomically(target, droppedCsv(rows)); },
          file);
}

QStringList DatasetSession::recentFiles() const { return m_settings.recentData.value(); }

void DatasetSession::remember(const QString& file) {
    QStringList files = m_settings.recentData.value();
    files.removeAll(file);
    files.prepend(file);
    m_settings.recentData.set(files.mid(0, kRecentFiles));
}

} // namespace lathe
