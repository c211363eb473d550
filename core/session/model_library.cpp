#include "core/session/model_library.h"

#include "core/hub/hub_cache.h"
#include "core/session/background_job.h"
#include "core/session/model_folders.h"
#include "core/session/settings.h"
#include "core/session/text.h"

#include <QDir>

#include <algorithm>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// A slow drive holds up one of them, and the others go on.
constexpr int kReaders = 2;

QString cleaned(const QString& folder) { return QDir::cleanPath(QDir::home().absoluteFilePath(folder)); }

/// What add() has found at a path.
struct Finding {
    QStringList folders;
    QString parent; ///< where they are below it
    QString problem;
};

Finding find(const ReadModelFacts& readFacts, const QString& path) {
    std::error_code problem;
    fs::path folder = toPath(path);
    if (fs::is_regular_file(folder, problem))
        folder = folder.parent_path();
    if (isModelFolder(folder))
        return {{pathText(folder)}, {}, {}};
    Finding finding;
    for (const fs::path& found : findModels(folder))
        finding.folders << pathText(found);
    if (!finding.folders.isEmpty())
        finding.parent = pathText(folder);
    else if (const auto facts = readFacts(folder); !facts.has_value())
        finding.problem = toQString(facts.error().text());
    else
        finding.folders << pathText(folder);
    return finding;
}

QStringList with(QStringList list, const QString& one) {
    if (!list.contains(one))
        list.append(one);
    return list;
}

QStringList without(QStringList list, const QString& one) {
    list.removeAll(one);
    return list;
}

} // namespace

struct ModelLibrary::Reading {
    bool isThere = false;
    Stamp stamp;
    std::optional<Result<ModelFacts>> facts; ///< nothing: as it was
};

ModelLibrary::ModelLibrary(Settings& settings, ModelLibraryParts parts, QObject* parent)
    : QObject(parent), m_settings(settings), m_parts(std::move(parts)) {
    LATHE_EXPECT(m_parts.readFacts);
    m_pool.setMaxThreadCount(kReaders);
}

ModelLibrary::~ModelLibrary() { m_pool.waitForDone(); }

void ModelLibrary::refresh() {
    if (m_isScanning) {
        m_isScanWanted = true;
        return;
    }
    m_isScanning = true;
    if (m_parts.freeMemory)
        m_models.setFreeMemory(m_parts.freeMemory());
    runInBackground(
        m_pool, *this,
        [this, folders = m_settings.modelFolders.value(), parents = m_settings.modelParents.value(),
         hidden = m_settings.hiddenModels.value()] { return scan(folders, parents, hidden); },
        [this](const std::vector<Listing>& listing) { takeListing(listing); });
}

/// On a pool thread.
std::vector<ModelLibrary::Listing> ModelLibrary::scan(const QStringList& folders, const QStringList& parents,
                                                      const QStringList& hidden) const {
    std::vector<Listing> listing;
    const auto list = [&](ModelEntry::Source source, const QString& folder, const QString& name) {
        if (std::ranges::find(listing, folder, &Listing::folder) == listing.end())
            listing.push_back({source, folder, name});
    };
    if (!m_parts.builtIn.isEmpty())
        list(ModelEntry::Source::BuiltIn, cleaned(m_parts.builtIn), tr("Built-in model"));
    for (const QString& folder : folders)
        list(ModelEntry::Source::Folder, folder, nameOfModel(folder));
    for (const QString& parent : parents)
        for (const fs::path& found : findModels(toPath(parent)))
            if (!hidden.contains(pathText(found)))
                list(ModelEntry::Source::Folder, pathText(found), nameOfModel(pathText(found)));
    if (m_parts.hubCache.empty())
        return listing;
    for (const HubModel& model : listHubModels(m_parts.hubCache))
        for (const HubRevision& revision : model.revisions) {
            const QString folder = pathText(revision.folder);
            const QString mark = model.revisions.size() == 1 ? QString()
                                 : revision.refs.empty()
                                     ? QStringLiteral(" @%1").arg(toQString(revision.commit).left(7))
                                     : QStringLiteral(" @%1").arg(toQString(revision.refs.front()));
            if (isModelFolder(revision.folder) && !hidden.contains(folder))
                list(ModelEntry::Source::HubCache, folder, toQString(model.name) + mark);
        }
    return listing;
}

