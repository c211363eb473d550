#include "core/search/pruner.h"
#include "core/search/sampler.h"
#include "core/session/chat_options.h"
#include "core/session/core_sentence.h"
#include "core/session/evaluation_draft.h"
#include "core/session/evaluation_list_model.h"
#include "core/session/metric_label.h"
#include "core/train/combine_adapters.h"
#include "core/train/evaluation.h"
#include "core/train/make_task.h"
#include "core/train/recipe.h"
#include "widgets/actions/action_spec.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <QTranslator>

using namespace lathe;

/// German is complete: what lupdate found, and what it cannot see because core marks nothing.
class TestTranslation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void fileHasNothingUnfinished();
    void everySchemaTextIsTranslated();
    void everyMetricHasATranslatedLabel();
    void everyActionIsTranslated();
    void everySentenceOfCoreIsTranslated();
    void placeholdersAreKept();

private:
    [[nodiscard]] bool knows(const char* context, const std::string& text) const {
        return text.empty() || !m_german.translate(context, text.c_str()).isEmpty();
    }
    QTranslator m_german;
    QString m_source;
};

void TestTranslation::initTestCase() {
    QVERIFY(m_german.load(":/lathe/translations/lathe_de.qm"));
    QFile file(LATHE_TRANSLATIONS "/lathe_de.ts");
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_source = QString::fromUtf8(file.readAll());
}

void TestTranslation::fileHasNothingUnfinished() { QVERIFY(!m_source.contains("type=\"unfinished\"")); }

void TestTranslation::everySchemaTextIsTranslated() {
    ParamSchema all = recipeSchema();
    for (ParamSpec& spec : chatOptionsSchema())
        all.push_back(std::move(spec));
    for (ParamSpec& spec : combineSchema())
        all.push_back(std::move(spec));
    for (ParamSpec& spec : evaluationFormSchema(readingSchema()))
        all.push_back(std::move(spec));
    QStringList missing;
    const auto look = [&](const std::string& text) {
        if (!knows("ParamSchema", text))
            missing << QString::fromStdString(text);
    };
    for (const PartInfo& task : recipeTasks().list())
        look(task.summary);
    const auto lookAtParts = [&](const auto& registry) {
        for (const PartInfo& part : registry.list()) {
            look(part.label);
            look(part.summary);
            for (ParamSpec& spec : registry.make(part.id).value()->options())
                all.push_back(std::move(spec));
        }
    };
    Registry<Sampler> samplers;
    addBuiltinSamplers(samplers);
    lookAtParts(samplers);
    Registry<Pruner> pruners;
    addBuiltinPruners(pruners);
    lookAtParts(pruners);
    for (const ParamSpec& spec : all) {
        for (const std::string& text : {spec.label, spec.unit, spec.help})
            look(text);
        if (const auto* choice = std::get_if<ChoiceDomain>(&spec.domain))
            std::ranges::for_each(choice->labels, look);
    }
    for (const QString& text : missing)
        qInfo().noquote() << text;
    QVERIFY2(missing.isEmpty(), "these texts are not translated");
}

void TestTranslation::everyMetricHasATranslatedLabel() {
    QStringList names{"loss", "lr", "grad_norm", "tokens_per_second", "trainable_parameters"};
    for (const MetricInfo& metric : answerMetricNames())
        names << QString::fromStdString(metric.name);
    for (const PartInfo& task : recipeTasks().list())
        for (const MetricInfo& metric : recipeTasks().make(task.id).value()->metrics())
            names << QString::fromStdString(metric.name);
    for (const MetricInfo& metric : answerMetricNames()) { // of evaluations
        EvaluationFigure figure;
        figure.name = metric.name;
        figure.label = metric.label;
        QVERIFY2(knows("Metrics", figureLabel(figure).toStdString()), metric.name.c_str());
    }
    for (const QString& name : std::as_const(names)) {
        const QString label = metricLabel(name.toStdString());
        QVERIFY2(label != name, qPrintable(name));
        QVERIFY2(knows("Metrics", label.toStdString()), qPrintable(label));
    }
}

void TestTranslation::everyActionIsTranslated() {
    for (const ActionSpec& spec : actionTable()) {
        QVERIFY2(knows("Actions", spec.text), spec.text);
        QVERIFY2(knows("Actions", spec.tip), spec.tip);
    }
}

void TestTranslation::everySentenceOfCoreIsTranslated() {
    for (const char* sentence : knownCoreSentences())
        QVERIFY2(knows("CoreSentence", sentence), sentence);
}

void TestTranslation::placeholdersAreKept() {
    static const QRegularExpression message("<source>(.*?)</source>.*?<translation>(.*?)</translation>",
                                            QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression placeholder("%[1-9n]");
    const auto found = [](const QString& text) {
        QStringList all;
        for (auto it = placeholder.globalMatch(text); it.hasNext();)
            all << it.next().captured();
        all.removeDuplicates();
        all.sort();
        return all;
    };
    for (auto it = message.globalMatch(m_source); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        QVERIFY2(found(match.captured(1)) == found(match.captured(2)), qPrintable(match.captured(1)));
    }
}

QTEST_GUILESS_MAIN(TestTranslation)
#include "tst_translation.moc"
