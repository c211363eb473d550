#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "core/model/transformer.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/tensor.h>
#include <QtTest>
#include <initializer_list>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kExact = 1e-10; // fp64: what another order of the same sums leaves

/// Three texts: side by side, one below the other with padding, or of one length.
ModelInput inputOf(const QString& layout) {
    ModelInput input;
    if (layout == QLatin1String("side by side")) {
        input.ids = (at::arange(19) * 7).remainder(29).add(3).view({1, 19});
        input.lengths = {9, 4, 6};
        return input;
    }
    input.ids = (at::arange(27) * 7).remainder(29).add(3).view({3, 9});
    if (layout == QLatin1String("padded")) {
        input.mask = at::ones({3, 9}, at::kBool);
        input.mask[1].narrow(0, 4, 5).fill_(false);
    }
    return input;
}

/// LoRA with dropout everywhere, in the middle of training: B is no longer zero.
std::unique_ptr<Adapter> trained(LanguageModel& model) {
    const auto lora = adapterMethods().make("lora").value();
    ParamValues values = defaults(lora->options());
    values.set("rank", std::int64_t{2});
    values.set("target_modules", std::string("all-linear"));
    values.set("dropout", 0.3);
    auto adapter = lora->attach(model, values, 3);
    at::manual_seed(2);
    for (const auto& [name, parameter] : adapter->parameters())
        parameter.detach().copy_(at::randn_like(parameter) * 0.2);
    adapter->beginStep(0);
    return adapter;
}

/// Each model with each layout of a batch.
void addRows(std::initializer_list<const char*> names) {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("layout");
    for (const char* name : names)
        for (const char* layout : {"side by side", "padded", "of one length"})
            QTest::addRow("%s %s", name, layout) << QString::fromLatin1(name) << QString::fromLatin1(layout);
}

} // namespace

class TestHiddenPlaces : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other

    void placesAreAsAmongAll_data() {
        addRows({"bert_labels", "roberta_labels", "distilbert_labels", "llama", "llama_labels", "mistral",
                 "gemma2", "gpt2", "gpt2_labels", "opt", "opt_post_norm", "bloom", "falcon"});
    }
    void placesAreAsAmongAll() {
        QFETCH(QString, name);
        QFETCH(QString, layout);
        const auto model = loadModel(sourceFile("tests/data/golden/architectures/" + name.toStdString()),
                                     {at::kDouble, at::kCPU});
        QVERIFY2(model.has_value(), model ? "" : model.error().text().c_str());
        auto& transformer = dynamic_cast<TransformerModel&>(**model);
        const auto adapter = trained(transformer);
        const ModelInput input = inputOf(layout);
        std::vector<at::Tensor> leaves;
        for (const auto& [leaf, parameter] : adapter->parameters())
            leaves.push_back(parameter);
        std::vector<at::Tensor> chosen{
            at::tensor({0}, at::kLong), at::tensor({2, 3, 4, 9, 16, 17}, at::kLong),
            at::tensor({1, 3, 9, 12, 17, 18}, at::kLong), at::arange(input.ids.numel())};
        if (const auto pooled = transformer.pooledPlaces(input))
            chosen.push_back(*pooled);
        for (const at::Tensor& places : chosen) {
            const at::Tensor hidden = transformer.hidden(input);
            const at::Tensor expected = hidden.reshape({-1, hidden.size(2)}).index_select(0, places);
            const at::Tensor read = transformer.hiddenAt(places, {}, input);
            LATHE_MATCHES(mismatch(read, expected, kExact));
            const at::Tensor upstream = at::randn_like(read);
            const auto theirs = torch::autograd::grad({expected}, leaves, {upstream}, {}, false, true);
            const auto ours = torch::autograd::grad({read}, leaves, {upstream}, {}, false, true);
            for (std::size_t i = 0; i < leaves.size(); ++i) {
                QCOMPARE(ours[i].defined(), theirs[i].defined());
                if (ours[i].defined())
                    LATHE_MATCHES(mismatch(ours[i], theirs[i], kExact));
            }
        }
    }

    void theHeadReadsThePlacesItPools_data() { addRows({"bert_labels", "llama_labels", "gpt2_labels"}); }
    void theHeadReadsThePlacesItPools() {
        QFETCH(QString, name);
        QFETCH(QString, layout);
        const auto model = loadModel(sourceFile("tests/data/golden/architectures/" + name.toStdString()),
                                     {at::kDouble, at::kCPU});
        QVERIFY2(model.has_value(), model ? "" : model.error().text().c_str());
        auto& transformer = dynamic_cast<TransformerModel&>(**model);
        ModelInput input = inputOf(layout);
        const std::int64_t pad = transformer.spec().padId.value_or(0);
        if (layout == QLatin1String("padded"))
            input.ids[1].narrow(0, 4, 5).fill_(pad);
        const at::Tensor hidden = transformer.hidden(input);
        const bool isFirst = transformer.spec().head.pooling == HeadSpec::Pooling::FirstToken;
        const std::vector<std::int64_t> first = layout == QLatin1String("side by side")
                                                    ? std::vector<std::int64_t>{0, 9, 13}
                                                    : std::vector<std::int64_t>{0, 9, 18};
        const std::vector<std::int64_t> last =
            layout == QLatin1String("side by side") ? std::vector<std::int64_t>{8, 12, 18}
            : layout == QLatin1String("padded")     ? std::vector<std::int64_t>{8, 12, 26}
                                                    : std::vector<std::int64_t>{8, 17, 26};
        const auto places = transformer.pooledPlaces(input);
        QVERIFY(places.has_value());
        QVERIFY(places->equal(at::tensor(isFirst ? first : last, at::kLong)));
        QVERIFY(transformer.pooled(hidden, input)
                    .equal(hidden.reshape({-1, hidden.size(2)}).index_select(0, *places)));
    }
};

QTEST_GUILESS_MAIN(TestHiddenPlaces)
#include "tst_hidden_places.moc"
