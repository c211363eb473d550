#include "core/adapter/prompt_adapter.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 5e-5;

std::unique_ptr<AdapterMethod> methodOf(const std::string& id) { return adapterMethods().make(id).value(); }

ParamValues valuesOf(const AdapterMethod& method, const ParamValues& changes) {
    ParamValues values = defaults(method.options());
    for (const auto& [key, value] : changes.map())
        values.set(key, value);
    return values;
}

std::unique_ptr<LanguageModel> load(const std::string& name, at::ScalarType dtype = at::kFloat) {
    return loadModel(sourceFile("tests/data/golden/architectures/" + name), {dtype, at::kCPU}).value();
}

/// One method with its recipe on one of the repository's random models.
std::unique_ptr<Adapter> attach(LanguageModel& model, const std::string& id, const ParamValues& changes,
                                std::uint64_t seed = 1) {
    const auto method = methodOf(id);
    const ParamValues values = valuesOf(*method, changes);
    if (const auto problems = method->check(model.summary(), values); !problems.empty())
        throw std::runtime_error(problems.front().message);
    return method->attach(model, values, seed);
}

ModelInput text() {
    ModelInput input;
    input.ids = (at::arange(12, at::kLong) * 7 % 30 + 5).view({2, 6});
    return input;
}

void addMethods() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<bool>("isByName");
    for (const char* id : {"prefix", "prompt", "p_tuning"})
        for (const bool isByName : {true, false})
            QTest::addRow("%s, %s", id, isByName ? "by name" : "as a new head") << id << isByName;
}

std::string messageOf(const Result<std::unique_ptr<Adapter>>& loaded) {
    return loaded.has_value() ? std::string() : loaded.error().text();
}

} // namespace

/// What is special to prefix tuning, prompt tuning and P-tuning; the comparison with PEFT is in
/// tst_peft_oracle and tst_prompt_oracle.
class TestPromptTuning : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void parametersAreCounted_data();
    void parametersAreCounted();
    void aTextToStartFromIsReadAsIs_data();
    void aTextToStartFromIsReadAsIs();
    void wordsToStartFromDependOnTheSeed_data();
    void wordsToStartFromDependOnTheSeed();
    void dropoutBetweenTheLayersOfTheLstmIsAFunctionOfTheStep();
    void classifierIsTrainedAlong_data() { addMethods(); }
    void classifierIsTrainedAlong();
    void whatDoesNotFitIsSaid_data();
    void whatDoesNotFitIsSaid();
    void faultyFolderIsRefused_data();
    void faultyFolderIsRefused();
    void secondVirtualTokensAreRefused();
    void configSaysWhatPeftReads();
};

void TestPromptTuning::parametersAreCounted_data() {
    QTest::addColumn<QString>("config");
    QTest::addColumn<QString>("id");
    QTest::addColumn<qint64>("expected");
    const char* llama7b = R"({"model_type":"llama","hidden_size":4096,"intermediate_size":11008,
        "num_hidden_layers":32,"num_attention_heads":32,"vocab_size":32000})";
    const char* llama13b = R"({"model_type":"llama","hidden_size":5120,"intermediate_size":13824,
        "num_hidden_layers":40,"num_attention_heads":40,"vocab_size":32000})";
    const char* bloom = R"({"model_type":"bloom","hidden_size":4096,"n_layer":30,"n_head":32,
        "vocab_size":250880})";
    const char* gptj = R"({"model_type":"gptj","n_embd":4096,"n_layer":28,"n_head":16,"rotary_dim":64,
        "vocab_size":50400})";
    // The published runs: ten virtual tokens.
    QTest::newRow("prefix, LLaMA-7B") << llama7b << "prefix" << qint64{2621440};
    QTest::newRow("prefix, LLaMA-13B") << llama13b << "prefix" << qint64{4096000};
    QTest::newRow("prefix, BLOOM-7B1") << bloom << "prefix" << qint64{2457600};
    QTest::newRow("prefix, GPT-J-6B") << gptj << "prefix" << qint64{2293760};
    QTest::newRow("prompt, LLaMA-7B") << llama7b << "prompt" << qint64{10 * 4096};
    QTest::newRow("P-tuning, LLaMA-7B")
        << llama7b << "p_tuning"
        << qint64{10 * 4096 + (4096 * 128 + 128) + (128 * 128 + 128) + (128 * 4096 + 4096)};
}

