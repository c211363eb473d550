#include "core/hub/hub_proxy.h"

#include <QHostAddress>
#include <QStringList>

namespace lathe {

namespace {

constexpr int kUsualProxyPort = 1080; ///< curl's

QString firstOf(const EnvironmentLookup& environment, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (const auto value = environment(name); value && !value->empty())
            return QString::fromStdString(*value).trimmed();
    return {};
}

bool isThisMachine(const QString& host) {
    return host == QLatin1String("localhost") || QHostAddress(host).isLoopback();
}

/// "*", "example.org" and ".example.org" (with everything below), a port behind a colon is ignored.
bool isExcluded(const QString& host, const QString& exclusions) {
    for (QString entry : exclusions.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        entry = entry.trimmed().section(QLatin1Char(':'), 0, 0);
        if (entry.startsWith(QLatin1Char('.')))
            entry.remove(0, 1);
        if (entry == QLatin1String("*") || host.compare(entry, Qt::CaseInsensitive) == 0 ||
            (!entry.isEmpty() && host.endsWith(QLatin1Char('.') + entry, Qt::CaseInsensitive)))
            return true;
    }
    return false;
}

QNetworkProxy proxyFrom(const QString& text) {
    const QUrl url(text.contains(QLatin1String("://")) ? text : QStringLiteral("http://") + text);
    const bool isSocks = url.scheme().startsWith(QLatin1String("socks"));
    return {isSocks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
            static_cast<quint16>(url.port(kUsualProxyPort)), url.userName(QUrl::FullyDecoded),
            url.password(QUrl::FullyDecoded)};
}

} // namespace

std::optional<QNetworkProxy> proxyFor(const QUrl& address, const EnvironmentLookup& environment) {
    const QString host = address.host();
    if (isThisMachine(host) || isExcluded(host, firstOf(environment, {"no_proxy", "NO_PROXY"})))
        return QNetworkProxy(QNetworkProxy::NoProxy);
    const bool isSecure = address.scheme() == QLatin1String("https");
    const QString chosen =
        isSecure ? firstOf(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                 : firstOf(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
    return chosen.isEmpty() ? std::nullopt : std::optional(proxyFrom(chosen));
}

HubProxyFactory::HubProxyFactory(EnvironmentLookup environment) : m_environment(std::move(environment)) {}

QList<QNetworkProxy> HubProxyFactory::queryProxy(const QNetworkProxyQuery& query) {
    // The query of a plain connection carries host and scheme but no whole URL.
    QUrl address = query.url();
    if (address.host().isEmpty())
        address.setHost(query.peerHostName());
    if (const auto proxy = proxyFor(address, m_environment))
        return {*proxy};
    return systemProxyForQuery(query);
}

} // namespace lathe
