#include "core/train/export_record.h"

#include "core/base/files.h"
#include "core/data/table.h"
#include "core/model/file_bytes.h"
#include "core/model/weight_files.h"
#include "core/train/base_facts.h"
#include "core/train/recipe.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <torch/headeronly/version.h>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kPeftFormat = "PEFT 0.21 (format of the files)";

std::string pipelineTag(const ModelSummary& model) {
    if (model.decoderStartId)
        return "text2text-generation";
    switch (model.head) {
    case HeadKind::CausalLm:
        return "text-generation";
    case HeadKind::MaskedLm:
        return "fill-mask";
    case HeadKind::SequenceClassification:
        return "text-classification";
    case HeadKind::TokenClassification:
        return "token-classification";
    case HeadKind::None:
        break;
    }
    return "feature-extraction";
}

std::string lowered(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::vector<std::string> tagsOf(const ExportSource& source, const ExportFormat& format,
                                const ExportFormat::Usage& usage, const std::string& hubId) {
    std::vector<std::string> tags;
    if (!hubId.empty())
        tags.push_back((format.isWholeModel() ? "base_model:finetune:" : "base_model:adapter:") + hubId);
    if (!source.isWholeModel())
        tags.push_back(lowered(source.adapter().peftType()));
    if (usage.library != "transformers")
        tags.emplace_back("transformers");
    tags.insert(tags.end(), usage.tags.begin(), usage.tags.end());
    tags.emplace_back("lathe");
    return tags;
}

/// A blob of the hub's cache is named by its SHA-256; anything else is read.
Result<std::string> hashOf(const fs::path& file) {
    std::error_code problem;
    const std::string blob = fs::weakly_canonical(file, problem).filename().string();
    const bool isHash = blob.size() == 64 && blob.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (isHash)
        return blob;
    LATHE_ASSIGN(const auto bytes, FileBytes::map(file, "a file", 0));
    return sha256({reinterpret_cast<const char*>(bytes->all().data()), bytes->all().size()});
}

Result<std::vector<fs::path>> weightFiles(const fs::path& model) {
    std::error_code problem;
    if (fs::is_regular_file(model, problem))
        return std::vector{model};
    LATHE_ASSIGN(const WeightFiles files, WeightFiles::open(model));
    return files.files();
}

Result<std::vector<fs::path>> trainedFiles(const ExportSource& source) {
    if (source.isWholeModel())
        return weightFiles(source.trained());
    return std::vector<fs::path>{source.adapter().configPath(), source.adapter().tensorsPath()};
}

std::string kindOf(const ExportSource& source, const PartInfo& info) {
    if (source.isWholeModel())
        return "a fully fine-tuned model";
    return info.label + " of the type " + source.adapter().peftType();
}

} // namespace

std::string utcNow() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

Result<json> fileHashes(const std::vector<fs::path>& files, const std::stop_token& stop) {
    json all = json::object();
    for (const fs::path& file : files) {
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "it was stopped"};
        LATHE_ASSIGN(all[file.filename().string()], hashOf(file));
    }
    return all;
}

std::vector<DataFileFacts> dataFacts(const ParamValues& recipe) {
    std::vector<DataFileFacts> all;
    for (const auto& [key, role] : {std::pair("train_file", "training"), std::pair("eval_file", "evaluation"),
                                    std::pair("test_file", "test")}) {
        const ParamValue* value = recipe.find(key);
        const std::string file = value == nullptr ? std::string() : toText(*value);
        if (file.empty())
            continue;
        DataFileFacts facts;
        facts.role = role;
        facts.name = fs::path(file).filename().string();
        const auto task = recipeTask(recipe);
        const auto table = task.has_value() ? task.value()->readRows(file) : readTable(file);
        if (table.has_value()) {
            facts.sha256 = table->sha256;
            facts.rows = table->size();
        } else {
            facts.problem = "could not be read at the time of the export";
        }
        all.push_back(std::move(facts));
    }
    return all;
}

std::vector<DataFileFacts> dataFacts(const DataRecord& record) {
    std::vector<DataFileFacts> all;
    for (const FileRecord& file : record.files) {
        DataFileFacts facts;
        facts.role = file.role;
        facts.name = fs::path(file.path).filename().string();
        facts.sha256 = file.sha256;
        facts.rows = file.rows;
        facts.used = file.used;
        if (!file.dropped.empty())
            facts.losses = std::to_string(file.dropped.total()) + " rows dropped: " + file.dropped.inWords();
        if (file.truncated > 0)
            facts.losses += (facts.losses.empty() ? "" : "; ") + std::to_string(file.truncated) + " rows cut";
        if (file.leftOut > 0)
            facts.losses += (facts.losses.empty() ? "" : "; ") + std::to_string(file.leftOut) +
                            " rows left out on purpose";
        all.push_back(std::move(facts));
    }
    return all;
}

std::string exportCard(const ExportSource& source, const ExportFormat& format, const PartInfo& info,
                       const ExportRequest& request, const ExportOptions& options,
                       const ExportReport& report) {
    ModelCardFacts facts;
    facts.baseName = baseName(source.model());
    facts.hubId = options.hubId;
    facts.license = licenseOf(source.model());
    const ExportFormat::Usage usage =
        format.usage(source, facts.hubId.empty() ? "path/to/" + facts.baseName : facts.hubId, options);
    facts.title = request.run.name.empty() ? options.name : request.run.name;
    facts.kind = kindOf(source, info);
    facts.isWholeModel = format.isWholeModel();
    facts.library = usage.library;
    facts.pipelineTag = pipelineTag(source.summary());
    facts.tags = tagsOf(source, format, usage, facts.hubId);
    facts.howTo = usage.howTo;
    facts.run = request.run;
    // The run's folder holds what it trained beside what it read.
    const auto record = readDataRecord(request.trained.parent_path());
    facts.data = record ? dataFacts(*record) : dataFacts(request.run.recipe);
    if (record)
        facts.dataWarnings = record->warnings;
    facts.versions = {"Lathe " + request.programVersion, "LibTorch " TORCH_VERSION};
    if (usage.library == "peft")
        facts.versions.emplace_back(kPeftFormat);
    facts.difference = report.difference;
    facts.comparedOn = report.comparedOn;
    return modelCard(facts);
}

Result<std::string> exportRecord(const ExportSource& source, const ExportRequest& request,
                                 const ExportReport& report, const std::string& checkDtype) {
    LATHE_ASSIGN(const std::vector<fs::path> baseFiles, weightFiles(source.model()));
    LATHE_ASSIGN(const std::vector<fs::path> ownFiles, trainedFiles(source));
    LATHE_ASSIGN(const json base, fileHashes(baseFiles, request.stop));
    LATHE_ASSIGN(const json own, fileHashes(ownFiles, request.stop));
    const json record{
        {"format", report.format},
        {"date", utcNow()},
        {"lathe_version", request.programVersion},
        {"base_model", {{"name", baseName(source.model())}, {"sha256", base}}},
        {"trained",
         {{"kind", source.isWholeModel() ? "model" : source.adapter().peftType()}, {"sha256", own}}},
        {"check",
         {{"largest_logit_difference", report.difference},
          {"compared_on", report.comparedOn},
          {"precision", checkDtype}}}};
    return record.dump(2) + "\n";
}

} // namespace lathe
