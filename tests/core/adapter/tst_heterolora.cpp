#include "core/adapter/adapter_method.h"
#include "core/adapter/export_format.h"
#include "core/adapter/heterolora.h"
#include "core/adapter/module_patterns.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/core/adapter/fake_probe.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sin.h>
#include <set>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path folderOf(const std::string& architecture) {
    return sourceFile("tests/data/golden/architectures/" + architecture);
}

ParamValues valuesFor(const ParamValues& changes) {
    const auto method = adapterMethods().make("heterolora").value();
    ParamValues values = withDefaults(method->options(), changes);
    if (!changes.contains("rank"))
        values.set("rank", std::int64_t{2});
    if (!changes.contains("budget_unit"))
        values.set("budget_unit", std::string("modules"));
    return values;
}

/// OPT-350M's sizes, without its weights.
ModelSummary opt350m() {
    return parseModelSummary(R"({"model_type": "opt", "hidden_size": 1024, "num_hidden_layers": 24,
        "num_attention_heads": 16, "ffn_dim": 4096, "word_embed_proj_dim": 512, "do_layer_norm_before": false,
        "vocab_size": 50272, "max_position_embeddings": 2048})",
                             "config.json")
        .value();
}

struct Bench {
    explicit Bench(const std::string& architecture, const ParamValues& changes = {},
                   at::ScalarType dtype = at::kFloat)
        : folder(folderOf(architecture)),
          model(loadModel(folder, {dtype, at::kCPU}).value()),
          method(adapterMethods().make("heterolora").value()),
          values(valuesFor(changes)) {}

    void attach() {
        adapter = method->attach(*model, values, 1);
        probe = std::make_unique<FakeProbe>(*model);
    }
    [[nodiscard]] HeteroLoraAdapter& hetero() const { return dynamic_cast<HeteroLoraAdapter&>(*adapter); }
    [[nodiscard]] const HeteroModules& modules() const { return hetero().modules(); }
    void stir() const {
        const at::NoGradGuard noGrad;
        double phase = 0;
        for (const auto& [name, parameter] : adapter->parameters())
            at::Tensor(parameter).add_(at::sin(at::arange(parameter.numel(), parameter.options()) + ++phase)
                                           .mul(0.1)
                                           .view(parameter.sizes()));
    }
    [[nodiscard]] ModelInput input() const {
        ModelInput input;
        input.ids = (at::arange(12, at::kLong) * 7 % (model->summary().vocabularySize - 3) + 3).view({2, 6});
        return input;
    }
    /// As the formulas stand: a layer without shortcuts would go another way, and equal bits are asked for.
    [[nodiscard]] at::Tensor output() const {
        ModelInput given = input();
        given.isEager = true;
        return model->output(given);
    }
    fs::path folder;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<AdapterMethod> method;
    ParamValues values;
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<FakeProbe> probe;
};

std::set<std::string> onOf(const HeteroModules& modules) {
    std::set<std::string> names;
    for (const auto& module : modules)
        if (module->isOn)
            names.insert(module->name);
    return names;
}

} // namespace

class TestHeteroLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void identityHoldsWithZeroB_data();
    void identityHoldsWithZeroB();
    void optHasTheAuthorsCounts();
    void controlsHaveTheSameParameters();
    void disabledModuleStandsStill();
    void disabledModuleComputesNothing();
    void warmupIsAllOn();
    void tiesAreWarnedOf();
    void recordsComeBack();
    void asReleasedNormsTwice();
    void asReleasedIsRefusedOnPreNormModels();
    void shortcutsAreWarnedOfAndComeBack();
    void offModulesAreLeftOutOfFiles();
    void ranksFollowTheScores();
    void wrongBudgetsAreNamed();
};

void TestHeteroLora::identityHoldsWithZeroB_data() {
    QTest::addColumn<QString>("architecture");
    for (const char* architecture : {"opt", "opt_post_norm", "bert_labels", "bloom_normed_residual", "gptj",
                                     "gemma2", "llama", "falcon_alibi"})
        QTest::newRow(architecture) << architecture;
}

