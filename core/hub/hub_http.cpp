#include "core/hub/hub_http.h"

#include "core/hub/hub_proxy.h"

#include <QDateTime>
#include <QEventLoop>
#include <QLocale>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace lathe {

namespace {

constexpr qint64 kBufferSize = 1 << 20;
constexpr qsizetype kLargestBody = 16 << 20;
constexpr int kMostRetries = 5;
/// A Hub that asks for a longer pause is not waited for.
constexpr std::chrono::seconds kLongestPause{120};

HubAnswer headOf(const QNetworkReply& reply) {
    HubAnswer answer;
    answer.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.address = reply.url();
    for (const auto& [name, value] : reply.rawHeaderPairs())
        answer.headers.insert(name.toLower(), value);
    return answer;
}

/// Takes what has arrived. False: the request is to end.
bool takeArrived(QNetworkReply& reply, HubAnswer& answer, const TakePart& take) {
    const QByteArray part = reply.isOpen() ? reply.readAll() : QByteArray(); // closed: it was aborted
    if (part.isEmpty() || answer.refused)
        return !answer.refused;
    if (answer.status == 0)
        answer = headOf(reply);
    if (take && answer.status / 100 == 2) {
        if (const Status taken = take(answer, part); !taken.has_value())
            answer.refused = taken.error();
        return !answer.refused;
    }
    answer.body += part;
    return answer.body.size() <= kLargestBody;
}

std::optional<std::chrono::milliseconds> askedPause(const QByteArray& retryAfter) {
    if (retryAfter.isEmpty())
        return std::nullopt;
    bool isNumber = false;
    if (const qint64 seconds = retryAfter.trimmed().toLongLong(&isNumber); isNumber)
        return std::chrono::seconds(std::clamp<qint64>(seconds, 0, 86'400));
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(retryAfter.trimmed()),
                                             QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    date.setTimeSpec(Qt::UTC);
    if (!date.isValid())
        return std::nullopt;
    return std::chrono::milliseconds(
        std::clamp<qint64>(QDateTime::currentDateTimeUtc().msecsTo(date), 0, 86'400'000));
}

bool isLasting(QNetworkReply::NetworkError error) {
    return error == QNetworkReply::SslHandshakeFailedError || error == QNetworkReply::ProtocolUnknownError ||
           error == QNetworkReply::ProxyAuthenticationRequiredError;
}

} // namespace

QUrl HubAnswer::target() const {
    const QByteArray location = header("location");
    return status / 100 != 3 || location.isEmpty() ? QUrl() : QUrl::fromEncoded(location);
}

HubHttp::HubHttp(const HubAccess& access, const std::stop_token& stop)
    : m_access(access),
      m_stop(stop),
      m_endpoint(QString::fromStdString(hubEndpoint(access.environment))),
      m_token(hubToken(access.environment)) {
    LATHE_EXPECT(mayDownload(access).has_value());
    m_manager.setProxyFactory(new HubProxyFactory(access.environment)); // the manager owns it
}

QUrl HubHttp::address(const QString& path) const {
    QUrl url = m_endpoint;
    url.setPath(m_endpoint.path(QUrl::FullyEncoded) + path, QUrl::TolerantMode);
    return url;
}

bool HubHttp::isHub(const QUrl& address) const {
    const auto port = [](const QUrl& url) {
        return url.port(url.scheme() == QLatin1String("https") ? 443 : 80);
    };
    return address.scheme() == m_endpoint.scheme() && address.host() == m_endpoint.host() &&
           port(address) == port(m_endpoint);
}

QNetworkRequest HubHttp::request(const QUrl& address, std::uint64_t from) const {
    QNetworkRequest request(address);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setHeader(QNetworkRequest::UserAgentHeader, QByteArray::fromStdString(m_access.userAgent));
    request.setRawHeader("Accept-Encoding", "identity"); // lengths and hashes are of the plain bytes
    request.setTransferTimeout(static_cast<int>(m_access.timeout.count()));
    if (from > 0)
        request.setRawHeader("Range", "bytes=" + QByteArray::number(qulonglong{from}) + '-');
    if (m_token && isHub(address))
        request.setRawHeader("Authorization", "Bearer " + QByteArray::fromStdString(*m_token));
    return request;
}

HubAnswer HubHttp::ask(Verb verb, const QUrl& address, std::uint64_t from, const TakePart& take) {
    const QNetworkRequest question = request(address, from);
    const std::unique_ptr<QNetworkReply> reply(verb == Verb::Head ? m_manager.head(question)
                                                                  : m_manager.get(question));
    reply->setReadBufferSize(kBufferSize);
    HubAnswer answer;
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    QObject::connect(reply.get(), &QIODevice::readyRead, &loop, [&] {
        if (!takeArrived(*reply, answer, take))
            reply->abort();
    });
    {
        const std::stop_callback quit(
            m_stop, [&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
        if (!reply->isFinished() && !isStopped())
            loop.exec();
    }
    if (!reply->isFinished())
        reply->abort();
    takeArrived(*reply, answer, take);
    if (answer.status == 0)
        answer = headOf(*reply);
    answer.error = reply->error();
    answer.problem = reply->errorString();
    return answer;
}

HubAnswer HubHttp::askPatiently(Verb verb, const QUrl& address) {
    RetryBudget retries(m_access.retryPause);
    for (;;) {
        HubAnswer answer = ask(verb, address);
        const auto pause = retries.next(answer);
        if (!pause || isStopped())
            return answer;
        wait(*pause);
    }
}

void HubHttp::wait(std::chrono::milliseconds time) const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, m_stop, time, [] { return false; });
}

std::optional<std::chrono::milliseconds> RetryBudget::next() {
    if (m_used == kMostRetries)
        return std::nullopt;
    ++m_used;
    return m_pause;
}

std::optional<std::chrono::milliseconds> RetryBudget::next(const HubAnswer& answer) {
    const bool isBusy = answer.status == 408 || answer.status == 429 || answer.status >= 500;
    const bool isCut =
        answer.error != QNetworkReply::NoError && (answer.status == 0 || answer.status / 100 == 2);
    if (answer.refused || isLasting(answer.error) || (!isBusy && !isCut))
        return std::nullopt;
    const auto growing = m_pause * (1 << m_used);
    const auto first = next();
    if (!isBusy || !first)
        return first;
    const auto asked = askedPause(answer.header("retry-after"));
    if (asked && *asked > kLongestPause)
        return std::nullopt;
    return asked.value_or(growing);
}

} // namespace lathe
