#pragma once

#include "core/session/dataset_lengths.h"
#include "core/session/dataset_preview.h"
#include "core/session/dataset_quality.h"
#include "core/session/dataset_rows_model.h"
#include "core/session/dataset_search.h"
#include "core/session/dataset_splits.h"
#include "core/session/recipe_draft.h"

namespace lathe {

class Settings;

/// The data file looked at in the studio, and what is chosen about it: how it is read, what its columns are
/// for, the template, the longest sequence, the split. All choices are fields of a recipe, in a draft of
/// their own with its own undo; intoRecipe() takes them into another. Reading goes on in the background.
/// Belongs to the GUI thread.
class DatasetSession : public QObject {
    Q_OBJECT
public:
    enum class State { Empty, Reading, Ready, Failed };

    DatasetSession(Settings& settings, DatasetParts parts, QObject* parent = nullptr);
    ~DatasetSession() override; ///< asks what goes on to stop, and waits for it

    /// Reads a file with everything detected; what was chosen about another file is left behind. `recipe`:
    /// whose model and longest sequence are taken over.
    void open(const QString& file, const ParamValues& recipe);
    /// Ends the reading; the file that was there before stays.
    void cancel();
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QString problem() const { return m_problem; } ///< why the file could not be read
    [[nodiscard]] QString file() const;
    [[nodiscard]] QString readingFile() const { return m_readingFile; }
    [[nodiscard]] const StoppableJob& reading() const { return m_reading; }

    [[nodiscard]] RecipeDraft& choices() { return m_choices; }
    [[nodiscard]] const std::shared_ptr<const Table>& table() const { return m_file.table; }
    [[nodiscard]] const QVector<DatasetFact>& facts() const { return m_file.facts; }
    [[nodiscard]] const DatasetColumns& columns() const { return m_columns; }
    [[nodiscard]] DatasetRowsModel& rows() { return m_rows; }
    [[nodiscard]] DatasetSearch& search() { return m_search; }
    [[nodiscard]] DatasetPreview& preview() { return m_preview; }
    [[nodiscard]] DatasetLengths& lengths() { return m_lengths; }
    [[nodiscard]] DatasetQuality& quality() { return m_quality; }
    [[nodiscard]] DatasetSplits& splits() { return m_splits; }
    [[nodiscard]] const DatasetParts& parts() const { return m_parts; }
    /// The table with what is chosen and what is guessed.
    [[nodiscard]] DatasetInput input() const;

    /// Empty role: the column is not used. Whichever column had the role before loses it.
    void setRole(const QString& column, const QString& role);
    /// A fix of the quality checks, made or taken back.
    void toggleFix(const QString& fix);
    [[nodiscard]] bool isFixed(const QString& fix) const;
    /// Writes rows as JSON lines, or the list of rows that were left out as CSV; exported() or exportFailed()
    /// follows.
    void exportRows(std::vector<std::size_t> rows, const QString& file);
    void exportDropped(std::vector<DroppedRow> rows, const QString& file);
    /// The model where none is chosen.
    void setUsualModel(const QString& folder);
    [[nodiscard]] QString model() const; ///< chosen, or the usual one
    /// `recipe` with everything that was chosen here in it.
    [[nodiscard]] ParamValues intoRecipe(const ParamValues& recipe) const;

    [[nodiscard]] QStringList recentFiles() const;

Q_SIGNALS:
    void stateChanged();
    void columnsChanged(); ///< their roles, guesses or problem
    void inputChanged();   ///< table or choices
    void opened();         ///< a file is there that was not before
    void exported(const QString& file);
    void exportFailed(const QString& message);

private:
    struct Reading;

    void followChoices();
    void read();
    void take(Result<Reading> reading);
    void close();
    void askColumns();
    void giveInput();
    void write(std::function<Status()> write, const QString& file);
    void setState(State state, const QString& problem = {});
    void remember(const QString& file);
    [[nodiscard]] ParamValues readingChoices() const;
    [[nodiscard]] ParamValues roleChoices() const;

    Settings& m_settings;
    DatasetParts m_parts;
    RecipeDraft m_choices;
    State m_state = State::Empty;
    QString m_problem;
    QString m_readingFile;
    DatasetFile m_file;
    ParamValues m_readWith;    ///< the choices that m_file was read with, or is being read
    ParamValues m_guessedWith; ///< the choices that m_columns belongs to
    DatasetColumns m_columns;
    QString m_usualModel;
    DatasetRowsModel m_rows;
    QThreadPool m_pool;
    DatasetSearch m_search;
    DatasetPreview m_preview;
    DatasetLengths m_lengths;
    DatasetQuality m_quality;
    DatasetSplits m_splits;
    StoppableJob m_reading;
    StoppableJob m_guessing;
    QTimer m_soon; ///< a whole recipe changes many fields at once
};

} // namespace lathe
