#include "core/adapter/export_format.h"

#include "core/adapter/adapter_method.h"
#include "core/adapter/heterolora.h"
#include "core/base/files.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// What a run has written beside a head for labels.
std::vector<std::string> labelNamesIn(const fs::path& trained) {
    std::vector<std::string> names;
    const auto text = readFile(trained / "id2label.json");
    const auto all = nlohmann::ordered_json::parse(text.value_or(std::string()), nullptr, false);
    if (all.is_object())
        for (const auto& [number, name] : all.items())
            names.push_back(name.is_string() ? name.get<std::string>() : name.dump());
    return names;
}

} // namespace

Result<ExportSource> ExportSource::open(const fs::path& model, const fs::path& trained) {
    ExportSource source;
    source.m_model = model;
    source.m_trained = trained;
    std::error_code problem;
    source.m_labelNames = labelNamesIn(trained);
    if (fs::exists(trained / "config.json", problem)) {
        LATHE_ASSIGN(source.m_summary, readModelSummary(trained));
        return source;
    }
    if (!fs::exists(trained / "adapter_config.json", problem))
        return inputError(
            trained.string(),
            "holds no trained adapter; choose a run that has finished or was stopped after its first step");
    LATHE_ASSIGN(source.m_adapter, PeftFolder::read(trained));
    LATHE_TRY(source.readHead());
    if (source.m_head) {
        LATHE_ASSIGN(source.m_summary, readModelSummary(model, *source.m_head));
    } else {
        LATHE_ASSIGN(source.m_summary, readModelSummary(model));
    }
    return source;
}

/// Of an adapter that tells labels apart; the file of its head says how many there are.
Status ExportSource::readHead() {
    const nlohmann::json& config = m_adapter->config();
    if (config.value("task_type", nlohmann::json()) != "SEQ_CLS")
        return ok();
    for (const auto& [name, tensor] : m_adapter->tensors())
        for (const char* last : {".score.weight", ".classifier.weight", ".classifier.out_proj.weight"})
            if (name.ends_with(last) && tensor.dim() == 2)
                m_head = NewHead{HeadKind::SequenceClassification, tensor.size(0), 0};
    if (m_head && !m_labelNames.empty() && static_cast<std::int64_t>(m_labelNames.size()) != m_head->labels)
        return inputError((m_trained / "id2label.json").string(),
                          "names " + std::to_string(m_labelNames.size()) + " labels, but the head has " +
                              std::to_string(m_head->labels) + " outputs");
    return ok();
}

namespace {

/// The base as the adapter knows it.
LoadOptions withHead(LoadOptions options, const ExportSource& source) {
    options.head = source.head();
    return options;
}

} // namespace

Result<AdaptedModel> loadTrained(const ExportSource& source, const LoadOptions& options) {
    AdaptedModel loaded;
    LATHE_ASSIGN(loaded.model, loadModel(source.weights(), withHead(options, source)));
    if (!source.isWholeModel()) {
        LATHE_ASSIGN(loaded.adapter, loadAdapter(*loaded.model, source.trained()));
    }
    return loaded;
}

std::string autoClass(const ModelSummary& model) {
    if (model.decoderStartId)
        return "AutoModelForSeq2SeqLM";
    switch (model.head) {
    case HeadKind::CausalLm:
        return "AutoModelForCausalLM";
    case HeadKind::MaskedLm:
        return "AutoModelForMaskedLM";
    case HeadKind::SequenceClassification:
        return "AutoModelForSequenceClassification";
    case HeadKind::TokenClassification:
        return "AutoModelForTokenClassification";
    case HeadKind::None:
        break;
    }
    return "AutoModel";
}

const Registry<ExportFormat>& exportFormats() {
    static const Registry<ExportFormat> registry = [] {
        Registry<ExportFormat> all;
        all.add({"peft", "PEFT adapter", "A small folder that PEFT loads onto the base model"},
                makePeftExport);
        all.add({"merged", "Merged model",
                 "A whole Hugging Face model with the adapter folded into its weights, for any program"},
                makeMergedExport);
        all.add({"gguf", "GGUF adapter", "One file that llama.cpp loads onto a base model in GGUF"},
                makeGgufExport);
        return all;
    }();
    return registry;
}