void TestPromptTuning::parametersAreCounted() {
    QFETCH(QString, config);
    QFETCH(QString, id);
    QFETCH(qint64, expected);
    const auto method = methodOf(id.toStdString());
    const ModelSummary model = parseModelSummary(config.toStdString(), "config.json").value();
    const ParamValues values = valuesOf(*method, {{"virtual_tokens", std::int64_t{10}}});
    QCOMPARE(method->countParameters(model, values), expected);
}

void TestPromptTuning::aTextToStartFromIsReadAsIs_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("architecture");
    for (const char* id : {"prefix", "prompt"})
        for (const char* architecture : {"llama", "gpt2", "bloom", "gptj", "gemma2"})
            QTest::addRow("%s, %s", id, architecture) << id << architecture;
}

/// A fresh adapter that starts from a text does to a model what that text in front does; too short a text is
/// repeated, too long a one cut.
void TestPromptTuning::aTextToStartFromIsReadAsIs() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const auto model = load(architecture.toStdString());
    const at::NoGradGuard noGrad;
    const ModelInput input = text();
    for (const auto& [ids, count] : {std::pair("11 12 13", 5), std::pair("11 12 13 11 12 9 9", 5)}) {
        ModelInput whole = input;
        const at::Tensor front = at::tensor({11, 12, 13, 11, 12}, at::kLong);
        whole.ids = at::cat({front.expand({2, 5}), input.ids}, 1);
        const at::Tensor expected = model->output(whole).narrow(1, 5, 6);
        const auto adapter = attach(*model, id.toStdString(),
                                    {{"virtual_tokens", std::int64_t{count}},
                                     {"tokens_init", std::string("text")},
                                     {"init_text", std::string("a b c")},
                                     {kInitIds, std::string(ids)}});
        const at::Tensor all = model->output(input);
        LATHE_MATCHES(mismatch(all.narrow(1, all.size(1) - 6, 6), expected, kLogits));
    }
}

void TestPromptTuning::wordsToStartFromDependOnTheSeed_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("init");
    for (const char* id : {"prefix", "prompt"})
        for (const char* init : {"random", "vocabulary"})
            QTest::addRow("%s, %s", id, init) << id << init;
}

void TestPromptTuning::wordsToStartFromDependOnTheSeed() {
    QFETCH(QString, id);
    QFETCH(QString, init);
    const auto model = load("llama");
    const auto start = [&](std::uint64_t seed) {
        const auto adapter = attach(*model, id.toStdString(), {{"tokens_init", init.toStdString()}}, seed);
        return adapter->parameters().front().second.detach().clone();
    };
    QVERIFY(at::equal(start(3), start(3)));
    QVERIFY(!at::equal(start(3), start(4)));
}

void TestPromptTuning::dropoutBetweenTheLayersOfTheLstmIsAFunctionOfTheStep() {
    const auto model = load("llama");
    const auto adapter = attach(*model, "p_tuning",
                                {{"encoder_type", std::string("lstm")},
                                 {"encoder_hidden_size", std::int64_t{8}},
                                 {"encoder_dropout", 0.5}});
    const at::NoGradGuard noGrad;
    const at::Tensor evaluation = model->output(text());
    const auto atStep = [&](std::int64_t step) {
        adapter->beginStep(step);
        const at::Tensor output = model->output(text());
        adapter->endTraining();
        return output;
    };
    const at::Tensor first = atStep(3);
    QVERIFY(!at::equal(first, evaluation));
    QVERIFY(!at::equal(atStep(4), first));
    QVERIFY(at::equal(atStep(3), first));
    QVERIFY(at::equal(model->output(text()), evaluation));
}