void TestHeteroLora::identityHoldsWithZeroB() {
    QFETCH(QString, architecture);
    Bench bench(architecture.toStdString(), {{"shortcuts", std::string("all")}});
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    bench.attach();
    QVERIFY(std::ranges::any_of(bench.modules(), [](const auto& module) { return module->isShortcut; }));
    QVERIFY(at::equal(bench.output(), before));
    bench.stir();
    QVERIFY(!at::equal(bench.output(), before));
}

void TestHeteroLora::optHasTheAuthorsCounts() {
    const ModelSummary model = opt350m();
    const auto method = adapterMethods().make("heterolora").value();
    const auto count = [&](std::int64_t rank, const char* shortcuts, const char* allocation) {
        const ParamValues values = valuesFor({{"rank", rank},
                                              {"target_modules", std::string("q_proj,v_proj")},
                                              {"shortcuts", std::string(shortcuts)},
                                              {"allocation", std::string(allocation)}});
        if (const auto problems = method->check(model, values); !problems.empty())
            throw std::runtime_error(problems.front().message);
        return method->countParameters(model, values);
    };
    QCOMPARE(count(8, "all", "dynamic"), 2342912);
    QCOMPARE(count(2, "all", "dynamic"), 585728);
    QCOMPARE(count(8, "none", "dynamic"), 786432);
    constexpr std::int64_t kModule = 16384;
    QCOMPARE(count(8, "all", "dynamic") / kModule, 143);
    QCOMPARE((count(8, "all", "dynamic") - count(8, "none", "dynamic")) / kModule, 24 * 3 + 23);
    QCOMPARE((count(8, "shortcut_ffn", "dynamic") - count(8, "none", "dynamic")) / kModule, 23);
    // LoRA of rank 6 and 24 has as many as a quarter of the supernet of rank 8 and 32.
    QCOMPARE(count(8, "all", "uniform"), 589824);
    QCOMPARE(count(32, "all", "uniform"), 2359296);
}

void TestHeteroLora::controlsHaveTheSameParameters() {
    const auto enabled = [](const ParamValues& changes) {
        ParamValues all = changes;
        all.set("rank", std::int64_t{8});
        all.set("target_modules", std::string("q_proj,v_proj"));
        all.set("shortcuts", std::string("residual"));
        all.set("budget_share", 0.5);
        Bench bench("opt", all);
        bench.attach();
        bench.hetero().prepare(*bench.probe);
        (void)bench.hetero().beforeStep(0, *bench.probe);
        return bench.probe->reported.at("enabled_parameters");
    };
    constexpr double kBudget = 0.5 * 8 * 8 * 48; // half of four projections and four shortcuts of 24 × 24
    QCOMPARE(enabled({}), kBudget);
    QCOMPARE(enabled({{"allocation", std::string("static")}, {"proxy", std::string("snip")}}), kBudget);
    QCOMPARE(enabled({{"proxy", std::string("constant")}}), kBudget);
    QCOMPARE(enabled({{"allocation", std::string("uniform")}}), kBudget);
    QCOMPARE(enabled({{"allocation", std::string("ranks")}, {"rank_most", std::int64_t{24}}}), kBudget);
}

/// Weights and moments, and no decay either.
void TestHeteroLora::disabledModuleStandsStill() {
    Bench bench("opt", {{"allocation_steps", std::int64_t{3}}});
    bench.attach();
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.1;
    FlatAdamW optimizer(bench.adapter->groups(), settings);
    const auto momentsOf = [&](const HeteroModule& module) {
        std::int64_t offset = 0;
        for (const auto& [name, parameter] : bench.adapter->parameters()) {
            if (parameter.is_same(module.a))
                break;
            offset += parameter.numel();
        }
        std::vector<at::Tensor> moments;
        for (const auto& [name, tensor] : optimizer.state())
            if (name.ends_with("_moment"))
                moments.push_back(tensor.narrow(0, offset, module.parameters()).clone());
        return moments;
    };
    std::set<std::string> moved, stood;
    for (std::int64_t step = 0; step < 12; ++step) {
        (void)bench.hetero().beforeStep(step, *bench.probe);
        std::vector<std::vector<at::Tensor>> before;
        for (const auto& module : bench.modules())
            before.push_back({module->a.detach().clone(), module->b.detach().clone(), momentsOf(*module)[0],
                              momentsOf(*module)[1]});
        for (const auto& module : bench.modules())
            (module->isOn ? moved : stood).insert(module->name);
        bench.adapter->beginStep(step);
        optimizer.zeroGradients();
        bench.probe->loss(step % 4, TrainingProbe::Input::Text).backward();
        optimizer.step(1e-2);
        bench.adapter->endTraining();
        for (std::size_t i = 0; i < before.size(); ++i) {
            const HeteroModule& module = *bench.modules()[i];
            const auto moments = momentsOf(module);
            const bool isSame = at::equal(module.a, before[i][0]) && at::equal(module.b, before[i][1]) &&
                                at::equal(moments[0], before[i][2]) && at::equal(moments[1], before[i][3]);
            QVERIFY2(isSame != module.isOn, module.name.c_str());
            QVERIFY(module.isOn || module.a.grad().abs().max().item<double>() == 0);
        }
    }
    QVERIFY(!stood.empty() && !moved.empty());
}

