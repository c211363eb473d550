#include "core/model/model_summary.h"

#include <QtTest>

using namespace lathe;

/// Only what no config.json of a publisher has; what they have is tested against transformers.
class TestModelSummary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void brokenConfigsAreRefused_data();
    void brokenConfigsAreRefused();
};

void TestModelSummary::brokenConfigsAreRefused_data() {
    QTest::addColumn<std::string>("config");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, const std::string& config, const char* says) {
        QTest::newRow(name) << config << std::string(says);
    };
    const auto llama = [](const std::string& key, const std::string& value) {
        return R"({"model_type": "llama", ")" + key + "\": " + value + "}";
    };
    row("empty", "", "not a JSON object");
    row("cut", R"({"model_type": "llama")", "not a JSON object");
    row("a list", "[]", "not a JSON object");
    row("NaN", llama("rope_theta", "NaN"), "not a JSON object");
    row("no type", "{}", "names no model_type");
    row("another type", R"({"model_type": "mamba"})", "the architecture \"mamba\", which is not supported");
    row("deep", llama("x", std::string(10'000, '[') + std::string(10'000, ']')), "nested deeper");
    row("many values",
        llama(
            "x", "[0" +
                     [] {
                         std::string more;
                         for (int i = 0; i < 200'000; ++i)
                             more += ",0";
                         return more;
                     }() +
                     "]"),
        "is larger");
    row("large", llama("x", '"' + std::string(16'000'000, 'x') + '"'), "is larger");
    row("a billion layers", llama("num_hidden_layers", "1000000000"),
        "num_hidden_layers: is 1000000000; a whole number from 1 to 1024");
    row("a billion layers of Phi-3", R"({"model_type": "phi3", "num_hidden_layers": 4294967296})",
        "num_hidden_layers: is 4294967296");
    row("negative layers", llama("num_hidden_layers", "-1"), "num_hidden_layers: is -1");
    row("broken layers", llama("num_hidden_layers", "2.5"), "num_hidden_layers: is 2.5");
    row("heads beyond 63 bits", llama("num_attention_heads", "18446744073709551615"),
        "num_attention_heads: is 18446744073709551615");
    row("heads beyond 64 bits", llama("num_attention_heads", "99999999999999999999"),
        "num_attention_heads: is 1e+20");
    row("an overflowing product of sizes",
        R"({"model_type": "llama", "hidden_size": 16777216, "head_dim": 16777216, "num_attention_heads": 16777216})",
        "more parameters than can be counted");
}

void TestModelSummary::brokenConfigsAreRefused() {
    QFETCH(std::string, config);
    QFETCH(std::string, says);
    const auto summary = parseModelSummary(config, "config.json");
    QVERIFY(!summary.has_value());
    QCOMPARE(summary.error().kind, Error::Kind::Input);
    QVERIFY2(summary.error().text().find(says) != std::string::npos, summary.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestModelSummary)
#include "tst_model_summary.moc"
