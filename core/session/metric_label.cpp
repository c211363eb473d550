#include "core/session/metric_label.h"

#include "core/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string>

namespace lathe {

namespace {

struct MetricName {
    std::string_view name;
    const char* label;
};

/// What training reports, and what the built-in tasks score.
constexpr std::array kNames{
    MetricName{"loss", QT_TRANSLATE_NOOP("Metrics", "Training loss")},
    MetricName{"eval_loss", QT_TRANSLATE_NOOP("Metrics", "Evaluation loss")},
    MetricName{"eval_accuracy", QT_TRANSLATE_NOOP("Metrics", "Accuracy")},
    MetricName{"eval_token_accuracy", QT_TRANSLATE_NOOP("Metrics", "Right tokens")},
    MetricName{"eval_macro_f1", QT_TRANSLATE_NOOP("Metrics", "Macro F1")},
    MetricName{"eval_matthews", QT_TRANSLATE_NOOP("Metrics", "Matthews correlation")},
    MetricName{"eval_perplexity", QT_TRANSLATE_NOOP("Metrics", "Perplexity")},
    MetricName{"eval_f1", QT_TRANSLATE_NOOP("Metrics", "F1 of the second label")},
    MetricName{"eval_pearson", QT_TRANSLATE_NOOP("Metrics", "Pearson correlation")},
    MetricName{"eval_spearman", QT_TRANSLATE_NOOP("Metrics", "Spearman correlation")},
    MetricName{"eval_mae", QT_TRANSLATE_NOOP("Metrics", "Mean absolute error")},
    MetricName{"accuracy", QT_TRANSLATE_NOOP("Metrics", "Accuracy")},
    MetricName{"accuracy_norm", QT_TRANSLATE_NOOP("Metrics", "Accuracy by length-normalised likelihood")},
    MetricName{"exact_match", QT_TRANSLATE_NOOP("Metrics", "Exact match")},
    MetricName{"macro_f1", QT_TRANSLATE_NOOP("Metrics", "Macro F1")},
    MetricName{"f1", QT_TRANSLATE_NOOP("Metrics", "F1 of the second label")},
    MetricName{"matthews", QT_TRANSLATE_NOOP("Metrics", "Matthews correlation")},
    MetricName{"pearson", QT_TRANSLATE_NOOP("Metrics", "Pearson correlation")},
    MetricName{"spearman", QT_TRANSLATE_NOOP("Metrics", "Spearman correlation")},
    MetricName{"mse", QT_TRANSLATE_NOOP("Metrics", "Mean squared error")},
    MetricName{"mae", QT_TRANSLATE_NOOP("Metrics", "Mean absolute error")},
    MetricName{"r2", QT_TRANSLATE_NOOP("Metrics", "Coefficient of determination")},
    MetricName{"token_f1", QT_TRANSLATE_NOOP("Metrics", "F1 of words")},
    MetricName{"rouge1", QT_TRANSLATE_NOOP("Metrics", "ROUGE-1")},
    MetricName{"rouge2", QT_TRANSLATE_NOOP("Metrics", "ROUGE-2")},
    MetricName{"rougeL", QT_TRANSLATE_NOOP("Metrics", "ROUGE-L")},
    MetricName{"bleu", QT_TRANSLATE_NOOP("Metrics", "BLEU")},
    MetricName{"perplexity", QT_TRANSLATE_NOOP("Metrics", "Perplexity")},
    MetricName{"lr", QT_TRANSLATE_NOOP("Metrics", "Learning rate")},
    MetricName{"grad_norm", QT_TRANSLATE_NOOP("Metrics", "Gradient norm")},
    MetricName{"tokens_per_second", QT_TRANSLATE_NOOP("Metrics", "Tokens per second")},
    MetricName{"trainable_parameters", QT_TRANSLATE_NOOP("Metrics", "Trained parameters")},
    MetricName{"quantization_weight_error", QT_TRANSLATE_NOOP("Metrics", "Quantisation: error of weights")},
    MetricName{"quantization_weight_error_max",
               QT_TRANSLATE_NOOP("Metrics", "Quantisation: largest error of weights")},
    MetricName{"quantization_token_error", QT_TRANSLATE_NOOP("Metrics", "Quantisation: error of tokens")},
    MetricName{"quantization_token_error_max",
               QT_TRANSLATE_NOOP("Metrics", "Quantisation: largest error of tokens")},
    MetricName{"quantization_logit_error", QT_TRANSLATE_NOOP("Metrics", "Quantisation: error of scores")},
    MetricName{"quantization_logit_error_max",
               QT_TRANSLATE_NOOP("Metrics", "Quantisation: largest error of scores")},
    MetricName{"enabled_parameters", QT_TRANSLATE_NOOP("Metrics", "Parameters that are on")},
    MetricName{"enabled_modules", QT_TRANSLATE_NOOP("Metrics", "Modules that are on")}};

} // namespace

QString metricLabel(std::string_view name) {
    if (name.starts_with("test_")) // what "eval_…" is of the rows that choose
        return QCoreApplication::translate("Metrics", "Test: %1")
            .arg(metricLabel("eval_" + std::string(name.substr(5))));
    const auto known = std::ranges::find(kNames, name, &MetricName::name);
    return known == kNames.end() ? toQString(name) : QCoreApplication::translate("Metrics", known->label);
}

} // namespace lathe
