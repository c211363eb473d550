#pragma once

#include "core/hub/hub_download.h"
#include "tests/support/temp_folder.h"

#include <QCryptographicHash>
#include <QEventLoop>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <functional>
#include <map>
#include <thread>

namespace lathe::test {

/// What came in.
constexpr int kReadingMs = 50;

struct WebRequest {
    QByteArray verb;
    QByteArray target; ///< as it stands in the request line
    QMap<QByteArray, QByteArray> headers;

    [[nodiscard]] qsizetype from() const { ///< of the Range header
        return headers.value("range").mid(6).split('-').front().toLongLong();
    }
};
/// What goes out; the connection is closed behind it.
struct WebReply {
    int status = 200;
    QByteArray body;
    QList<QPair<QByteArray, QByteArray>> headers;
    qsizetype cutAfter = -1; ///< bytes of the body before the connection breaks
    bool isSilent = false;   ///< never answers
};

/// An HTTP server of this machine that answers as it is told. Lives in the test's thread.
class WebDouble {
public:
    explicit WebDouble(const QHostAddress& address = QHostAddress::LocalHost) {
        if (!m_server.listen(address))
            qFatal("no port to listen on");
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { take(); });
    }

    std::function<WebReply(const WebRequest&)> answer;
    QList<WebRequest> requests;
    int connections = 0;

    [[nodiscard]] QByteArray address() const {
        return "http://127.0.0.1:" + QByteArray::number(m_server.serverPort());
    }
    [[nodiscard]] quint16 port() const { return m_server.serverPort(); }
    /// Of those whose target holds `part`.
    [[nodiscard]] QList<WebRequest> asked(const QByteArray& verb, const QByteArray& part) const {
        QList<WebRequest> found;
        for (const WebRequest& request : requests)
            if (request.verb == verb && request.target.contains(part))
                found.append(request);
        return found;
    }

private:
    void take() {
        while (QTcpSocket* socket = m_server.nextPendingConnection()) {
            ++connections;
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
                m_incoming[socket] += socket->readAll();
                if (m_incoming[socket].contains("\r\n\r\n"))
                    reply(*socket, parse(m_incoming.take(socket)));
            });
        }
    }
    static WebRequest parse(const QByteArray& text) {
        QList<QByteArray> lines = text.split('\n');
        const QList<QByteArray> first = lines.takeFirst().split(' ');
        WebRequest request{first[0], first[1], {}};
        for (const QByteArray& line : lines)
            if (const qsizetype colon = line.indexOf(':'); colon > 0)
                request.headers.insert(line.left(colon).toLower(), line.mid(colon + 1).trimmed());
        return request;
    }
    void reply(QTcpSocket& socket, const WebRequest& request) {
        requests.append(request);
        const WebReply reply = answer(request);
        if (reply.isSilent)
            return;
        QByteArray head = "HTTP/1.1 " + QByteArray::number(reply.status) + " x\r\nConnection: close\r\n";
        head += "Content-Length: " + QByteArray::number(reply.body.size()) + "\r\n";
        for (const auto& [name, value] : reply.headers)
            head += name + ": " + value + "\r\n";
        socket.write(head + "\r\n");
        if (request.verb != "HEAD")
            socket.write(reply.cutAfter < 0 ? reply.body : reply.body.left(reply.cutAfter));
        if (reply.cutAfter < 0)
            socket.disconnectFromHost();
        else // once the other side has read it: Qt asks by itself anew where an answer and its end come at
             // once
            QTimer::singleShot(kReadingMs, &socket, &QTcpSocket::disconnectFromHost);
    }

    QTcpServer m_server;
    QHash<QTcpSocket*, QByteArray> m_incoming;
};

/// A Hub with one model, "org/small": the weights lie at a storage on another port, as on the real one.
class HubDouble {
public:
    struct File {
        QByteArray content;
        bool isLarge = false; ///< kept by SHA-256 at the storage
        QByteArray hash = {}; ///< empty: the true one
        QString path = {};    ///< empty: its key
        double size = -1;     ///< listed; below zero: the true one
    };

