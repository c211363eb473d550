#include "core/model/load_model.h"
#include "core/train/packed_step.h"
#include "core/train/schedule.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <cmath>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kExact = 1e-12; // fp64, relative: what another order of the same sums leaves

std::string folderOf(const std::string& name) {
    return sourceFile("tests/data/golden/architectures/" + name);
}

std::unique_ptr<LanguageModel> load(const std::string& name, at::ScalarType dtype) {
    auto model = loadModel(folderOf(name), {dtype, at::kCPU});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

/// What differs between the trials of a study.
struct Knobs {
    std::uint64_t seed = 1;
    std::int64_t rank = 2;
    double alpha = 4;
    double dropout = 0;
    std::string targets = "all-linear";
    std::string bias = "none";
    bool keepsFirst = false;
    double plusRatio = 1;
    double lr = 1e-3;
    std::string schedule = "constant";
    double decay = 0;
    double maxNorm = 0;
    std::vector<std::vector<std::size_t>> lengths{{8, 8}}; ///< of the rows of each micro-batch
};

/// A trial with everything of its own but the weights of its base.
class Trial {
public:
    Trial(const std::string& architecture, const LanguageModel& base, Knobs knobs)
        : m_knobs(std::move(knobs)) {
        m_model = sharedModel(folderOf(architecture), base).value();
        const auto lora = makeLoraMethod();
        ParamValues values = defaults(lora->options());
        values.set("rank", m_knobs.rank);
        values.set("alpha", m_knobs.alpha);
        values.set("dropout", m_knobs.dropout);
        values.set("target_modules", m_knobs.targets);
        values.set("bias", m_knobs.bias);
        values.set("lora_fa", m_knobs.keepsFirst);
        values.set("lora_plus_ratio", m_knobs.plusRatio);
        m_adapter = lora->attach(*m_model, values, m_knobs.seed);
        m_adapter->beginTraining(50);
        FlatAdamW::Settings settings;
        settings.weightDecay = m_knobs.decay;
        m_optimizer = std::make_unique<FlatAdamW>(m_adapter->groups(), settings);
        m_member = packedMember(*m_adapter);
    }

    /// Draws the next batches.
    PackedTurn turn() {
        m_batches.clear();
        for (const std::vector<std::size_t>& lengths : m_knobs.lengths)
            m_batches.push_back(batch(lengths));
        const Schedule schedule{m_knobs.schedule, m_knobs.lr, 2, 50};
        return {{m_adapter.get(), m_optimizer.get(), m_batches, m_step, schedule.at(m_step), m_knobs.maxNorm},
                &*m_member};
    }
    void note(const StepReport& report) {
        losses.push_back(report.loss);
        norms.push_back(report.gradientNorm);
        ++m_step;
    }
    void stepAlone() { note(trainingStep(*m_model, turn().step)); }
    [[nodiscard]] const Adapter& adapter() const { return *m_adapter; }
    [[nodiscard]] const std::optional<PackedMember>& member() const { return m_member; }

    std::vector<double> losses, norms;

private:
    Batch batch(const std::vector<std::size_t>& lengths) {
        const auto usable = static_cast<std::uint64_t>(m_model->summary().vocabularySize - 8);
        std::vector<Example> rows(lengths.size());
        std::vector<const Example*> pointers;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            for (std::size_t i = 0; i < lengths[row]; ++i)
                rows[row].ids.push_back(
                    static_cast<std::int32_t>(7 + mixSeed(m_knobs.seed, m_drawn++) % usable));
            rows[row].labels = rows[row].ids;
            pointers.push_back(&rows[row]);
        }
        return makeBatch(pointers, static_cast<std::int32_t>(m_model->summary().padId.value_or(0)));
    }

    Knobs m_knobs;
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<Adapter> m_adapter;
    std::unique_ptr<FlatAdamW> m_optimizer;
    std::optional<PackedMember> m_member;
    std::vector<Batch> m_batches;
    std::int64_t m_step = 0;
    std::uint64_t m_drawn = 0;
};

void stepTogether(PackedBase& base, const std::vector<Trial*>& trials) {
    std::vector<PackedTurn> turns;
    for (Trial* trial : trials)
        turns.push_back(trial->turn());
    auto sums = packedGradients(base, turns);
    for (std::size_t i = 0; i < trials.size(); ++i)
        trials[i]->note(finishStep(turns[i].step, std::move(sums[i])));
}

