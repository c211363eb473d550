#include "core/adapter/lora.h"
#include "core/adapter/module_patterns.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kModel = sourceFile("tests/data/golden/llama");

ParamValues values(const ParamValues& changes = {}) {
    ParamValues all = defaults(makeLoraMethod()->options());
    all.set("rank", std::int64_t{4});
    for (const auto& [key, value] : changes.map())
        all.set(key, value);
    return all;
}

std::string text(const char* value) { return value; }

} // namespace

/// What a recipe may ask of LoRA, and the older layout of its files.
class TestLoraMethod : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void patternsDecideRanksAndAlphas();
    void patternsAreReadUpToTheirNumbers();
    void countIsWhatIsTrained_data();
    void countIsWhatIsTrained();
    void whatDoesNotFitIsAProblem_data();
    void whatDoesNotFitIsAProblem();
    void learningRatesGoByKind();
    void olderFusedLayoutLoads();
    void settingsOfTheForkAreRead();
};

void TestLoraMethod::patternsDecideRanksAndAlphas() {
    const auto model = loadModel(kModel).value();
    const ParamValues wanted = values({{"target_modules", text("q_proj,down_proj")},
                                       {"rank_pattern", text("q_proj=2, layers.1.mlp.down_proj=6")},
                                       {"alpha_pattern", text("layers\\.[0]\\..*=3")}});
    QVERIFY(makeLoraMethod()->check(model->summary(), wanted).empty());
    const auto adapter = makeLoraMethod()->attach(*model, wanted, 1);
    std::map<std::string, std::int64_t> ranks;
    for (const auto& [name, parameter] : adapter->parameters())
        if (name.ends_with("lora_A.weight"))
            ranks[name.substr(17, name.size() - 17 - 14)] = parameter.size(0);
    const std::map<std::string, std::int64_t> expected{{"model.layers.0.self_attn.q_proj", 2},
                                                       {"model.layers.1.self_attn.q_proj", 2},
                                                       {"model.layers.0.mlp.down_proj", 4},
                                                       {"model.layers.1.mlp.down_proj", 6}};
    QVERIFY(ranks == expected);
    const TempFolder target;
    QVERIFY(adapter->save(target.path(), {kModel, "CAUSAL_LM"}).has_value());
    const json config = json::parse(readFile(target / "adapter_config.json").value());
    QCOMPARE(config.at("rank_pattern").size(), 3U);
    QCOMPARE(config.at("rank_pattern").at("model.layers.1.mlp.down_proj"), json(6));
    QCOMPARE(config.at("alpha_pattern").size(), 2U);
}

void TestLoraMethod::patternsAreReadUpToTheirNumbers() {
    const auto patterns = ModulePatterns::parse(" a{1,2}=4 ,q=2.5,(?=x)x=1e1", "rank_pattern");
    QVERIFY(patterns.has_value());
    QCOMPARE(patterns->valueFor("m.aa", 9), 4.0);
    QCOMPARE(patterns->valueFor("m.q", 9), 2.5);
    QCOMPARE(patterns->valueFor("m.x", 9), 10.0);
    QCOMPARE(patterns->valueFor("m.xq", 9), 9.0); // from a dot on
    QVERIFY(ModulePatterns::parse("", "rank_pattern")->isEmpty());
    for (const char* wrong : {"q_proj", "q_proj=", "=4", "q_proj=4,v_proj", "(=4"})
        QVERIFY2(!ModulePatterns::parse(wrong, "rank_pattern").has_value(), wrong);
}

void TestLoraMethod::countIsWhatIsTrained_data() {
    QTest::addColumn<QString>("base");
    QTest::addColumn<ParamValues>("changes");
    const auto row = [](const char* name, const char* base, const ParamValues& changes) {
        QTest::newRow(name) << base << changes;
    };
    row("DoRA", "llama", {{"use_dora", true}});
    row("A kept", "llama", {{"lora_fa", true}});
    row("bias of B", "llama", {{"lora_bias", true}});
    row("patterns", "llama", {{"rank_pattern", text("q_proj=7")}});
    row("biases", "architectures/opt", {{"bias", text("all")}, {"target_modules", text("fc1")}});
    row("tables and head", "llama", {{"target_modules", text("embed_tokens,lm_head,q_proj")}});
    row("a whole module", "llama",
        {{"target_modules", text("lm_head,q_proj")}, {"modules_to_save", text("lm_head")}});
    row("PiSSA", "llama", {{"lora_init", text("pissa")}});
}

