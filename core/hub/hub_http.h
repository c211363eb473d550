#pragma once

#include "core/hub/hub_download.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QMap>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QUrl>

#include <functional>
#include <optional>

/// One HTTP request at a time, in the calling thread, with the Hub's rules on redirects, tokens and repeats.
namespace lathe {

/// What came back. `status` 0: nothing did.
struct HubAnswer {
    int status = 0;
    QMap<QByteArray, QByteArray> headers; ///< by name in small letters
    QNetworkReply::NetworkError error = QNetworkReply::NoError;
    QString problem;              ///< Qt's words for `error`
    std::optional<Error> refused; ///< what the taker of the content said
    QByteArray body;              ///< where nobody took it
    QUrl address;                 ///< that was asked

    [[nodiscard]] bool isGood() const { return error == QNetworkReply::NoError && status / 100 == 2; }
    [[nodiscard]] QByteArray header(const char* name) const { return headers.value(name); }
    /// Where a redirect leads; empty: it is none.
    [[nodiscard]] QUrl target() const;
};

/// Gets the content piece by piece; the head is complete by then. An error ends the request.
using TakePart = std::function<Status(const HubAnswer& head, QByteArrayView part)>;

class HubHttp {
public:
    enum class Verb { Head, Get };

    /// Contract: mayDownload(access).
    HubHttp(const HubAccess& access, const std::stop_token& stop);

    /// One request; redirects are not followed. The token goes to the Hub's own host only. `from`: the first
    /// byte wanted. Without `take` the content (at most 16 MB) is in the answer.
    [[nodiscard]] HubAnswer ask(Verb verb, const QUrl& address, std::uint64_t from = 0,
                                const TakePart& take = {});
    /// ask(), repeated where that may help.
    [[nodiscard]] HubAnswer askPatiently(Verb verb, const QUrl& address);

    [[nodiscard]] QUrl address(const QString& path) const; ///< below the endpoint
    [[nodiscard]] bool isHub(const QUrl& address) const;   ///< same scheme, host and port as the endpoint
    [[nodiscard]] bool hasToken() const { return m_token.has_value(); }
    [[nodiscard]] bool isStopped() const { return m_stop.stop_requested(); }
    void wait(std::chrono::milliseconds time) const; ///< or until it is stopped

private:
    [[nodiscard]] QNetworkRequest request(const QUrl& address, std::uint64_t from) const;

    const HubAccess& m_access;
    std::stop_token m_stop;
    QUrl m_endpoint;
    std::optional<std::string> m_token;
    QNetworkAccessManager m_manager;
};

/// How often and when to ask again: five times without progress, after the pause the answer asks for
/// (Retry-After, 429 and 503), else a growing one where the Hub is busy, else the first.
class RetryBudget {
public:
    explicit RetryBudget(std::chrono::milliseconds pause) : m_pause(pause) {}
    /// Nothing: asking again is of no use, or was tried enough.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next(const HubAnswer& answer);
    /// After a trouble that another request ends for sure. Nothing: that was tried enough.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next();
    void progressed() { m_used = 0; }

private:
    std::chrono::milliseconds m_pause;
    int m_used = 0;
};

/// What the answer means, as one sentence for the user.
[[nodiscard]] Error explain(const HubAnswer& answer, const HubName& model, const HubHttp& http);

} // namespace lathe
