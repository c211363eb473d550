#include "core/adapter/support_table.h"

#include "core/adapter/adapter_method.h"

#include <QtTest>

#include <set>

using namespace lathe;

namespace {

/// What the README of LLM-Adapters (arXiv:2304.01933) ticks or announces: every method on each of these.
const std::vector<std::string> kFamilies{"llama", "bloom",   "gptj",     "opt",
                                         "gpt2",  "gpt_neo", "gpt_neox", "chatglm"};
const std::vector<std::string> kMethods{"lora",   "adapter_h", "adapter_p", "parallel",
                                        "prefix", "prompt",    "p_tuning"};

} // namespace

class TestSupportTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCellIsSupportedOrExplained();
    void atLeastWhatLlmAdaptersTicksIsSupported();
};

void TestSupportTable::everyCellIsSupportedOrExplained() {
    const std::vector<SupportCell> cells = supportTable();
    QCOMPARE(cells.size(), adapterMethods().list().size() * supportedArchitectures().size());
    for (const SupportCell& cell : cells) {
        // A model that cannot even be described says nothing of the method.
        const auto model = QString::fromStdString(cell.reason);
        QVERIFY2(cell.reason.empty() || cell.reason.size() > 20,
                 (cell.method + " on " + cell.architecture + ": " + cell.reason).c_str());
        QVERIFY2(!model.contains("model_type"), qPrintable(model));
    }
}

void TestSupportTable::atLeastWhatLlmAdaptersTicksIsSupported() {
    std::set<std::pair<std::string, std::string>> supported;
    for (const SupportCell& cell : supportTable())
        if (cell.reason.empty())
            supported.emplace(cell.method, cell.architecture);
    for (const std::string& method : kMethods)
        for (const std::string& family : kFamilies)
            QVERIFY2(supported.contains({method, family}), (method + " on " + family).c_str());
}

QTEST_GUILESS_MAIN(TestSupportTable)
#include "tst_support_table.moc"