void TestLoraMethod::countIsWhatIsTrained() {
    QFETCH(QString, base);
    QFETCH(ParamValues, changes);
    const auto model = loadModel(sourceFile("tests/data/golden/" + base.toStdString())).value();
    const auto problems = makeLoraMethod()->check(model->summary(), values(changes));
    QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].message.c_str());
    const auto adapter = makeLoraMethod()->attach(*model, values(changes), 1);
    std::int64_t count = 0;
    for (const auto& [name, parameter] : adapter->parameters())
        count += parameter.numel();
    QCOMPARE(makeLoraMethod()->countParameters(model->summary(), values(changes)), count);
}

void TestLoraMethod::whatDoesNotFitIsAProblem_data() {
    QTest::addColumn<ParamValues>("changes");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const ParamValues& changes, const char* key, const char* says) {
        QTest::newRow(name) << changes << key << says;
    };
    row("a pattern that fits nothing", {{"rank_pattern", text("query=4")}}, "rank_pattern", "\"query\"");
    row("a rank of a half", {{"rank_pattern", text("q_proj=1.5")}}, "rank_pattern", "no whole number");
    row("a pattern's rank above a width", {{"rank_pattern", text("k_proj=25")}}, "rank",
        "rank 25 exceeds the width 24");
    row("an odd rank", {{"rank", std::int64_t{3}}, {"lora_init", text("orthogonal")}}, "rank", "odd");
    row("a bias in DoRA", {{"lora_bias", true}, {"use_dora", true}}, "lora_bias", "DoRA");
    row("a bias at a table", {{"lora_bias", true}, {"target_modules", text("embed_tokens")}}, "lora_bias",
        "embed_tokens");
    row("a table with A kept", {{"lora_fa", true}, {"target_modules", text("embed_tokens")}}, "lora_fa",
        "embed_tokens");
    row("a module that is not there", {{"modules_to_save", text("pooler")}}, "modules_to_save", "\"pooler\"");
    row("nothing left", {{"target_modules", text("lm_head")}, {"modules_to_save", text("lm_head")}},
        "modules_to_save", "every module");
}

void TestLoraMethod::whatDoesNotFitIsAProblem() {
    QFETCH(ParamValues, changes);
    QFETCH(QString, key);
    QFETCH(QString, says);
    const auto problems = makeLoraMethod()->check(readModelSummary(kModel).value(), values(changes));
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(QString::fromStdString(problems[0].key), key);
    QVERIFY2(QString::fromStdString(problems[0].message).contains(says), problems[0].message.c_str());
}

void TestLoraMethod::learningRatesGoByKind() {
    const auto model = loadModel(kModel).value();
    const auto adapter = makeLoraMethod()->attach(*model,
                                                  values({{"target_modules", text("embed_tokens,q_proj")},
                                                          {"use_dora", true},
                                                          {"lora_plus_ratio", 16.0},
                                                          {"learning_rate", 1e-4}}),
                                                  1);
    const auto groups = adapter->groups();
    QCOMPARE(groups.size(), 3U);
    QCOMPARE(groups[0].lrFactor, 1.0);
    QCOMPARE(groups[1].lrFactor, 1e-2); // 1e-6 over 1e-4
    QCOMPARE(groups[2].lrFactor, 16.0);
    QCOMPARE(groups[0].parameters.size(), 2U); // A of two layers
    QCOMPARE(groups[1].parameters.size(), 2U); // both of the table
    QCOMPARE(groups[2].parameters.size(), 5U); // B, and the lengths of all three
    for (const ParameterGroup& group : groups)
        QVERIFY(group.weightDecay == 0.0);
}

