#include "core/train/model_card.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// A string in YAML, whatever is in it: JSON's strings are YAML's.
std::string yamlText(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

/// A text inside a cell of a table.
std::string cell(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|' || c == '`' || c == '\\')
            safe += '\\';
        safe += c == '\n' || c == '\r' ? ' ' : c;
    }
    return safe;
}

/// A path says much of a machine and nothing to a reader.
std::string withoutFolder(const std::string& value) {
    const bool isPath = value.starts_with('/') || value.starts_with("./") || value.starts_with("../");
    const auto slash = value.find_last_of('/', value.empty() ? 0 : value.size() - 2);
    return isPath && slash != std::string::npos ? value.substr(slash + 1) : value;
}

/// "accuracy" of "eval_accuracy".
std::string plainMetric(const std::string& metric) {
    return metric.starts_with("eval_") ? metric.substr(5) : metric;
}

std::string scoreList(const ModelCardFacts& facts) {
    std::vector<const RunScore*> finite;
    for (const RunScore& score : facts.run.scores)
        if (std::isfinite(score.last) && !score.metric.starts_with("test_")) // those are of other rows
            finite.push_back(&score);
    if (finite.empty())
        return {};
    std::string dataset = "evaluation data";
    for (const DataFileFacts& file : facts.data)
        if (file.role == "evaluation" || dataset == "evaluation data")
            dataset = file.name;
    std::string text = "model-index:\n- name: " + yamlText(facts.title) +
                       "\n  results:\n  - task:\n      type: " + facts.pipelineTag +
                       "\n    dataset:\n      name: " + yamlText(dataset) +
                       "\n      type: local\n    metrics:\n";
    for (const RunScore* score : finite)
        text += "    - type: " + yamlText(plainMetric(score->metric)) +
                "\n      name: " + yamlText(plainMetric(score->metric)) +
                "\n      value: " + number(score->last) + "\n";
    return text;
}

std::string frontMatter(const ModelCardFacts& facts) {
    std::string text = "---\n";
    if (!facts.hubId.empty())
        text += "base_model: " + yamlText(facts.hubId) + "\n";
    if (!facts.library.empty())
        text += "library_name: " + facts.library + "\n";
    text += "pipeline_tag: " + facts.pipelineTag + "\n";
    for (const auto& [key, value] : facts.license)
        text += key + ": " + yamlText(value) + "\n";
    text += "tags:\n";
    for (const std::string& tag : facts.tags)
        text += "- " + yamlText(tag) + "\n";
    return text + scoreList(facts) + "---\n\n";
}

std::string details(const ModelCardFacts& facts) {
    std::string text = "## Model Details\n\n- **What it is:** " + facts.kind + "\n- **Base model:** ";
    text += facts.hubId.empty() ? cell(facts.baseName)
                                : "[" + facts.hubId + "](https://huggingface.co/" + facts.hubId + ")";
    const auto license = facts.license.find("license");
    text += "\n- **License of the base model:** " +
            (license == facts.license.end() ? "not said in its files" : cell(license->second));
    return text + "\n\n## Uses\n\n### How to load it\n\n" + facts.howTo + "\n";
}

std::string rowsCell(const DataFileFacts& file) {
    if (!file.problem.empty())
        return "not known";
    return std::to_string(file.rows) + (file.used ? ", " + std::to_string(*file.used) + " used" : "");
}

std::string trainingData(const ModelCardFacts& facts) {
    if (facts.data.empty())
        return "Not recorded.\n\n";
    std::string text = "| file | used for | rows | SHA-256 |\n|---|---|---|---|\n";
    std::string notes;
    for (const DataFileFacts& file : facts.data) {
        text += "| " + cell(file.name) + " | " + file.role + " | " + rowsCell(file) + " | " +
                (file.problem.empty() ? "`" + file.sha256 + "`" : cell(file.problem)) + " |\n";
        if (!file.losses.empty())
            notes += "- " + cell(file.name) + ": " + cell(file.losses) + "\n";
    }
    for (const std::string& warning : facts.dataWarnings)
        notes += "- **" + cell(warning) + ".**\n";
    return text + (notes.empty() ? "" : "\n" + notes) + "\n";
}

std::string training(const ModelCardFacts& facts) {
    std::string text =
        "## Training Details\n\n### Training Data\n\n" + trainingData(facts) + "### Training Procedure\n\n";
    if (facts.run.steps > 0)
        text += std::to_string(facts.run.steps) + " optimiser steps" +
                (facts.run.seconds > 0 ? " in " + number(facts.run.seconds) + " seconds" : "") + ".\n";
    if (facts.run.seed)
        text += "Seed of the run: " + std::to_string(*facts.run.seed) +
                ". The order of the data, dropout and starting values follow from it.\n";
    text += "\n#### Training Hyperparameters\n\n";
    if (facts.run.recipe.map().empty())
        return text + "Not recorded.\n\n";
    text += "| setting | value |\n|---|---|\n";
    for (const auto& [key, value] : facts.run.recipe.map())
        text += "| " + key + " | " + cell(withoutFolder(toText(value))) + " |\n";
    return text + "\n";
}

std::string evaluation(const ModelCardFacts& facts) {
    std::string text = "## Evaluation\n\n";
    if (facts.run.scores.empty())
        text += "Not recorded.\n\n";
    else
        text += "| metric | last | at step | best | at step |\n|---|---|---|---|---|\n";
    for (const RunScore& score : facts.run.scores)
        text += "| " + cell(plainMetric(score.metric)) + " | " + number(score.last) + " | " +
                std::to_string(score.lastStep) + " | " + number(score.best) + " | " +
                std::to_string(score.bestStep) + " |\n";
    return text + (facts.run.scores.empty() ? "" : "\n") + "The files were read back: on " +
           facts.comparedOn + " their logits differ by at most " + number(facts.difference) +
           " from those of the trained model.\n\n";
}

} // namespace

std::string modelCard(const ModelCardFacts& facts) {
    std::string text = frontMatter(facts) + "# " + cell(facts.title) + "\n\n" + details(facts) +
                       training(facts) + evaluation(facts) + "### Framework versions\n\n";
    for (const std::string& version : facts.versions)
        text += "- " + version + "\n";
    return text;
}

} // namespace lathe
