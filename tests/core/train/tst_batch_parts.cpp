#include "core/adapter/adapter_method.h"
#include "core/kernels/parts_on_threads.h"
#include "core/model/load_model.h"
#include "core/train/batch_parts.h"
#include "core/train/scores.h"
#include "core/train/training_step.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/stack.h>
#include <ATen/record_function.h>
#include <atomic>

using namespace lathe;

namespace {

Example exampleOf(int first, int count) {
    Example example;
    for (int i = 0; i < count; ++i) {
        example.ids.push_back(first + i);
        example.labels.push_back(i < 2 ? kIgnoreLabel : first + i);
    }
    return example;
}

Batch batchOf(const std::vector<int>& lengths) {
    std::vector<Example> examples;
    for (std::size_t i = 0; i < lengths.size(); ++i)
        examples.push_back(exampleOf(100 * static_cast<int>(i), lengths[i]));
    std::vector<const Example*> pointers;
    for (const Example& example : examples)
        pointers.push_back(&example);
    return makeBatch(pointers, 0);
}

/// What is trained: of the small models, by a method, with some of its options.
struct Setup {
    QString folder, method;
    std::vector<std::pair<std::string, ParamValue>> options = {};
};

/// Two steps of several batches, with and without padding; losses and parameters.
struct Course {
    std::vector<double> losses;
    std::vector<at::Tensor> parameters;
};

Course trained(const Setup& setup, std::int64_t threads) {
    at::set_num_threads(threads > 1 ? 2 : 1); // three parts on two threads
    const std::string folder = setup.folder.toStdString();
    const auto model =
        loadModel(test::sourceFile("tests/data/golden/architectures/" + folder), {at::kDouble, at::kCPU})
            .value();
    const auto made = adapterMethods().make(setup.method.toStdString()).value();
    ParamValues values = defaults(made->options());
    if (values.contains("rank"))
        values.set("rank", std::int64_t{3});
    for (const auto& [key, value] : setup.options)
        values.set(key, value);
    LATHE_EXPECT(made->check(model->summary(), values).empty() && made->readsPartsApart(values));
    const auto adapter = made->attach(*model, values, 3);
    FlatAdamW optimizer(adapter->groups(), {});
    const bool isLabelled = model->summary().head == HeadKind::SequenceClassification;
    Course course;
    for (std::int64_t step = 0; step < 2; ++step) {
        std::vector<Batch> batches{batchOf({24, 20, 24, 18, 22, 24, 24, 23, 24}), batchOf({20}),
                                   batchOf({24, 3, 20, 24, 24, 11, 24, 24, 24, 24}),
                                   batchOf({24, 24, 24, 24, 24, 24, 24, 24, 24})};
        for (Batch& batch : batches) {
            for (std::int32_t& id : batch.ids)
                id = 7 + id % (static_cast<std::int32_t>(model->summary().vocabularySize) - 8);
            for (std::size_t i = 0; i < batch.labels.size(); ++i)
                batch.labels[i] = isLabelled || batch.labels[i] == kIgnoreLabel ? kIgnoreLabel : batch.ids[i];
            batch.labelledTokens = isLabelled ? 0 : batch.labelledTokens;
            for (std::size_t row = 0; isLabelled && row < batch.rows; ++row)
                batch.textLabels.push_back(static_cast<std::int32_t>(row % 2));
        }
        StepTurn turn{adapter.get(), &optimizer, batches, step, 1e-2, 1.0};
        turn.threads = threads;
        course.losses.push_back(trainingStep(*model, turn).loss);
    }
    for (const auto& [name, parameter] : adapter->parameters())
        course.parameters.push_back(parameter.detach().clone());
    return course;
}

void compareWithTheWhole(const Setup& setup) {
    const Course whole = trained(setup, 1);
    const Course parts = trained(setup, 3);
    const Course again = trained(setup, 3);
    for (std::size_t i = 0; i < whole.losses.size(); ++i) {
        QVERIFY(std::abs(whole.losses[i] - parts.losses[i]) < 1e-12);
        QCOMPARE(parts.losses[i], again.losses[i]); // whatever the threads' pace
    }
    for (std::size_t i = 0; i < whole.parameters.size(); ++i) {
        const double apart = (whole.parameters[i] - parts.parameters[i]).abs().max().item<double>();
        QVERIFY2(apart < 1e-9, qPrintable(QString::number(apart))); // AdamW divides by tiny gradients
        QVERIFY(at::equal(parts.parameters[i], again.parameters[i]));
    }
}

} // namespace