namespace {

constexpr const char* kWholeModel = "the run has trained every weight, so there is no adapter apart from the "
                                    "model; export a merged model";

class PeftExport final : public ExportFormat {
public:
    std::string obstacle(const ExportSource& source) const override {
        if (source.isWholeModel())
            return kWholeModel;
        if (source.adapter().peftType() == "HEAD_ONLY")
            return "PEFT has no adapter that is a head alone; export a merged model";
        return shortcutsObstacle(source.trained());
    }
    /// As trained, but that the base is named as the Hub knows it: a path of this machine is of no use there.
    Status write(const ExportSource& source, const fs::path& folder,
                 const ExportOptions& options) const override {
        std::error_code problem;
        for (auto it = fs::directory_iterator(source.trained(), problem);
             !problem && it != fs::directory_iterator(); it.increment(problem))
            if (std::error_code odd; it->is_regular_file(odd)) {
                LATHE_ASSIGN(const std::string content, readFile(it->path()));
                LATHE_TRY(writeFileAtomically(folder / it->path().filename(), content));
            }
        if (problem)
            return ioError(source.trained().string(), "cannot be read: " + problem.message());
        if (options.hubId.empty())
            return ok();
        nlohmann::json config = source.adapter().config();
        config["base_model_name_or_path"] = options.hubId;
        return writeFileAtomically(folder / "adapter_config.json", config.dump(2) + "\n");
    }
    Result<AdaptedModel> read(const ExportSource& source, const fs::path& folder,
                              const LoadOptions& options) const override {
        AdaptedModel loaded;
        LATHE_ASSIGN(loaded.model, loadModel(source.model(), withHead(options, source)));
        LATHE_ASSIGN(loaded.adapter, loadAdapter(*loaded.model, folder));
        return loaded;
    }
    Usage usage(const ExportSource& source, const std::string& base, const ExportOptions&) const override {
        const std::string autoName = autoClass(source.summary());
        return {"peft",
                {},
                "```python\nfrom peft import PeftModel\nfrom transformers import " + autoName +
                    ", AutoTokenizer\n\nbase = " + autoName + ".from_pretrained(\"" + base +
                    "\")\nmodel = PeftModel.from_pretrained(base, \"path/to/this/folder\")\n"
                    "tokenizer = AutoTokenizer.from_pretrained(\"path/to/this/folder\")\n```\n"};
    }
};

class MergedExport final : public ExportFormat {
public:
    std::string obstacle(const ExportSource& source) const override {
        if (source.isWholeModel())
            return {};
        LoadOptions options;
        const auto stored = storedDtype(source.model());
        options.dtype = stored.value_or(at::kFloat);
        const auto loaded = loadTrained(source, options);
        if (!loaded.has_value())
            return loaded.error().text();
        const Status merges = loaded->adapter->checkMerge();
        return merges.has_value() ? std::string() : merges.error().text();
    }
    Status write(const ExportSource& source, const fs::path& folder,
                 const ExportOptions& options) const override {
        LoadOptions stored; // so the weights stay in the mapped file
        LATHE_ASSIGN(stored.dtype, storedDtype(source.weights()));
        LATHE_ASSIGN(const AdaptedModel loaded, loadTrained(source, stored));
        const TensorSource weightOf = [&loaded](const std::string& name) -> Result<at::Tensor> {
            return loaded.adapter ? loaded.adapter->mergedWeight(name) : loaded.model->weight(name);
        };
        return saveModelFolder(loaded.model->summary(), weightOf, source.weights(), folder,
                               {options.dtype.value_or(stored.dtype), options.shardBytes, source.labelNames(),
                                options.stop, options.onProgress});
    }
    Result<AdaptedModel> read(const ExportSource&, const fs::path& folder,
                              const LoadOptions& options) const override {
        AdaptedModel loaded;
        LATHE_ASSIGN(loaded.model, loadModel(folder, options));
        return loaded;
    }
    bool isWholeModel() const override { return true; }
    Usage usage(const ExportSource& source, const std::string&, const ExportOptions&) const override {
        const std::string autoName = autoClass(source.summary());
        return {"transformers",
                {},
                "```python\nfrom transformers import " + autoName + ", AutoTokenizer\n\nmodel = " + autoName +
                    ".from_pretrained(\"path/to/this/folder\")\n"
                    "tokenizer = AutoTokenizer.from_pretrained(\"path/to/this/folder\")\n```\n"};
    }
};

} // namespace

std::unique_ptr<ExportFormat> makePeftExport() { return std::make_unique<PeftExport>(); }
std::unique_ptr<ExportFormat> makeMergedExport() { return std::make_unique<MergedExport>(); }

} // namespace lathe
