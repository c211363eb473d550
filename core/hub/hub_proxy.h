#pragma once

#include "core/hub/hub_cache.h"

#include <QNetworkProxy>
#include <QUrl>

#include <optional>

namespace lathe {

/// The proxy the environment names for an address, as curl reads it: https_proxy, http_proxy, all_proxy, in
/// small letters before capitals (HTTP_PROXY is not read: a web server may set it), and no_proxy. NoProxy for
/// this machine itself. Nothing: the environment says nothing, ask the desktop.
[[nodiscard]] std::optional<QNetworkProxy> proxyFor(const QUrl& address,
                                                    const EnvironmentLookup& environment);

/// proxyFor(), and where that has no answer the desktop's settings.
class HubProxyFactory : public QNetworkProxyFactory {
public:
    explicit HubProxyFactory(EnvironmentLookup environment);
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery& query) override;

private:
    EnvironmentLookup m_environment;
};

} // namespace lathe
