#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "core/model/transformer.h"
#include "core/train/base_precision.h"
#include "core/train/training_step.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <cmath>

using namespace lathe;

namespace {

enum class Format { Float32, Mixed, BFloat16 };

std::unique_ptr<LanguageModel> modelIn(const std::string& folder, at::ScalarType dtype) {
    return loadModel(test::sourceFile("tests/data/golden/architectures/" + folder), {dtype, at::kCPU})
        .value();
}

std::unique_ptr<Adapter> attached(LanguageModel& model, const std::string& method) {
    const auto made = adapterMethods().make(method).value();
    return made->attach(model, defaults(made->options()), 3);
}

ParamValues recipeOf(const std::string& precision) {
    ParamValues recipe;
    recipe.set("precision", precision);
    return recipe;
}

/// Texts of unequal lengths, so that they stand side by side without padding.
Batch someBatch(std::int64_t vocabulary, bool isLabelled) {
    std::vector<Example> examples(4);
    std::vector<const Example*> pointers;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        for (std::size_t t = 0; t < 9 + 3 * i; ++t) {
            const auto id =
                static_cast<std::int32_t>(7 + (31 * i + 5 * t) % static_cast<std::size_t>(vocabulary - 8));
            examples[i].ids.push_back(id);
            examples[i].labels.push_back(t < 2 || isLabelled ? kIgnoreLabel : id);
        }
        pointers.push_back(&examples[i]);
    }
    Batch batch = makeBatch(pointers, 0);
    for (std::size_t row = 0; isLabelled && row < batch.rows; ++row)
        batch.textLabels.push_back(static_cast<std::int32_t>(row % 2));
    return batch;
}

/// What a model computes in a format, before training and in some steps of it.
struct Course {
    at::Tensor logits; // [N, V]
    std::vector<double> losses;
};

/// Weights are rounded to bf16 in float32 too, so that what differs is what is computed of them.
Course courseIn(const std::string& folder, Format format) {
    const auto model = modelIn(folder, format == Format::Float32 ? at::kFloat : at::kBFloat16);
    if (format == Format::Float32)
        for (const auto& [name, weight] : model->weights())
            weight.detach().copy_(weight.to(at::kBFloat16));
    const auto adapter = attached(*model, "lora");
    if (format == Format::Mixed && !setPrecision(*model, recipeOf("mixed")).has_value())
        throw std::runtime_error("mixed is refused");
    FlatAdamW optimizer(adapter->groups(), {});
    const bool isLabelled = model->summary().head == HeadKind::SequenceClassification;
    const std::vector<Batch> batches{someBatch(model->summary().vocabularySize, isLabelled)};
    Course course{
        labelledLogits(*model, toDevice(batches.front(), at::kCPU, BatchLayout::SideBySide)).detach(), {}};
    for (std::int64_t step = 0; step < 6; ++step)
        course.losses.push_back(
            trainingStep(*model, StepTurn{adapter.get(), &optimizer, batches, step, 3e-3, 1.0}).loss);
    return course;
}

/// Root of the mean square, of all logits, relative to theirs.
double apart(const Course& course, const Course& reference) {
    return ((course.logits - reference.logits).norm() / reference.logits.norm()).item<double>();
}

double furthest(const std::vector<double>& losses, const std::vector<double>& reference) {
    double most = 0;
    for (std::size_t i = 0; i < losses.size(); ++i)
        most = std::max(most, std::abs(losses[i] - reference[i]) / reference[i]);
    return most;
}

} // namespace

class TestMixedPrecision : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void followsFloat32_data() {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"llama", "qwen2", "gpt2", "opt", "bert_labels"})
            QTest::addRow("%s", folder) << folder;
    }
    /// A rounding is up to 0.4 %, and these models' weights are random and large.
    void followsFloat32() {
        QFETCH(QString, folder);
        const Course exact = courseIn(folder.toStdString(), Format::Float32);
        const Course mixed = courseIn(folder.toStdString(), Format::Mixed);
        const Course narrow = courseIn(folder.toStdString(), Format::BFloat16);
        const double ofMixed = apart(mixed, exact), ofNarrow = apart(narrow, exact);
        QVERIFY2(ofMixed > 0 && ofMixed < ofNarrow,
                 qPrintable(QString("logits: mixed %1, bfloat16 %2").arg(ofMixed).arg(ofNarrow)));
        const double most = furthest(mixed.losses, exact.losses);
        QVERIFY2(most < 1e-2, qPrintable(QString("losses of mixed are off by %1").arg(most)));
    }

    void streamIsFloat32() {
        const auto model = modelIn("llama", at::kBFloat16);
        auto& transformer = dynamic_cast<TransformerModel&>(*model);
        ModelInput input;
        input.ids = at::arange(7, 12, at::kLong).unsqueeze(0);
        QCOMPARE(transformer.hidden(input).scalar_type(), at::kBFloat16);
        transformer.setMixed(true);
        QCOMPARE(transformer.hidden(input).scalar_type(), at::kFloat);
        QCOMPARE(transformer.streamDtype(), at::kFloat);
        QCOMPARE(transformer.logits(transformer.hidden(input)).scalar_type(), at::kBFloat16);
    }

    void refusesWithItsReason_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("reason");
        QTest::addRow("another adapter") << "llama"
                                         << "adalora"
                                         << "layer 0";
        QTest::addRow("a prefix") << "llama"
                                  << "prefix"
                                  << "trained tokens";
        QTest::addRow("all weights") << "llama"
                                     << "full"
                                     << "layer 0";
        QTest::addRow("parallel blocks") << "gpt_neox"
                                         << "lora"
                                         << "layer 0";
    }
    void refusesWithItsReason() {
        QFETCH(QString, folder);
        QFETCH(QString, method);
        QFETCH(QString, reason);
        const auto model = modelIn(folder.toStdString(), at::kBFloat16);
        const auto adapter = attached(*model, method.toStdString());
        const Status status = setPrecision(*model, recipeOf("mixed"));
        QVERIFY(!status.has_value());
        const QString text = QString::fromStdString(status.error().text());
        QVERIFY2(text.contains("precision") && text.contains(reason) && text.contains("float32"),
                 qPrintable(text));
        QVERIFY(setPrecision(*model, recipeOf("bfloat16")).has_value());
    }

    void namesAreRead() {
        QCOMPARE(weightPrecision(recipeOf("mixed")).value(), at::kBFloat16);
        QCOMPARE(weightPrecision(recipeOf("float32")).value(), at::kFloat);
        QVERIFY(wantsMixed(recipeOf("mixed")) && !wantsMixed(recipeOf("bfloat16")));
        QVERIFY(!weightPrecision(recipeOf("float8")).has_value());
    }
};

QTEST_GUILESS_MAIN(TestMixedPrecision)
#include "tst_mixed_precision.moc"
