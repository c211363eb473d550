#pragma once

#include "core/hub/hub_download.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <memory>
#include <optional>
#include <stop_token>

namespace lathe {

class Settings;

/// One download from the Hugging Face hub at a time, for the GUI thread. Without the user's consent in the
/// settings every call fails at once and nothing is asked of a network.
class ModelDownload : public QObject {
    Q_OBJECT
public:
    /// `access` says how, the settings say whether.
    ModelDownload(Settings& settings, HubAccess access, QObject* parent = nullptr);
    ~ModelDownload() override; ///< stops and waits; what was fetched stays

    /// Empty: downloads may be made. Else why not, in core's words.
    [[nodiscard]] QString whyNot() const;
    [[nodiscard]] bool isBusy() const { return m_isBusy; }
    /// What lookUp() found last.
    [[nodiscard]] const std::optional<HubPlan>& plan() const { return m_plan; }

    /// "ORG/NAME", with @REVISION. planned() or failed() follows; a call while it is busy replaces the one
    /// before, which then says nothing.
    void lookUp(const QString& name);
    /// Fetches plan(). finished(), stopped() or failed() follows; it can be called again and goes on.
    void start();
    void stop();

Q_SIGNALS:
    void planned();
    void progressed(qint64 done, qint64 total, const QString& file);
    void finished(const QString& folder);
    void stopped();
    void failed(const QString& message);

private:
    [[nodiscard]] HubAccess access() const;
    /// A new question: its number, with the one before stopped.
    std::uint64_t begin();
    void takeFolder(std::uint64_t number, const Result<std::filesystem::path>& folder);

    Settings& m_settings;
    HubAccess m_access;
    std::optional<HubPlan> m_plan;
    std::stop_source m_stop;
    std::uint64_t m_number = 0;
    bool m_isBusy = false;
    QThreadPool m_pool; ///< last: its jobs use what is above
};

} // namespace lathe