void TestHeteroLora::disabledModuleComputesNothing() {
    Bench bench("opt", {{"shortcuts", std::string("all")}});
    const at::NoGradGuard noGrad;
    const at::Tensor base = bench.output();
    bench.attach();
    for (const auto& module : bench.modules()) {
        module->setOn(false);
        module->b.fill_(std::nan("")); // that nobody reads
    }
    QVERIFY(at::equal(bench.output(), base));
    QCOMPARE(bench.hetero().enabledParameters(), 0);
}

void TestHeteroLora::warmupIsAllOn() {
    Bench bench("opt", {{"allocation_warmup", std::int64_t{4}}});
    bench.attach();
    QVERIFY(!bench.hetero().beforeStep(0, *bench.probe));
    QCOMPARE(onOf(bench.modules()).size(), bench.modules().size());
    QVERIFY(bench.hetero().records().empty());
    QVERIFY(bench.hetero().beforeStep(4, *bench.probe));
    QCOMPARE(onOf(bench.modules()).size(), bench.modules().size() / 4);
    Bench random("opt", {{"allocation_warmup", std::int64_t{4}}, {"warmup_choice", std::string("random")}});
    random.attach();
    QVERIFY(random.hetero().beforeStep(0, *random.probe));
    QCOMPARE(onOf(random.modules()).size(), random.modules().size() / 4);
    QCOMPARE(random.probe->losses, 0);
}

void TestHeteroLora::tiesAreWarnedOf() {
    const auto warnings = [](const char* proxy, std::int64_t probes) {
        Bench bench("opt", {{"proxy", std::string(proxy)}, {"score_probes", probes}});
        bench.attach();
        (void)bench.hetero().beforeStep(0, *bench.probe);
        return bench.probe->warned;
    };
    const auto silent = warnings("snip", 0);
    QCOMPARE(silent.size(), std::size_t{1});
    QVERIFY(silent.front().find("100 %") != std::string::npos);
    QVERIFY(warnings("snip", 4).empty());
    QVERIFY(warnings("grad_norm", 4).empty());
    QVERIFY(warnings("constant", 4).empty()); // which is what it is for
}

void TestHeteroLora::recordsComeBack() {
    const ParamValues changes{{"shortcuts", std::string("all")},
                              {"proxy", std::string("constant")},
                              {"allocation_steps", std::int64_t{2}}};
    Bench bench("opt", changes);
    bench.attach();
    for (const std::int64_t step : {0, 2})
        QVERIFY(bench.hetero().beforeStep(step, *bench.probe));
    const auto records = bench.hetero().records();
    const json state = json::parse(records.at("allocation.json"));
    for (const char* key :
         {"version", "step", "proxy", "normalisation", "budget", "scope", "rng_state", "modules"})
        QVERIFY2(state.contains(key), key);
    QCOMPARE(state.at("step"), json(2));
    QCOMPARE(state.at("modules").size(), bench.modules().size());
    for (const json& module : state.at("modules"))
        for (const char* key : {"name", "kind", "layer", "rank", "alpha", "score", "enabled"})
            QVERIFY2(module.contains(key), key);
    Bench again("opt", changes);
    again.attach();
    QVERIFY(again.hetero().restoreRecords(records).has_value());
    QCOMPARE(onOf(again.modules()), onOf(bench.modules()));
    QVERIFY(again.hetero().records() == records);
    for (const Bench* each : {&bench, &again}) // chance goes on where it was
        QVERIFY(each->hetero().beforeStep(4, *each->probe));
    QVERIFY(again.hetero().records() == bench.hetero().records());

    Bench other("opt");
    other.attach();
    const Status refused = other.hetero().restoreRecords(records);
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().text().find("modules, but the recipe has") != std::string::npos);
}

