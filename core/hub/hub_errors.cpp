#include "core/hub/hub_http.h"

namespace lathe {

namespace {

std::string host(const HubAnswer& answer) { return answer.address.host().toStdString(); }

/// What the server says, fit to be shown: one line, not too long.
std::string serverWords(const HubAnswer& answer) {
    const QString words = QString::fromUtf8(answer.header("x-error-message")).simplified().left(200);
    return words.isEmpty() ? std::string() : " (" + words.toStdString() + ")";
}

std::string networkProblem(const HubAnswer& answer) {
    switch (answer.error) {
    case QNetworkReply::HostNotFoundError:
        return "The address of " + host(answer) + " is not known here; check the network and its name server";
    case QNetworkReply::ConnectionRefusedError:
        return host(answer) + " refuses the connection; try again later, or check HF_ENDPOINT";
    case QNetworkReply::TimeoutError:
    case QNetworkReply::OperationCanceledError: // Qt's word for a transfer timeout
        return host(answer) +
               " does not answer in time; check the network and start again, it goes on from here";
    case QNetworkReply::SslHandshakeFailedError:
        return "No secure connection to " + host(answer) + " can be made (" + answer.problem.toStdString() +
               "); check the clock, the certificates of this system, and the proxy";
    case QNetworkReply::ProxyConnectionRefusedError:
    case QNetworkReply::ProxyNotFoundError:
    case QNetworkReply::ProxyTimeoutError:
    case QNetworkReply::ProxyConnectionClosedError:
        return "The proxy cannot be reached; check http_proxy and https_proxy or the desktop's network "
               "settings";
    case QNetworkReply::ProxyAuthenticationRequiredError:
        return "The proxy asks for a name and a password; put them into https_proxy as "
               "http://NAME:PASSWORD@HOST:PORT";
    default:
        return "The connection to " + host(answer) + " broke (" + answer.problem.toStdString() +
               "); check the network and start again, it goes on from here";
    }
}

std::string busyText(const HubAnswer& answer) {
    const QByteArray wait = answer.header("retry-after");
    const std::string when = wait.isEmpty() ? std::string("; try again later")
                                            : "; it asks to wait: " + wait.left(40).toStdString() + " s";
    return (answer.status == 429
                ? "The Hub takes no more requests from here for now"
                : "The Hub has a problem of its own (HTTP " + std::to_string(answer.status) + ")") +
           when;
}

} // namespace

Error explain(const HubAnswer& answer, const HubName& model, const HubHttp& http) {
    if (http.isStopped())
        return {Error::Kind::Cancelled, {}, "Stopped"};
    if (answer.refused)
        return *answer.refused;
    if (answer.status == 0 || answer.status / 100 == 2)
        return ioError({}, networkProblem(answer));
    const QByteArray code = answer.header("x-error-code");
    if (code == "GatedRepo")
        return inputError(
            model.name, "its authors ask for an agreement first: open " +
                            http.address(u'/' + QString::fromStdString(model.name)).toString().toStdString() +
                            " in a browser, accept, and set HF_TOKEN to your token");
    if (code == "RevisionNotFound")
        return inputError(model.name, "has no revision \"" + model.revision +
                                          "\"; name a branch, a tag or a commit of it");
    if (code == "EntryNotFound")
        return inputError(model.name, "the file " + answer.address.fileName().toStdString() +
                                          " is not there any more; look the model up again");
    if (answer.status == 401 && http.hasToken() && code != "RepoNotFound")
        return inputError(model.name,
                          "the Hub does not accept the token; check HF_TOKEN" + serverWords(answer));
    if (code == "RepoNotFound" || answer.status == 401 || answer.status == 404)
        return inputError(model.name,
                          "there is no such model on the Hub, or it is private; check the name, or "
                          "set HF_TOKEN to a token that may read it");
    if (answer.status == 403)
        return inputError(model.name, "the Hub does not let this file be read; check the rights of HF_TOKEN" +
                                          serverWords(answer));
    if (answer.status == 408 || answer.status == 429 || answer.status >= 500)
        return ioError(model.name, busyText(answer));
    return ioError(model.name, "the Hub answers with HTTP " + std::to_string(answer.status) +
                                   serverWords(answer) + "; try again later");
}

} // namespace lathe