/// Largest relative difference of losses, gradient norms and parameters.
double difference(const Trial& a, const Trial& b) {
    double worst = a.losses.size() == b.losses.size() ? 0 : 1;
    const auto compare = [&worst](double x, double y) {
        worst = std::max(worst, std::abs(x - y) / std::max(std::abs(y), 1e-30));
    };
    for (std::size_t i = 0; i < std::min(a.losses.size(), b.losses.size()); ++i) {
        compare(a.losses[i], b.losses[i]);
        compare(a.norms[i], b.norms[i]);
    }
    for (std::size_t i = 0; i < a.adapter().parameters().size(); ++i) {
        const at::Tensor x = a.adapter().parameters()[i].second.detach();
        const at::Tensor y = b.adapter().parameters()[i].second.detach();
        worst = std::max(worst, ((x - y).abs().max() / y.abs().max()).item<double>());
    }
    return worst;
}

bool isSameBits(const Trial& a, const Trial& b) {
    bool isSame = a.losses == b.losses && a.norms == b.norms;
    for (std::size_t i = 0; i < a.adapter().parameters().size(); ++i)
        isSame = isSame && at::equal(a.adapter().parameters()[i].second, b.adapter().parameters()[i].second);
    return isSame;
}

/// Every knob differs; texts of unlike lengths, one of a single token; accumulation in one of them.
std::vector<Knobs> unlikeTrials() {
    Knobs a{.seed = 11, .rank = 2, .alpha = 4, .dropout = 0.1, .lr = 3e-3, .schedule = "linear"};
    a.lengths = {{5, 1, 9}};
    Knobs b{.seed = 12, .rank = 4, .alpha = 20, .lr = 1e-3, .decay = 0.1, .maxNorm = 0.5};
    b.lengths = {{7}, {3, 4}};
    Knobs c{.seed = 13, .rank = 1, .alpha = 1, .dropout = 0.4, .plusRatio = 8, .lr = 2e-3};
    c.lengths = {{8, 8}};
    Knobs d{.seed = 14, .rank = 3, .alpha = 2, .keepsFirst = true, .lr = 5e-3, .schedule = "cosine"};
    d.lengths = {{2, 6}};
    return {a, b, c, d};
}

} // namespace

class TestPackedStep : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }
    void fiftyStepsTogetherAreThoseAlone();
    void everyDecoderPacks_data();
    void everyDecoderPacks();
    void singlePrecisionIsTheSameBitForBit();
    void aTrialThatIsNotANumberAnyMoreTouchesNobody();
    void trialsComeAndGoAtAnyStep();
    void whatCannotBeExactIsNotPacked();
};

void TestPackedStep::fiftyStepsTogetherAreThoseAlone() {
    PackedBase base(load("llama", at::kDouble));
    QVERIFY(canShareSteps(*base.model));
    std::vector<std::unique_ptr<Trial>> packed, alone;
    std::vector<Trial*> together;
    for (const Knobs& knobs : unlikeTrials()) {
        packed.push_back(std::make_unique<Trial>("llama", *base.model, knobs));
        alone.push_back(std::make_unique<Trial>("llama", *base.model, knobs));
        together.push_back(packed.back().get());
    }
    for (int step = 0; step < 50; ++step) {
        stepTogether(base, together);
        for (const auto& trial : alone)
            trial->stepAlone();
    }
    for (std::size_t i = 0; i < packed.size(); ++i) {
        QVERIFY(alone[i]->losses.back() != alone[i]->losses.front());
        QVERIFY2(difference(*packed[i], *alone[i]) <= kExact,
                 qPrintable(QStringLiteral("trial %1: %2").arg(i).arg(difference(*packed[i], *alone[i]))));
    }
}

void TestPackedStep::everyDecoderPacks_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"mistral", "gemma2", "qwen2", "gpt2", "gpt_neo", "gptj", "opt", "opt_post_norm",
                             "bloom", "falcon", "glm", "phi"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestPackedStep::everyDecoderPacks() {
    QFETCH(QString, name);
    const std::string architecture = name.toStdString();
    PackedBase base(load(architecture, at::kDouble));
    QVERIFY(canShareSteps(*base.model));
    std::vector<Knobs> knobs = unlikeTrials();
    knobs[3].keepsFirst = false;
    for (std::size_t i = 0; i < knobs.size(); i += 2) {
        Trial first(architecture, *base.model, knobs[i]), second(architecture, *base.model, knobs[i + 1]);
        Trial firstAlone(architecture, *base.model, knobs[i]);
        Trial secondAlone(architecture, *base.model, knobs[i + 1]);
        for (int step = 0; step < 3; ++step) {
            stepTogether(base, {&first, &second});
            firstAlone.stepAlone();
            secondAlone.stepAlone();
        }
        QVERIFY2(difference(first, firstAlone) <= kExact,
                 qPrintable(QString::number(difference(first, firstAlone))));
        QVERIFY2(difference(second, secondAlone) <= kExact,
                 qPrintable(QString::number(difference(second, secondAlone))));
    }
}

