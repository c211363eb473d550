#pragma once

#include "core/analysis/allocation_history.h"
#include "core/analysis/simplex_loss.h"
#include "core/session/background_job.h"

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <filesystem>
#include <optional>

namespace lathe {

/// What a trial's method has left in its folder beside its numbers. Nothing: it has not, or not yet.
struct TrialPictures {
    std::optional<AllocationHistory> allocation;
    std::optional<SimplexLoss> simplex;
    QString problem; ///< why something of it cannot be read; empty: nothing is wrong
};

/// Reads them, again while the trial goes on, on a pool thread and only where a file has changed. GUI thread;
/// waits for nothing.
class TrialPictureReader : public QObject {
    Q_OBJECT
public:
    explicit TrialPictureReader(QObject* parent = nullptr);
    ~TrialPictureReader() override;

    /// Empty: of no trial. changed() follows, where there was or is something to show.
    void watch(const QString& folder);
    [[nodiscard]] const TrialPictures& pictures() const { return m_pictures; }
    /// The trial has gone on: looked at again, at most twice a second.
    void refreshSoon();

Q_SIGNALS:
    void changed(); ///< pictures() are others

private:
    void read();

    QString m_folder;
    TrialPictures m_pictures;
    std::string m_stamp; ///< of the files that were read
    QTimer m_refresh;
    LatestOnly m_readings;
    QThreadPool m_pool; ///< last: its jobs must end first
};

} // namespace lathe