void TestPromptTuning::classifierIsTrainedAlong() {
    QFETCH(QString, id);
    QFETCH(bool, isByName);
    const auto model = load("bert_labels");
    const at::Tensor classifier = model->weight("classifier.weight").detach().clone();
    const TempFolder target;
    at::Tensor with;
    const at::NoGradGuard noGrad;
    {
        const auto adapter =
            attach(*model, id.toStdString(),
                   {{"virtual_tokens", std::int64_t{3}},
                    {"modules_to_save", isByName ? std::string("classifier") : std::string()}});
        if (!isByName) // as a run does with a new head
            adapter->trainAlso(headWeights(model->summary()));
        QVERIFY(model->weight("classifier.weight").requires_grad());
        at::Tensor(model->weight("classifier.weight")).add_(0.25);
        with = model->output(text());
        QVERIFY(adapter->save(target.path(), {"the/base", "SEQ_CLS"}).has_value());
    }
    QVERIFY(at::equal(model->weight("classifier.weight"), classifier));
    const TensorFile file = TensorFile::open(target / "adapter_model.safetensors").value();
    QVERIFY(file.entries().contains("base_model.classifier.weight"));
    QVERIFY(file.entries().contains("base_model.classifier.bias"));
    const auto loaded = loadAdapter(*model, target.path());
    QVERIFY2(loaded.has_value(), messageOf(loaded).c_str());
    QVERIFY(at::equal(model->output(text()), with));
}

void TestPromptTuning::whatDoesNotFitIsSaid_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("config");
    QTest::addColumn<QString>("changes"); // JSON of what differs from the defaults
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("says");
    const char* llama = R"({"model_type":"llama"})";
    for (const char* id : {"prefix", "prompt", "p_tuning"})
        QTest::addRow("%s on t5", id) << id << R"({"model_type":"t5"})"
                                      << "{}"
                                      << "method"
                                      << "a t5 model reads one text and writes another";
    QTest::newRow("a start without a text") << "prompt" << llama << R"({"tokens_init":"text"})"
                                            << "init_text"
                                            << "init_text is empty";
    QTest::newRow("a start that the projection makes")
        << "prefix" << llama << R"({"tokens_init":"vocabulary","prefix_projection":true})"
        << "tokens_init"
        << "tokens_init vocabulary gives keys and values";
    QTest::newRow("positions") << "prefix"
                               << R"({"model_type":"gpt2"})"
                               << R"({"virtual_tokens":100,"max_length":1000})"
                               << "virtual_tokens"
                               << "virtual_tokens 100 and texts of up to 1000 tokens exceed the model's 1024";
}

void TestPromptTuning::whatDoesNotFitIsSaid() {
    QFETCH(QString, id);
    QFETCH(QString, config);
    QFETCH(QString, changes);
    QFETCH(QString, key);
    QFETCH(QString, says);
    const auto method = methodOf(id.toStdString());
    const ModelSummary model = parseModelSummary(config.toStdString(), "config.json").value();
    ParamValues values = defaults(method->options());
    const json changed = json::parse(changes.toStdString());
    for (const auto& [name, value] : changed.items())
        values.set(name, value.is_string()    ? ParamValue(value.get<std::string>())
                         : value.is_boolean() ? ParamValue(value.get<bool>())
                                              : ParamValue(value.get<std::int64_t>()));
    const auto problems = method->check(model, values);
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(QString::fromStdString(problems.front().key), key);
    QVERIFY2(QString::fromStdString(problems.front().message).startsWith(says) ||
                 QString::fromStdString(problems.front().message).contains(says),
             problems.front().message.c_str());
}

