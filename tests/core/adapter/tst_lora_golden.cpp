#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Folder {
    const char* name;
    const char* base;
    bool isConverted = false; ///< PiSSA on the reduced weight, which is saved as plain LoRA
};

const std::vector<Folder> kFolders{{"tables_and_head", "llama"},
                                   {"dora_tables", "llama"},
                                   {"pattern_order", "llama"},
                                   {"biases", "architectures/opt"},
                                   {"pissa_conv1d", "architectures/gpt2", true},
                                   {"dora_pissa", "llama", true},
                                   {"whole_modules", "llama"}};

/// A folder of tests/data/golden/adapters/lora on its model.
struct Setup {
    explicit Setup(int number)
        : what(kFolders[static_cast<std::size_t>(number)]),
          folder(sourceFile(std::string("tests/data/golden/adapters/lora/") + what.name)),
          arrays(TensorFile::open(folder / "golden.safetensors").value()),
          model(loadModel(sourceFile(std::string("tests/data/golden/") + what.base)).value()) {
        load(folder);
    }
    void load(const fs::path& from) {
        auto loaded = loadAdapter(*model, from);
        if (!loaded.has_value())
            throw std::runtime_error(loaded.error().text());
        adapter = std::move(loaded).value();
    }
    [[nodiscard]] at::Tensor array(const std::string& name) const { return arrays.tensor(name).value(); }
    [[nodiscard]] at::Tensor logits() const {
        ModelInput input;
        input.ids = array("ids");
        return model->output(input);
    }

    const Folder& what;
    fs::path folder;
    TensorFile arrays;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
};

void addRows() {
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < kFolders.size(); ++i)
        QTest::newRow(kFolders[i].name) << static_cast<int>(i);
}

} // namespace

/// PEFT folders with options of all kinds, made by make_lora.py beside them.
class TestLoraGolden : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void logitsAndGradientsMatch_data() { addRows(); }
    void logitsAndGradientsMatch();
    void mergedModelMatchesOrSaysWhyNot_data() { addRows(); }
    void mergedModelMatchesOrSaysWhyNot();
    void savedFolderGivesTheSame_data() { addRows(); }
    void savedFolderGivesTheSame();
    void modelIsLeftAsItWas_data() { addRows(); }
    void modelIsLeftAsItWas();
};

void TestLoraGolden::logitsAndGradientsMatch() {
    QFETCH(int, number);
    const Setup setup(number);
    const at::Tensor ids = setup.array("ids");
    const at::Tensor logits = setup.logits();
    LATHE_MATCHES(mismatch(logits, setup.array("logits"), 5e-5));
    const std::int64_t length = ids.size(1);
    const at::Tensor loss = at::cross_entropy_loss(logits.narrow(1, 0, length - 1).flatten(0, 1),
                                                   ids.narrow(1, 1, length - 1).flatten());
    LATHE_MATCHES(mismatch(loss.view({1}), setup.array("loss"), 1e-5));
    loss.backward();
    std::size_t compared = 0;
    for (const auto& [name, parameter] : setup.adapter->parameters()) {
        const QString problem =
            mismatch(parameter.grad().norm().view({1}), setup.array("grad." + name), 1e-7, 1e-4);
        QVERIFY2(problem.isEmpty(), qPrintable(QString::fromStdString(name) + ": " + problem));
        ++compared;
    }
    std::size_t expected = 0;
    for (const auto& [name, entry] : setup.arrays.entries())
        expected += name.starts_with("grad.") ? 1 : 0;
    QCOMPARE(compared, expected);
}

void TestLoraGolden::mergedModelMatchesOrSaysWhyNot() {
    QFETCH(int, number);
    const Setup setup(number);
    const at::NoGradGuard noGrad;
    const at::Tensor before = setup.logits();
    const Status merged = setup.adapter->merge();
    if (!merged.has_value()) {
        QVERIFY2(merged.error().message.find("cannot be merged") != std::string::npos,
                 merged.error().text().c_str());
        QVERIFY(at::equal(setup.logits(), before));
        return;
    }
    LATHE_MATCHES(mismatch(setup.logits(), before, 1e-4));
    setup.adapter->unmerge();
    QVERIFY(at::equal(setup.logits(), before));
}

void TestLoraGolden::savedFolderGivesTheSame() {
    QFETCH(int, number);
    Setup setup(number);
    const at::NoGradGuard noGrad;
    const at::Tensor before = setup.logits();
    const TempFolder target;
    QVERIFY(setup.adapter->save(target.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json config = json::parse(readFile(setup.folder / "adapter_config.json").value());
    const json saved = json::parse(readFile(target / "adapter_config.json").value());
    QCOMPARE(saved.at("r"), json(config.at("r").get<std::int64_t>() * (setup.what.isConverted ? 2 : 1)));
    for (const char* key : {"use_dora", "bias", "modules_to_save", "fan_in_fan_out"})
        QCOMPARE(saved.at(key), config.at(key));
    QCOMPARE(saved.at("init_lora_weights"), json(true));
    setup.adapter.reset();
    QVERIFY(!at::equal(setup.logits(), before));
    setup.load(target.path());
    if (setup.what.isConverted)
        LATHE_MATCHES(mismatch(setup.logits(), before, 5e-5));
    else
        QVERIFY(at::equal(setup.logits(), before));
    const TempFolder again;
    QVERIFY(setup.adapter->save(again.path(), {"the/base", "CAUSAL_LM"}).has_value());
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors"})
        QCOMPARE(readFile(again / file).value(), readFile(target / file).value());
}

void TestLoraGolden::modelIsLeftAsItWas() {
    QFETCH(int, number);
    Setup setup(number);
    const at::NoGradGuard noGrad;
    setup.adapter.reset();
    const auto fresh = loadModel(sourceFile(std::string("tests/data/golden/") + setup.what.base)).value();
    for (std::size_t i = 0; i < fresh->weights().size(); ++i)
        QVERIFY2(at::equal(fresh->weights()[i].second, setup.model->weights()[i].second),
                 fresh->weights()[i].first.c_str());
    QVERIFY(!setup.model->isAdapted());
}

QTEST_GUILESS_MAIN(TestLoraGolden)
#include "tst_lora_golden.moc"