/// A layer's output y becomes LN(y + s B A x), x its input.
void TestHeteroLora::asReleasedNormsTwice() {
    Bench bench("opt_post_norm",
                {{"shortcuts", std::string("shortcut_sa")},
                 {"shortcuts_as_released", true},
                 {"target_layers", std::string("0")}},
                at::kDouble);
    QVERIFY(bench.method->check(bench.model->summary(), bench.values).empty());
    QVERIFY(!bench.method->startsAsBase(bench.values));
    const at::NoGradGuard noGrad;
    const auto statesOf = [&] {
        std::vector<at::Tensor> states;
        ModelInput input = bench.input();
        input.hiddenStates = &states;
        (void)bench.model->hidden(input);
        return states;
    };
    const std::vector<at::Tensor> base = statesOf();
    bench.attach();
    const HeteroModule& shortcut = *bench.modules().back();
    QCOMPARE(shortcut.name, std::string("model.decoder.layers.0.shortcut_sa"));
    const auto expected = [&] {
        const at::Tensor sum =
            base[1] + at::linear(at::linear(base[0], shortcut.a), shortcut.b) * (4.0 / 2.0);
        return at::layer_norm(sum, {sum.size(2)},
                              bench.model->weight("model.decoder.layers.0.final_layer_norm.weight"),
                              bench.model->weight("model.decoder.layers.0.final_layer_norm.bias"), 1e-5);
    };
    LATHE_MATCHES(mismatch(statesOf()[1], expected(), 1e-12)); // already with B = 0
    QVERIFY(!at::equal(statesOf()[1], base[1]));
    at::Tensor(shortcut.b).fill_(0.3);
    LATHE_MATCHES(mismatch(statesOf()[1], expected(), 1e-12));
}

void TestHeteroLora::asReleasedIsRefusedOnPreNormModels() {
    const auto method = adapterMethods().make("heterolora").value();
    const auto problemsOn = [&](const std::string& architecture) {
        const ModelSummary model = readModelSummary(folderOf(architecture)).value();
        return method->check(model,
                             valuesFor({{"shortcuts", std::string("all")}, {"shortcuts_as_released", true}}));
    };
    QVERIFY(problemsOn("opt_post_norm").empty());
    QVERIFY(problemsOn("bert_labels").empty());
    for (const char* architecture : {"opt", "llama", "gpt2", "bloom"}) {
        const auto problems = problemsOn(architecture);
        QCOMPARE(problems.size(), std::size_t{1});
        QCOMPARE(problems.front().key, std::string("shortcuts_as_released"));
    }
}

void TestHeteroLora::shortcutsAreWarnedOfAndComeBack() {
    Bench bench("opt", {{"shortcuts", std::string("all")}, {"budget_scope", std::string("separated")}});
    bench.attach();
    bench.hetero().prepare(*bench.probe);
    QCOMPARE(bench.probe->warned.size(), std::size_t{1});
    for (const char* word : {"PEFT", "GGUF", "vLLM", "merged", "shortcuts.safetensors"})
        QVERIFY2(bench.probe->warned.front().find(word) != std::string::npos, word);
    bench.stir();
    QVERIFY(bench.hetero().beforeStep(0, *bench.probe));
    QVERIFY(!bench.adapter->checkMerge().has_value());
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder target;
    QVERIFY(bench.adapter->save(target.path(), {bench.folder, "CAUSAL_LM"}).has_value());
    QVERIFY(fs::exists(target.path() / kShortcutsFile) && fs::exists(target.path() / kShortcutTensorsFile));
    const auto source = ExportSource::open(bench.folder, target.path());
    QVERIFY2(source.has_value(), source ? "" : source.error().text().c_str());
    for (const char* format : {"peft", "gguf", "merged"}) {
        const std::string obstacle = exportFormats().make(format).value()->obstacle(*source);
        QVERIFY2(!obstacle.empty(), format);
    }
    bench.adapter.reset();
    const auto loaded = loadAdapter(*bench.model, target.path());
    QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
    QVERIFY(at::equal(bench.output(), before));
    const TempFolder again;
    QVERIFY(loaded.value()->save(again.path(), {bench.folder, "CAUSAL_LM"}).has_value());
    for (const auto& entry : fs::directory_iterator(target.path()))
        QCOMPARE(readFile(again.path() / entry.path().filename()).value(), readFile(entry.path()).value());
}

