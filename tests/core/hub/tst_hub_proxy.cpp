#include "core/hub/hub_proxy.h"

#include "tests/core/hub/hub_double.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestHubProxy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void variablesAreReadAsCurlReadsThem_data();
    void variablesAreReadAsCurlReadsThem();
    void thisMachineNeedsNoProxy();
    void credentialsAreTakenFromTheAddress();
    void requestsGoThroughTheProxy();
};

using Variables = std::map<std::string, std::string>;

namespace {

EnvironmentLookup environment(Variables values) {
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto it = values.find(name);
        return it == values.end() ? std::nullopt : std::optional(it->second);
    };
}

} // namespace

void TestHubProxy::variablesAreReadAsCurlReadsThem_data() {
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("proxy"); ///< "none": said so; "": nothing said
    const auto row = [](const char* name, Variables variables, const char* address, const char* proxy) {
        QTest::newRow(name) << std::move(variables) << QString(address) << QString(proxy);
    };
    row("secure", {{"https_proxy", "http://p:3128"}}, "https://huggingface.co/a", "p:3128");
    row("capitals", {{"HTTPS_PROXY", "p:3128"}}, "https://huggingface.co/a", "p:3128");
    row("plain", {{"http_proxy", "p:1"}, {"https_proxy", "q:2"}}, "http://hub.test/a", "p:1");
    row("plain capitals", {{"HTTP_PROXY", "p:1"}}, "http://hub.test/a", "");
    row("all", {{"ALL_PROXY", "socks5://s:9"}}, "https://huggingface.co", "s:9");
    row("nothing", {}, "https://huggingface.co", "");
    row("other scheme", {{"http_proxy", "p:1"}}, "https://huggingface.co", "");
    row("usual port", {{"https_proxy", "http://p"}}, "https://huggingface.co", "p:1080");
    row("excluded", {{"https_proxy", "p:1"}, {"no_proxy", "a.b, .huggingface.co"}}, "https://huggingface.co",
        "none");
    row("excluded below", {{"https_proxy", "p:1"}, {"no_proxy", "hf.co"}}, "https://cdn.hf.co", "none");
    row("not excluded", {{"https_proxy", "p:1"}, {"no_proxy", "f.co"}}, "https://hf.co", "p:1");
    row("all excluded", {{"https_proxy", "p:1"}, {"NO_PROXY", "*"}}, "https://hf.co", "none");
}

void TestHubProxy::variablesAreReadAsCurlReadsThem() {
    QFETCH(const Variables, variables);
    QFETCH(const QString, address);
    QFETCH(const QString, proxy);
    const auto found = proxyFor(QUrl(address), environment(variables));
    QCOMPARE(found.has_value(), !proxy.isEmpty());
    if (!found)
        return;
    if (proxy == QLatin1String("none"))
        QCOMPARE(found->type(), QNetworkProxy::NoProxy);
    else
        QCOMPARE(QStringLiteral("%1:%2").arg(found->hostName()).arg(found->port()), proxy);
}

void TestHubProxy::thisMachineNeedsNoProxy() {
    for (const char* address : {"http://localhost:80", "http://127.0.0.1:5", "http://[::1]:5"})
        QCOMPARE(proxyFor(QUrl(address), environment({{"http_proxy", "p:1"}}))->type(),
                 QNetworkProxy::NoProxy);
}

void TestHubProxy::credentialsAreTakenFromTheAddress() {
    const auto proxy = proxyFor(QUrl("https://hf.co"), environment({{"https_proxy", "http://me:a%40b@p:8"}}));
    QCOMPARE(proxy->user(), "me");
    QCOMPARE(proxy->password(), "a@b");
    QCOMPARE(proxy->type(), QNetworkProxy::HttpProxy);
}

void TestHubProxy::requestsGoThroughTheProxy() {
    HubDouble hub;
    HubAccess access = hub.access();
    // A host that no name server knows: only the proxy can answer for it.
    access.environment = environment({{"HF_ENDPOINT", "http://hub.invalid"},
                                      {"HF_HUB_CACHE", hub.cache.path()},
                                      {"http_proxy", hub.hub.address().toStdString()}});
    const auto inner = hub.hub.answer;
    hub.hub.answer = [inner](WebRequest request) {
        if (request.target.startsWith("http://hub.invalid/"))
            request.target.remove(0, QByteArray("http://hub.invalid").size());
        return inner(request);
    };

    const auto found = plan(access);

    QVERIFY2(found.has_value(), found.has_value() ? "" : found.error().text().c_str());
    QVERIFY(
        hub.hub.requests.front().target.startsWith("http://hub.invalid/api/models/org/small/revision/main"));
}

QTEST_GUILESS_MAIN(TestHubProxy)
#include "tst_hub_proxy.moc"
