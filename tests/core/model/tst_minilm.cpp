#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <cstdlib>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

/// Where packaging/test_models puts it.
fs::path modelFolder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    const fs::path base = cache != nullptr  ? fs::path(cache)
                          : home != nullptr ? fs::path(home) / ".cache"
                                            : fs::path();
    return base / "lathe" / "test_models" / "minilm";
}

void flatten(const nlohmann::json& value, std::vector<double>& flat) {
    if (value.is_array())
        for (const auto& item : value)
            flatten(item, flat);
    else
        flat.push_back(value.get<double>());
}

/// A rectangular nest of lists of numbers, in the shape of `like`.
at::Tensor numbers(const nlohmann::json& nest, const at::Tensor& like) {
    std::vector<double> flat;
    flatten(nest, flat);
    return at::tensor(flat, at::kDouble).view_as(like);
}

} // namespace

/// A published encoder against transformers' BertModel (eager attention, fp32).
class TestMinilm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hiddenStatesMatchTransformers();
};

void TestMinilm::hiddenStatesMatchTransformers() {
    if (!fs::exists(modelFolder() / "config.json"))
        QSKIP("all-MiniLM-L6-v2 is not there; ./test --models fetches it.");
    const auto golden =
        nlohmann::json::parse(readFile(sourceFile("tests/data/golden/minilm/golden.json")).value());
    const auto model = loadModel(modelFolder());
    QVERIFY2(model.has_value(), model.has_value() ? "" : model.error().text().c_str());
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> states;
    ModelInput input = inputOf(golden);
    input.hiddenStates = &states;
    const at::Tensor last = (*model)->output(input);
    QCOMPARE(states.size(), golden.at("norms").size());
    for (std::size_t layer = 0; layer < states.size(); ++layer) {
        const at::Tensor norms = states[layer].to(at::kDouble).norm(2, -1);
        LATHE_MATCHES(mismatch(norms, numbers(golden.at("norms").at(layer), norms), 1e-4, 0, input.mask));
        const at::Tensor first = states[layer].narrow(-1, 0, 3);
        LATHE_MATCHES(mismatch(first, numbers(golden.at("first").at(layer), first), 1e-4, 0, input.mask));
    }
    const at::Tensor sentence = last.select(1, 0);
    LATHE_MATCHES(mismatch(sentence, numbers(golden.at("cls"), sentence), 1e-4));
}

QTEST_GUILESS_MAIN(TestMinilm)
#include "tst_minilm.moc"