Q_DECLARE_METATYPE(Setup)

class TestBatchParts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void partsHoldTheRowsInTheirOrder() {
        const Batch whole = batchOf({5, 9, 3, 7, 9, 2});
        for (std::size_t count = 1; count <= 6; ++count) {
            const std::vector<Batch> parts = splitBatch(whole, count);
            QCOMPARE(parts.size(), count);
            Batch joined;
            for (const Batch& part : parts) {
                QVERIFY(part.rows > 0);
                QCOMPARE(part.length, whole.length);
                joined.rows += part.rows;
                joined.realTokens += part.realTokens;
                joined.labelledTokens += part.labelledTokens;
                joined.ids.insert(joined.ids.end(), part.ids.begin(), part.ids.end());
                joined.labels.insert(joined.labels.end(), part.labels.begin(), part.labels.end());
                joined.mask.insert(joined.mask.end(), part.mask.begin(), part.mask.end());
            }
            QCOMPARE(joined.rows, whole.rows);
            QCOMPARE(joined.realTokens, whole.realTokens);
            QCOMPARE(joined.labelledTokens, whole.labelledTokens);
            QVERIFY(joined.ids == whole.ids && joined.labels == whole.labels && joined.mask == whole.mask);
        }
    }

    void partsHaveAboutEquallyManyTokens() {
        const std::vector<Batch> parts = splitBatch(batchOf({60, 4, 4, 4, 4, 44}), 2);
        QCOMPARE(parts[0].rows, std::size_t{1});
        QCOMPARE(parts[1].realTokens, std::size_t{60});
        // 29 and 31: the first cut past the half would give 40 and 20.
        QCOMPARE(splitBatch(batchOf({20, 9, 11, 10, 10}), 2)[0].rows, std::size_t{2});
    }

    void labelsOfTextsGoWithTheirRows() {
        Batch whole = batchOf({4, 4, 4});
        whole.textLabels = {7, 8, 9};
        const std::vector<Batch> parts = splitBatch(whole, 3);
        QCOMPARE(parts[1].textLabels, std::vector<std::int32_t>{8});
    }

    void stepsInPartsAreThoseOfTheWhole_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("method");
        for (const char* folder : {"llama", "bert_labels"})
            for (const char* method : {"lora", "ia3", "adapter_h", "bitfit", "layer_norm"})
                if (qstrcmp(folder, "llama") != 0 || qstrcmp(method, "bitfit") != 0) // it has no biases
                    QTest::addRow("%s %s", folder, method) << folder << method;
    }
    void stepsInPartsAreThoseOfTheWhole() {
        QFETCH(QString, folder);
        QFETCH(QString, method);
        compareWithTheWhole({folder, method});
    }

    void dropoutInPartsIsThatOfTheWhole_data() {
        QTest::addColumn<Setup>("setup");
        const std::string some = "q_proj,down_proj";
        QTest::newRow("LoRA in block nodes") << Setup{"llama", "lora", {{"target_modules", "all-linear"}}};
        QTest::newRow("LoRA of GPT-2") << Setup{"gpt2", "lora"};
        QTest::newRow("LoRA of the head") << Setup{"llama", "lora", {{"target_modules", some + ",lm_head"}}};
        QTest::newRow("PiSSA, a site by itself") << Setup{"llama", "lora", {{"lora_init", "pissa"}}};
        QTest::newRow("DoRA") << Setup{"llama", "lora", {{"use_dora", true}}};
        QTest::newRow("LoRA of an encoder") << Setup{"bert_labels", "lora"};
        QTest::newRow("adapter_h, linear") << Setup{"llama", "adapter_h", {{"placement", "linear"}}};
        for (const char* method : {"adapter_h", "parallel"})
            QTest::addRow("%s, residual", method) << Setup{"llama", method, {{"placement", "residual"}}};
        QTest::newRow("adapter_h of an encoder") << Setup{"bert_labels", "adapter_h"};
    }
    void dropoutInPartsIsThatOfTheWhole() {
        QFETCH(Setup, setup);
        setup.options.emplace_back("dropout", 0.3);
        compareWithTheWhole(setup);
    }

    void batchesOnThreadsScoreAsOneAfterTheOther_data() { stepsInPartsAreThoseOfTheWhole_data(); }
    void batchesOnThreadsScoreAsOneAfterTheOther() {
        QFETCH(QString, folder);
        QFETCH(QString, method);
        const auto model =
            loadModel(test::sourceFile("tests/data/golden/architectures/" + folder.toStdString()),
                      {at::kFloat, at::kCPU})
                .value();
        const auto made = adapterMethods().make(method.toStdString()).value();
        const auto adapter = made->attach(*model, defaults(made->options()), 3);
        for (const auto& [name, parameter] : adapter->parameters())
            parameter.detach().add_(0.03); // so that it does something
        const bool isLabelled = model->summary().head == HeadKind::SequenceClassification;
        std::vector<Example> examples;
        for (int i = 0; i < 23; ++i) {
            examples.push_back(exampleOf(8 + i % 5, 4 + i * 7 % 20));
            if (isLabelled)
                examples.back().textLabel = i % 2;
        }
        const auto scored = [&](std::int64_t threads) {
            at::set_num_threads(1);
            return scoreExamples(*model, examples, 2, 0, {}, nullptr, threads).value();
        };
        const auto alone = scored(1);
        const auto beside = scored(3);
        QCOMPARE(alone.size(), std::size_t{23});
        QCOMPARE(beside.size(), alone.size());
        for (std::size_t i = 0; i < alone.size(); ++i) {
            QVERIFY(beside[i].lossSum == alone[i].lossSum); // QCOMPARE takes the nearest for it
            QCOMPARE(beside[i].labelledTokens, alone[i].labelledTokens);
            QCOMPARE(beside[i].correctTokens, alone[i].correctTokens);
        }
        QCOMPARE(at::get_num_threads(), 1);
    }

    void aStopEndsScoringOnThreads() {
        const auto model = loadModel(test::sourceFile("tests/data/golden/architectures/llama"), {}).value();
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!scoreExamples(*model, std::vector{exampleOf(8, 9)}, 2, 0, stop.get_token(), nullptr, 3));
    }

    /// The batches of a set come one after the other where it is itself a part: the first asks for the stop.
    void aStopDoesNotWaitForTheOtherBatchesOfASet() {
        static std::stop_source stop;
        static std::atomic<int> scored = 0; // a callback holds nothing
        const auto model = loadModel(test::sourceFile("tests/data/golden/architectures/llama"), {}).value();
        const auto watch = [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
            if (std::string_view(function.name()) == "aten::argmax") { // once a batch
                ++scored;
                stop.request_stop();
            }
            return nullptr;
        };
        const auto handle = at::addGlobalCallback(at::RecordFunctionCallback(watch));
        at::set_num_threads(2);
        std::optional<std::vector<ExampleScore>> scores;
        partsOnThreads(2, [&](std::int64_t part) {
            if (part == 0)
                scores = scoreExamples(*model, std::vector(4, exampleOf(8, 9)), 1, 0, stop.get_token(),
                                       nullptr, 4);
        });
        at::removeCallback(handle);
        QVERIFY(!scores.has_value());
        QCOMPARE(scored.load(), 1);
    }

    void fewTokensAreNotWorthSeveralParts() {
        QCOMPARE(partsWorth(batchOf({20, 20, 20}), 4), std::size_t{1});
        QCOMPARE(partsWorth(batchOf({70, 70, 70}), 4), std::size_t{3});
        QCOMPARE(partsWorth(batchOf({300}), 4), std::size_t{1}); // a row is never cut
        QCOMPARE(partsWorth(batchOf({300, 300}), 1), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestBatchParts)
#include "tst_batch_parts.moc"
