#include "core/session/model_download.h"

#include "core/session/background_job.h"
#include "core/session/settings.h"
#include "core/session/text.h"

namespace lathe {

ModelDownload::ModelDownload(Settings& settings, HubAccess access, QObject* parent)
    : QObject(parent), m_settings(settings), m_access(std::move(access)) {
    m_pool.setMaxThreadCount(1);
}

ModelDownload::~ModelDownload() {
    m_stop.request_stop();
    m_pool.waitForDone();
}

HubAccess ModelDownload::access() const {
    HubAccess access = m_access;
    access.consent =
        m_settings.areDownloadsAllowed.value() ? DownloadConsent::Given : DownloadConsent::Refused;
    return access;
}

QString ModelDownload::whyNot() const {
    const Status may = mayDownload(access());
    return may.has_value() ? QString() : toQString(may.error().text());
}

std::uint64_t ModelDownload::begin() {
    m_stop.request_stop();
    m_stop = std::stop_source();
    m_isBusy = true;
    return ++m_number;
}

void ModelDownload::lookUp(const QString& name) {
    m_plan.reset();
    const std::uint64_t number = begin();
    runInBackground(
        m_pool, *this,
        [name = name.toStdString(), access = access(), stop = m_stop.get_token()]() -> Result<HubPlan> {
            LATHE_ASSIGN(const HubName model, parseHubName(name));
            return planHubDownload(model, access, stop);
        },
        [this, number](Result<HubPlan> plan) {
            if (number != m_number)
                return;
            m_isBusy = false;
            if (plan.has_value()) {
                m_plan = std::move(plan).value();
                Q_EMIT planned();
            } else if (plan.error().kind == Error::Kind::Cancelled) {
                Q_EMIT stopped();
            } else {
                Q_EMIT failed(toQString(plan.error().text()));
            }
        });
}

void ModelDownload::start() {
    LATHE_EXPECT(m_plan);
    const std::uint64_t number = begin();
    const auto tell = [this, number](const HubProgress& progress) {
        QMetaObject::invokeMethod(this, [this, number, progress] {
            if (number == m_number && m_isBusy)
                Q_EMIT progressed(static_cast<qint64>(progress.done), static_cast<qint64>(progress.total),
                                  toQString(progress.file));
        });
    };
    runInBackground(
        m_pool, *this,
        [plan = *m_plan, access = access(), tell, stop = m_stop.get_token()] {
            return downloadHubModel(plan, access, tell, stop);
        },
        [this, number](const Result<std::filesystem::path>& folder) { takeFolder(number, folder); });
}

void ModelDownload::takeFolder(std::uint64_t number, const Result<std::filesystem::path>& folder) {
    if (number != m_number)
        return;
    m_isBusy = false;
    if (folder.has_value())
        Q_EMIT finished(pathText(folder.value()));
    else if (folder.error().kind == Error::Kind::Cancelled)
        Q_EMIT stopped();
    else
        Q_EMIT failed(toQString(folder.error().text()));
}

void ModelDownload::stop() { m_stop.request_stop(); }

} // namespace lathe