/// Batches of at least 16 rows and labels: below that the matrix library takes another kernel for the
/// products with the base. Rows times any width are whole vectors: what is left over at a tensor's end
/// LibTorch computes by another exponential.
void TestPackedStep::singlePrecisionIsTheSameBitForBit() {
    PackedBase base(load("llama", at::kFloat));
    Knobs first{.seed = 21, .rank = 4, .alpha = 8, .dropout = 0.2, .lr = 2e-3, .maxNorm = 1};
    first.lengths = {{16, 16}};
    Knobs second{.seed = 22, .rank = 2, .alpha = 1, .lr = 5e-3, .decay = 0.1};
    second.lengths = {{32}, {32}};
    Trial a("llama", *base.model, first), b("llama", *base.model, second);
    Trial aAlone("llama", *base.model, first), bAlone("llama", *base.model, second);
    for (int step = 0; step < 20; ++step) {
        stepTogether(base, {&a, &b});
        aAlone.stepAlone();
        bAlone.stepAlone();
    }
    QVERIFY2(isSameBits(a, aAlone), qPrintable(QString::number(difference(a, aAlone))));
    QVERIFY2(isSameBits(b, bAlone), qPrintable(QString::number(difference(b, bAlone))));
}

void TestPackedStep::aTrialThatIsNotANumberAnyMoreTouchesNobody() {
    PackedBase base(load("llama", at::kFloat));
    Knobs healthy{.seed = 31, .rank = 4, .dropout = 0.1, .lr = 2e-3, .maxNorm = 1};
    healthy.lengths = {{16, 16}};
    Knobs wild{.seed = 32, .lr = 1e30, .schedule = "constant"};
    wild.lengths = {{16, 16}};
    Trial good("llama", *base.model, healthy), bad("llama", *base.model, wild);
    Trial without("llama", *base.model, healthy);
    for (int step = 0; step < 8; ++step) {
        stepTogether(base, {&bad, &good});
        stepTogether(base, {&without});
    }
    QVERIFY(!std::isfinite(bad.losses.back()));
    QVERIFY(std::isfinite(good.losses.back()));
    QVERIFY2(isSameBits(good, without), qPrintable(QString::number(difference(good, without))));
}

void TestPackedStep::trialsComeAndGoAtAnyStep() {
    PackedBase base(load("llama", at::kDouble));
    const std::vector<Knobs> knobs = unlikeTrials();
    std::vector<std::unique_ptr<Trial>> packed, alone;
    for (const Knobs& each : knobs) {
        packed.push_back(std::make_unique<Trial>("llama", *base.model, each));
        alone.push_back(std::make_unique<Trial>("llama", *base.model, each));
    }
    // From and to which round each takes part; the last is in the place of the one that left.
    const std::vector<std::pair<int, int>> spans{{0, 12}, {3, 7}, {0, 5}, {7, 12}};
    for (int round = 0; round < 12; ++round) {
        std::vector<Trial*> here;
        for (std::size_t i = 0; i < spans.size(); ++i)
            if (round >= spans[i].first && round < spans[i].second) {
                here.push_back(packed[i].get());
                alone[i]->stepAlone();
            }
        stepTogether(base, here);
    }
    for (std::size_t i = 0; i < packed.size(); ++i)
        QVERIFY2(difference(*packed[i], *alone[i]) <= kExact, qPrintable(QString::number(i)));
}

void TestPackedStep::whatCannotBeExactIsNotPacked() {
    QVERIFY(!canShareSteps(*load("llama_dynamic", at::kFloat))); // angles by the longest text of the batch
    QVERIFY(!canShareSteps(*load("phi3_longrope", at::kFloat)));
    QVERIFY(!canShareSteps(*load("gpt2_labels", at::kFloat)));
    const auto base = load("gpt2", at::kFloat);
    QVERIFY(Trial("gpt2", *base, {}).member().has_value());
    Knobs trainsBiases;
    trainsBiases.bias = "all";
    QVERIFY(!Trial("gpt2", *base, trainsBiases).member().has_value());
    const auto model = load("llama", at::kFloat);
    for (const char* switched : {"use_dora", "lora_bias"}) {
        const auto lora = makeLoraMethod();
        ParamValues values = defaults(lora->options());
        values.set("rank", std::int64_t{2});
        values.set(switched, true);
        QVERIFY(!packedMember(*lora->attach(*model, values, 1)).has_value());
    }
    const auto ia3 = makeIa3Method();
    QVERIFY(!packedMember(*ia3->attach(*model, defaults(ia3->options()), 1)).has_value());
}

QTEST_GUILESS_MAIN(TestPackedStep)
#include "tst_packed_step.moc"