    HubDouble() {
        files["config.json"] = {R"({"model_type": "llama"})"};
        files["tokenizer.json"] = {"{}"};
        files["README.md"] = {"# Small"};
        files["model.safetensors"] = {QByteArray(300'000, 'w'), true};
        files["flax_model.msgpack"] = {"not read", true};
        hub.answer = [this](const WebRequest& request) { return answerHub(request); };
        storage.answer = [this](const WebRequest& request) { return answerStorage(request); };
    }

    WebDouble hub;
    WebDouble storage;
    std::map<QByteArray, File> files;
    QByteArray commit = QByteArray(40, 'a');
    /// Asked first; an answer with status 0 leaves it to the double.
    std::function<WebReply(const WebRequest&)> hubFirst, storageFirst;
    std::map<std::string, std::string> variables{{"HF_TOKEN", "hf_secret"}};
    TempFolder cache;

    [[nodiscard]] HubAccess access() {
        variables["HF_ENDPOINT"] = hub.address().toStdString();
        variables["HF_HUB_CACHE"] = cache.path();
        HubAccess access;
        access.consent = DownloadConsent::Given;
        access.retryPause = std::chrono::milliseconds(1);
        access.timeout = std::chrono::milliseconds(5'000);
        access.environment = [values = variables](const std::string& name) -> std::optional<std::string> {
            const auto it = values.find(name);
            return it == values.end() ? std::nullopt : std::optional(it->second);
        };
        return access;
    }
    [[nodiscard]] std::filesystem::path folder() const { return cache / "models--org--small"; }
    [[nodiscard]] std::filesystem::path snapshot() const {
        return folder() / "snapshots" / commit.toStdString();
    }
    [[nodiscard]] static QByteArray hashOf(const File& file) {
        if (!file.hash.isEmpty())
            return file.hash;
        if (file.isLarge)
            return QCryptographicHash::hash(file.content, QCryptographicHash::Sha256).toHex();
        const QByteArray head = "blob " + QByteArray::number(file.content.size()) + '\0';
        return QCryptographicHash::hash(head + file.content, QCryptographicHash::Sha1).toHex();
    }
    [[nodiscard]] std::filesystem::path blob(const char* file) const {
        return folder() / "blobs" / hashOf(files.at(file)).toStdString();
    }
    [[nodiscard]] static WebReply serve(const WebRequest& request, const QByteArray& content) {
        if (!request.headers.contains("range"))
            return {200, content, {}};
        const qsizetype from = request.from();
        if (from >= content.size())
            return {416, {}, {}};
        return {206,
                content.mid(from),
                {{"Content-Range", "bytes " + QByteArray::number(from) + "-" +
                                       QByteArray::number(content.size() - 1) + "/" +
                                       QByteArray::number(content.size())}}};
    }

private:
    WebReply answerHub(const WebRequest& request) {
        if (hubFirst)
            if (const WebReply reply = hubFirst(request); reply.status != 0)
                return reply;
        if (request.target.startsWith("/api/models/org/small/revision/"))
            return {200, QJsonDocument(QJsonObject{{"sha", QString::fromLatin1(commit)}}).toJson(), {}};
        if (request.target.startsWith("/api/models/org/small/tree/"))
            return {200, tree(), {}};
        const QByteArray name = request.target.mid(("/org/small/resolve/" + commit + "/").size());
        const auto it = files.find(name);
        if (!request.target.startsWith("/org/small/resolve/") || it == files.end())
            return {404, {}, {{"X-Error-Code", "RepoNotFound"}}};
        const File& file = it->second;
        if (!file.isLarge) {
            WebReply reply = serve(request, file.content);
            reply.headers += {{"ETag", '"' + hashOf(file) + '"'}, {"X-Repo-Commit", commit}};
            return reply;
        }
        return {302,
                {},
                {{"Location", storage.address() + "/lfs/" + name + "?signature=1"},
                 {"X-Linked-Etag", '"' + hashOf(file) + '"'},
                 {"X-Linked-Size", QByteArray::number(file.content.size())},
                 {"X-Repo-Commit", commit}}};
    }
    WebReply answerStorage(const WebRequest& request) {
        if (storageFirst)
            if (const WebReply reply = storageFirst(request); reply.status != 0)
                return reply;
        if (request.headers.contains("authorization"))
            return {400, "only one way to prove who you are", {}};
        const auto it = files.find(request.target.mid(5).split('?').front());
        return it == files.end() ? WebReply{404, {}, {}} : serve(request, it->second.content);
    }
    QByteArray tree() const {
        QJsonArray entries{QJsonObject{{"type", "directory"}, {"path", "onnx"}, {"size", 0}}};
        for (const auto& [name, file] : files) {
            const QString hash = QString::fromLatin1(hashOf(file));
            const double size = file.size < 0 ? static_cast<double>(file.content.size()) : file.size;
            QJsonObject entry{{"type", "file"},
                              {"path", file.path.isEmpty() ? QString::fromUtf8(name) : file.path},
                              {"size", size},
                              {"oid", file.isLarge ? QString(40, '0') : hash}};
            if (file.isLarge)
                entry["lfs"] = QJsonObject{{"oid", hash}, {"size", size}};
            entries.append(entry);
        }
        return QJsonDocument(entries).toJson();
    }
};

/// Runs what blocks in a thread of its own while the doubles answer in this one.
template <typename Work>
auto whileServing(Work work) {
    std::optional<decltype(work())> result;
    QEventLoop loop; // not QTest::qWaitFor, which looks after the servers each 10 ms only
    QTimer::singleShot(30'000, &loop, [] { qFatal("the download does not end"); });
    std::jthread worker([&] {
        result.emplace(work());
        QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
    });
    loop.exec();
    worker.join();
    return std::move(*result);
}

inline Result<HubPlan> plan(const HubAccess& access, const HubName& model = {"org/small", "main"}) {
    return whileServing([&] { return planHubDownload(model, access, {}); });
}

inline Result<std::filesystem::path> download(const HubAccess& access, std::stop_token stop = {}) {
    return whileServing([&]() -> Result<std::filesystem::path> {
        LATHE_ASSIGN(const HubPlan plan, planHubDownload({"org/small", "main"}, access, {}));
        return downloadHubModel(plan, access, {}, stop);
    });
}

} // namespace lathe::test