void ModelLibrary::takeListing(const std::vector<Listing>& listing) {
    m_isScanning = false;
    // What was found once below a parent is kept by name: its drive may be gone the next time.
    QStringList folders = m_settings.modelFolders.value();
    for (const Listing& one : listing)
        if (one.source == ModelEntry::Source::Folder)
            folders = with(folders, one.folder);
    m_settings.modelFolders.set(folders);
    for (int row = m_models.rowCount() - 1; row >= 0; --row) {
        const QString folder = m_models.row(row).folder; // one added since the scan began is kept
        if (!folders.contains(folder) &&
            std::ranges::find(listing, folder, &Listing::folder) == listing.end())
            m_models.remove(row);
    }
    for (const Listing& one : listing) {
        show(one.folder, one.name, one.source);
        read(one.folder);
    }
    if (std::exchange(m_isScanWanted, false))
        refresh();
    else
        Q_EMIT refreshed();
}

void ModelLibrary::show(const QString& folder, const QString& name, ModelEntry::Source source) {
    const int row = m_models.rowOf(folder);
    ModelEntry entry = row < 0 ? ModelEntry{} : m_models.row(row);
    if (row >= 0 && entry.name == name && entry.source == source)
        return;
    entry.source = source;
    entry.folder = folder;
    entry.name = name;
    if (row < 0)
        m_models.append(std::move(entry));
    else
        m_models.replace(row, std::move(entry));
}

void ModelLibrary::read(const QString& folder) {
    const auto known = m_stamps.find(folder);
    const std::optional<Stamp> stamp = known == m_stamps.end() ? std::nullopt : std::optional(*known);
    runInBackground(
        m_pool, *this,
        [this, path = toPath(folder), stamp] {
            Reading reading;
            std::error_code problem;
            reading.isThere = fs::is_directory(path, problem);
            if (!reading.isThere)
                return reading;
            reading.stamp = {fs::last_write_time(path, problem),
                             fs::last_write_time(path / "config.json", problem)};
            if (stamp != reading.stamp)
                reading.facts = m_parts.readFacts(path);
            return reading;
        },
        [this, folder](Reading reading) { takeReading(folder, std::move(reading)); });
}

void ModelLibrary::takeReading(const QString& folder, Reading reading) {
    const int row = m_models.rowOf(folder);
    if (row < 0)
        return; // removed meanwhile
    ModelEntry entry = m_models.row(row);
    if (!reading.isThere) {
        m_stamps.remove(folder);
        entry.state = ModelEntry::State::Missing;
        entry.problem = tr("The folder %1 is not there now. Plug the drive in, or tell where the model is.")
                            .arg(QDir::toNativeSeparators(folder));
        entry.cost.reset();
        return m_models.replace(row, std::move(entry));
    }
    if (!reading.facts)
        return; // as it was
    m_stamps.insert(folder, reading.stamp);
    entry.cost.reset();
    entry.costProblem.clear();
    if (reading.facts->has_value()) {
        entry.state = ModelEntry::State::Ready;
        entry.facts = std::move(*reading.facts).value();
        entry.problem.clear();
    } else {
        entry.state = ModelEntry::State::Faulty;
        entry.problem = toQString(reading.facts->error().text());
    }
    m_models.replace(row, std::move(entry));
    askCost(folder);
}

void ModelLibrary::setRecipe(const ParamValues& recipe) {
    ParamValues rest = recipe;
    rest.set("model", std::string());
    if (m_parts.freeMemory)
        m_models.setFreeMemory(m_parts.freeMemory());
    if (m_recipe == rest)
        return;
    m_recipe = std::move(rest);
    ++m_recipeNumber;
    for (int row = 0; row < m_models.rowCount(); ++row)
        askCost(m_models.row(row).folder);
}

