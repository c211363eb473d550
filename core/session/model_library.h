#pragma once

#include "core/params/param_value.h"
#include "core/session/model_table_model.h"

#include <QHash>
#include <QObject>
#include <QStringList>
#include <QThreadPool>

#include <filesystem>
#include <functional>
#include <optional>
#include <set>

namespace lathe {

class Settings;

/// What the composition root plugs into the library. The functions are called on pool threads, several at
/// once, but freeMemory on the GUI thread.
struct ModelLibraryParts {
    ReadModelFacts readFacts;                                              ///< must be there
    std::function<Result<RecipeCost>(const ParamValues& recipe)> forecast; ///< may be empty
    std::function<std::optional<double>()> freeMemory;                     ///< may be empty
    QString builtIn;                                                       ///< folder; empty: there is none
    std::filesystem::path hubCache;                                        ///< empty: not looked into
};

/// The models this machine has: the built-in one, folders the user has added, those below folders the user
/// has named, and the Hub's cache. All files are looked at in the background; what has not changed is not
/// read again. A folder that is not there now stays in the list, until the user removes it. No file is ever
/// deleted.
class ModelLibrary : public QObject {
    Q_OBJECT
public:
    ModelLibrary(Settings& settings, ModelLibraryParts parts, QObject* parent = nullptr);
    ~ModelLibrary() override; ///< waits for what is being read

    [[nodiscard]] ModelTableModel& models() { return m_models; }
    [[nodiscard]] const std::filesystem::path& hubCache() const { return m_parts.hubCache; }

    /// Looks at everything again; refreshed() follows.
    void refresh();
    /// The recipe whose memory is forecast for each model; its "model" does not matter.
    void setRecipe(const ParamValues& recipe);
    /// A model's folder, a file in it, or a folder with models somewhere below. added() or addFailed()
    /// follows.
    void add(const QString& path);
    /// `folder` is now at `place`, and so may be others that are missing: those found there move too. added()
    /// or addFailed() follows.
    void locate(const QString& folder, const QString& place);
    /// From the list only.
    void remove(const QString& folder);

Q_SIGNALS:
    void refreshed();
    void added(const QString& folder); ///< it is in models(), maybe with a problem
    void addFailed(const QString& message);
    void moved(const QString& from, const QString& to); ///< by locate()

private:
    struct Listing {
        ModelEntry::Source source;
        QString folder;
        QString name;
    };
    /// When a model's files were last changed.
    using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
    struct Reading;

    [[nodiscard]] std::vector<Listing> scan(const QStringList& folders, const QStringList& parents,
                                            const QStringList& hidden) const;
    void takeListing(const std::vector<Listing>& listing);
    void read(const QString& folder);
    void takeReading(const QString& folder, Reading reading);
    void askCost(const QString& folder);
    void drop(const QString& folder);
    void take(const QStringList& folders, const QString& parent);
    void show(const QString& folder, const QString& name, ModelEntry::Source source);

    Settings& m_settings;
    ModelLibraryParts m_parts;
    ModelTableModel m_models;
    QHash<QString, Stamp> m_stamps;
    std::optional<ParamValues> m_recipe;
    std::uint64_t m_recipeNumber = 0; ///< answers for an older recipe are dropped
    bool m_isScanning = false;
    bool m_isScanWanted = false; ///< again, as soon as this one has ended
    QThreadPool m_pool;          ///< last: its jobs use what is above
};

} // namespace lathe