void TestLoraMethod::olderFusedLayoutLoads() {
    const fs::path base = sourceFile("tests/data/golden/architectures/gpt2");
    const auto model = loadModel(base).value();
    constexpr std::int64_t kRank = 3;
    const TempFolder folder;
    std::vector<NamedTensor> tensors;
    std::map<std::string, std::pair<at::Tensor, at::Tensor>> factors;
    for (const Site& site : model->summary().sites) {
        if (site.module != "c_attn")
            continue;
        const at::Tensor a = at::randn({2 * kRank, site.in});
        const at::Tensor b = at::randn({2 * site.out / 3, kRank, 1});
        factors[site.name] = {a, b};
        tensors.emplace_back("base_model.model." + site.name + ".lora_A.weight", a);
        tensors.emplace_back("base_model.model." + site.name + ".lora_B.weight", b);
    }
    const json config{{"bias", "none"},
                      {"base_model_name_or_path", "gpt2"},
                      {"fan_in_fan_out", true},
                      {"enable_lora", {true, false, true}},
                      {"inference_mode", true},
                      {"lora_alpha", 6},
                      {"lora_dropout", 0.05},
                      {"merge_weights", false},
                      {"modules_to_save", nullptr},
                      {"peft_type", "LORA"},
                      {"r", kRank},
                      {"target_modules", {"c_attn"}},
                      {"task_type", "CAUSAL_LM"}};
    QVERIFY(writeTensorFile(folder / "adapter_model.safetensors", tensors).has_value());
    folder.write("adapter_config.json", config.dump());
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    const auto adapter = loadAdapter(*model, folder.path());
    QVERIFY2(adapter.has_value(), adapter.has_value() ? "" : adapter.error().text().c_str());
    const at::Tensor actual = model->output(input);

    // The first and the third part of the output get a product each; the weights are stored [in, out].
    const auto expected = loadModel(base).value();
    for (const auto& [module, factor] : factors) {
        const at::Tensor weight = expected->weight(module + ".weight");
        const auto& [a, b] = factor;
        const std::int64_t part = weight.size(1) / 3;
        for (const std::int64_t which : {0, 1}) {
            const at::Tensor product =
                at::mm(b.squeeze(2).narrow(0, which * part, part), a.narrow(0, which * kRank, kRank));
            weight.narrow(1, 2 * which * part, part).add_(product.t(), 2); // alpha / rank
        }
    }
    LATHE_MATCHES(mismatch(actual, expected->output(input), 1e-4));
    const TempFolder target; // as plain LoRA, which PEFT of today reads
    QVERIFY(adapter.value()->save(target.path(), {base, "CAUSAL_LM"}).has_value());
    const json saved = json::parse(readFile(target / "adapter_config.json").value());
    QCOMPARE(saved.at("r"), json(2 * kRank));
    QVERIFY(!saved.contains("enable_lora") && !saved.contains("merge_weights"));
}

void TestLoraMethod::settingsOfTheForkAreRead() {
    const TempFolder folder;
    const auto model = loadModel(kModel).value();
    const auto adapter =
        makeLoraMethod()->attach(*model, values({{"target_modules", text("q_proj,v_proj")}}), 1);
    QVERIFY(adapter->save(folder.path(), {kModel, "CAUSAL_LM"}).has_value());
    const json config{{"base_model_name_or_path", "yahma/llama-7b-hf"},
                      {"bias", "none"},
                      {"enable_lora", nullptr},
                      {"fan_in_fan_out", false},
                      {"inference_mode", true},
                      {"lora_alpha", 16},
                      {"lora_dropout", 0.05},
                      {"merge_weights", false},
                      {"modules_to_save", nullptr},
                      {"peft_type", "LORA"},
                      {"r", 4},
                      {"target_modules", {"q_proj", "v_proj"}},
                      {"task_type", "CAUSAL_LM"}};
    folder.write("adapter_config.json", config.dump());
    const auto other = loadModel(kModel).value();
    const auto loaded = loadAdapter(*other, folder.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    for (std::size_t i = 0; i < adapter->parameters().size(); ++i)
        QVERIFY(at::equal(loaded.value()->parameters()[i].second, adapter->parameters()[i].second));
}

QTEST_GUILESS_MAIN(TestLoraMethod)
#include "tst_lora_method.moc"
