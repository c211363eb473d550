#include "core/session/trial_pictures.h"

#include "core/session/allocation_file.h"
#include "core/session/simplex_file.h"
#include "core/session/text.h"

#include <system_error>

namespace lathe {

namespace {

namespace fs = std::filesystem;
constexpr int kRefreshMs = 500;

/// Tells files that were read from those that have changed since.
std::string stampOf(const fs::path& folder) {
    std::string stamp;
    for (const char* name : {kAllocationRecord, kAllocationHistoryRecord, kSimplexLossRecord}) {
        std::error_code missing;
        const auto size = fs::file_size(folder / name, missing);
        stamp += missing ? "-" : std::to_string(size);
        const auto time = fs::last_write_time(folder / name, missing);
        stamp += missing ? " " : ":" + std::to_string(time.time_since_epoch().count()) + " ";
    }
    return stamp;
}

struct Reading {
    std::string stamp;
    TrialPictures pictures;
};

Reading readAll(const fs::path& folder) {
    Reading reading{stampOf(folder), {}};
    const auto take = [&reading](auto found, auto& place) {
        if (found.has_value())
            place = std::move(*found);
        else
            reading.pictures.problem +=
                (reading.pictures.problem.isEmpty() ? "" : "\n") + toQString(found.error().text());
    };
    take(readAllocationHistory(folder), reading.pictures.allocation);
    take(readSimplexLoss(folder), reading.pictures.simplex);
    return reading;
}

} // namespace

TrialPictureReader::TrialPictureReader(QObject* parent) : QObject(parent) {
    m_pool.setMaxThreadCount(1);
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &TrialPictureReader::read);
}

TrialPictureReader::~TrialPictureReader() { m_pool.waitForDone(); }

void TrialPictureReader::watch(const QString& folder) {
    if (folder == m_folder) {
        read();
        return;
    }
    m_folder = folder;
    m_stamp.clear();
    const bool hadSomething = m_pictures.allocation || m_pictures.simplex || !m_pictures.problem.isEmpty();
    m_pictures = {};
    if (hadSomething)
        Q_EMIT changed();
    read();
}

void TrialPictureReader::refreshSoon() {
    if (!m_refresh.isActive())
        m_refresh.start();
}

void TrialPictureReader::read() {
    const std::uint64_t question = m_readings.ask(); // an older answer is of another folder
    if (m_folder.isEmpty())
        return;
    runInBackground(
        m_pool, *this,
        [folder = toPath(m_folder), stamp = m_stamp]() -> std::optional<Reading> {
            return stampOf(folder) == stamp ? std::nullopt : std::optional(readAll(folder));
        },
        [this, question](const std::optional<Reading>& reading) {
            if (!reading || !m_readings.isNewest(question))
                return;
            m_stamp = reading->stamp;
            m_pictures = reading->pictures;
            Q_EMIT changed();
        });
}

} // namespace lathe