void TestHeteroLora::offModulesAreLeftOutOfFiles() {
    Bench bench("opt");
    bench.attach();
    bench.stir();
    QVERIFY(bench.hetero().beforeStep(0, *bench.probe));
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder target;
    QVERIFY(bench.adapter->save(target.path(), {bench.folder, "CAUSAL_LM"}).has_value());
    QVERIFY(!fs::exists(target.path() / kShortcutsFile));
    const TensorFile file = TensorFile::open(target.path() / "adapter_model.safetensors").value();
    for (const auto& module : bench.modules())
        QCOMPARE(file.entries().contains(peftName(module->site, "lora_A.weight")), module->isOn);
    const auto source = ExportSource::open(bench.folder, target.path());
    QVERIFY(exportFormats().make("peft").value()->obstacle(*source).empty());
    bench.adapter.reset();
    const auto loaded = loadAdapter(*bench.model, target.path());
    QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
    QVERIFY(at::equal(bench.output(), before));
    QVERIFY(dynamic_cast<LoraAdapter*>(loaded.value().get()) != nullptr); // plain LoRA
}

void TestHeteroLora::ranksFollowTheScores() {
    Bench bench(
        "opt",
        {{"allocation", std::string("ranks")}, {"rank", std::int64_t{8}}, {"rank_most", std::int64_t{16}}});
    bench.attach();
    bench.hetero().prepare(*bench.probe);
    std::set<std::int64_t> ranks;
    std::int64_t parameters = 0;
    for (const auto& module : bench.modules()) {
        ranks.insert(module->rank);
        parameters += module->parameters();
        QCOMPARE(module->scale(), 2.0); // alpha follows
    }
    QVERIFY(ranks.size() > 1);
    QVERIFY(parameters <= bench.hetero().settings().allowedParameters);
    bench.stir();
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder target;
    QVERIFY(bench.adapter->save(target.path(), {bench.folder, "CAUSAL_LM"}).has_value());
    const json config = json::parse(readFile(target.path() / "adapter_config.json").value());
    for (const char* pattern : {"rank_pattern", "alpha_pattern"})
        for (const auto& [key, value] : config.at(pattern).items()) {
            const auto fits = std::ranges::count_if(bench.modules(), [&](const auto& module) {
                const auto made = ModulePatterns::make({{key, 1.0}}, {}).value();
                return made.valueFor(module->name, 0) == 1;
            });
            QCOMPARE(fits, 1);
        }
    bench.adapter.reset();
    const auto loaded = loadAdapter(*bench.model, target.path());
    QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
    QVERIFY(at::equal(bench.output(), before));
}

void TestHeteroLora::wrongBudgetsAreNamed() {
    const auto method = adapterMethods().make("heterolora").value();
    const ModelSummary model = readModelSummary(folderOf("opt")).value();
    const auto keyOf = [&](const ParamValues& changes) {
        const auto problems = method->check(model, valuesFor(changes));
        return problems.empty() ? std::string() : problems.front().key;
    };
    QCOMPARE(keyOf({}), std::string());
    QCOMPARE(keyOf({{"budget_unit", std::string("parameters")}, {"budget_parameters", std::int64_t{10}}}),
             std::string("budget_parameters"));
    QCOMPARE(keyOf({{"allocation", std::string("uniform")}, {"rank", std::int64_t{1}}}),
             std::string("budget_share"));
    QCOMPARE(keyOf({{"rank", std::int64_t{64}}}), std::string("rank"));
    QCOMPARE(keyOf({{"shortcuts", std::string("all")}, {"proxy", std::string("weight_gradient")}}),
             std::string("proxy"));
}

QTEST_GUILESS_MAIN(TestHeteroLora)
#include "tst_heterolora.moc"