void TestPromptTuning::faultyFolderIsRefused_data() {
    QTest::addColumn<QString>("config"); // over that of a sound prefix on the tiny llama
    QTest::addColumn<QString>("says");
    QTest::newRow("layers") << R"({"num_layers":3})"
                            << "num_layers is 3, but the model has 2";
    QTest::newRow("heads") << R"({"num_attention_heads":4})"
                           << "num_attention_heads is 4, but the model has 2 key-value heads";
    QTest::newRow("width") << R"({"token_dim":48})"
                           << "token_dim is 48, but the model has 12";
    QTest::newRow("two texts") << R"({"num_transformer_submodules":2})"
                               << "num_transformer_submodules is 2";
    QTest::newRow("no tokens") << R"({"num_virtual_tokens":0})"
                               << "num_virtual_tokens is 0";
    QTest::newRow("other tokens") << R"({"num_virtual_tokens":5})"
                                  << "another shape";
    QTest::newRow("a text for a number") << R"({"num_virtual_tokens":"four"})"
                                         << "cannot be used";
    QTest::newRow("a module") << R"({"modules_to_save":["pooler"]})"
                              << "modules_to_save names \"pooler\"";
}

void TestPromptTuning::faultyFolderIsRefused() {
    QFETCH(QString, config);
    QFETCH(QString, says);
    const auto model = load("llama");
    const at::NoGradGuard noGrad;
    const at::Tensor before = model->output(text());
    const TempFolder target;
    QVERIFY(attach(*model, "prefix", {{"virtual_tokens", std::int64_t{4}}})
                ->save(target.path(), {"the/base", "CAUSAL_LM"})
                .has_value());
    QVERIFY(loadAdapter(*model, target.path()).has_value());
    json settings = json::parse(readFile(target / "adapter_config.json").value());
    settings.update(json::parse(config.toStdString()));
    QVERIFY(writeFileAtomically(target / "adapter_config.json", settings.dump()).has_value());
    const auto loaded = loadAdapter(*model, target.path());
    QVERIFY(!loaded.has_value());
    QVERIFY(loaded.error().kind == Error::Kind::Input);
    QVERIFY2(QString::fromStdString(messageOf(loaded)).contains(says), messageOf(loaded).c_str());
    QVERIFY(at::equal(model->output(text()), before));
}

void TestPromptTuning::secondVirtualTokensAreRefused() {
    const auto model = load("llama");
    const TempFolder target;
    QVERIFY(attach(*model, "prompt", {})->save(target.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const auto first = loadAdapter(*model, target.path());
    QVERIFY(first.has_value());
    const auto second = loadAdapter(*model, target.path());
    QVERIFY(!second.has_value());
    QVERIFY2(messageOf(second).find("other virtual tokens") != std::string::npos, messageOf(second).c_str());
}

void TestPromptTuning::configSaysWhatPeftReads() {
    const auto model = load("llama");
    const TempFolder target;
    const auto adapter = attach(*model, "prompt",
                                {{"virtual_tokens", std::int64_t{3}},
                                 {"tokens_init", std::string("text")},
                                 {"init_text", std::string("Answer kindly")},
                                 {kInitIds, std::string("7 8")}});
    QVERIFY(adapter->save(target.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json config = json::parse(readFile(target / "adapter_config.json").value());
    QCOMPARE(config.at("peft_type"), json("PROMPT_TUNING"));
    QCOMPARE(config.at("prompt_tuning_init"), json("TEXT"));
    QCOMPARE(config.at("prompt_tuning_init_text"), json("Answer kindly"));
    QCOMPARE(config.at("tokenizer_name_or_path"), json("the/base")); // PEFT asks for it
    QCOMPARE(config.at("num_virtual_tokens"), json(3));
    QCOMPARE(config.at("token_dim"), json(model->summary().hiddenSize));
    QCOMPARE(config.at("num_transformer_submodules"), json(1));
    QCOMPARE(config.at("modules_to_save"), json());
}

QTEST_GUILESS_MAIN(TestPromptTuning)
#include "tst_prompt_tuning.moc"