void ModelLibrary::askCost(const QString& folder) {
    const int row = m_models.rowOf(folder);
    if (!m_parts.forecast || !m_recipe || row < 0 || m_models.row(row).state != ModelEntry::State::Ready)
        return;
    ParamValues recipe = *m_recipe;
    recipe.set("model", folder.toStdString());
    runInBackground(
        m_pool, *this, [this, recipe = std::move(recipe)] { return m_parts.forecast(recipe); },
        [this, folder, number = m_recipeNumber](const Result<RecipeCost>& cost) {
            const int now = m_models.rowOf(folder);
            if (now < 0 || number != m_recipeNumber)
                return;
            ModelEntry entry = m_models.row(now);
            entry.cost = cost.has_value() ? std::optional(cost.value()) : std::nullopt;
            entry.costProblem = cost.has_value() ? QString() : toQString(cost.error().text());
            m_models.replace(now, std::move(entry));
        });
}

void ModelLibrary::add(const QString& path) {
    runInBackground(
        m_pool, *this, [this, path = cleaned(path)] { return find(m_parts.readFacts, path); },
        [this](const Finding& finding) {
            if (finding.folders.isEmpty())
                Q_EMIT addFailed(finding.problem);
            else
                take(finding.folders, finding.parent);
        });
}

/// Into the settings and into the list at once, so that it can be chosen; the scan then finds nothing new.
void ModelLibrary::take(const QStringList& folders, const QString& parent) {
    if (!parent.isEmpty())
        m_settings.modelParents.set(with(m_settings.modelParents.value(), parent));
    for (const QString& folder : folders) {
        m_settings.hiddenModels.set(without(m_settings.hiddenModels.value(), folder));
        if (m_models.rowOf(folder) < 0) {
            m_settings.modelFolders.set(with(m_settings.modelFolders.value(), folder));
            show(folder, nameOfModel(folder), ModelEntry::Source::Folder);
        }
        read(folder);
    }
    Q_EMIT added(folders.front());
}

void ModelLibrary::locate(const QString& folder, const QString& place) {
    struct Answer {
        Finding finding;
        std::vector<std::pair<QString, QString>> others;
    };
    runInBackground(
        m_pool, *this,
        [this, folder, place = cleaned(place), folders = m_settings.modelFolders.value()] {
            Answer answer{find(m_parts.readFacts, place), {}};
            // A folder above was chosen: the model is the one of the same name in it.
            for (const QString& found : std::as_const(answer.finding.folders))
                if (nameOfModel(found) == nameOfModel(folder))
                    answer.finding.folders = {found};
            if (!answer.finding.folders.isEmpty())
                answer.others = alsoMoved(folder, answer.finding.folders.front(), folders);
            return answer;
        },
        [this, folder](const Answer& answer) {
            if (answer.finding.folders.isEmpty()) {
                Q_EMIT addFailed(answer.finding.problem);
                return;
            }
            std::vector<std::pair<QString, QString>> moves = answer.others;
            moves.insert(moves.begin(), {folder, answer.finding.folders.front()});
            QStringList places;
            for (const auto& [from, to] : moves) {
                drop(from);
                places << to;
            }
            take(places, {});
            for (const auto& [from, to] : moves)
                Q_EMIT moved(from, to);
        });
}

void ModelLibrary::remove(const QString& folder) {
    m_settings.hiddenModels.set(with(m_settings.hiddenModels.value(), folder));
    drop(folder);
}

void ModelLibrary::drop(const QString& folder) {
    m_settings.modelFolders.set(without(m_settings.modelFolders.value(), folder));
    m_stamps.remove(folder);
    if (const int row = m_models.rowOf(folder); row >= 0)
        m_models.remove(row);
}

} // namespace lathe
