#pragma once

#include "core/adapter/peft_folder.h"
#include "core/base/registry.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace lathe {

/// What a run has left, and the base model it belongs to: what every format of export starts from.
class ExportSource {
public:
    /// Reads configurations and adapter, no weights of the model. `trained`: the folder a run left, either of
    /// an adapter or, after full fine-tuning, of a whole model. Input error if it is neither.
    [[nodiscard]] static Result<ExportSource> open(const std::filesystem::path& model,
                                                   const std::filesystem::path& trained);

    [[nodiscard]] const std::filesystem::path& model() const { return m_model; }
    [[nodiscard]] const std::filesystem::path& trained() const { return m_trained; }
    [[nodiscard]] const ModelSummary& summary() const { return m_summary; }
    /// The head that was trained along where labels are told apart and the base has no such head.
    [[nodiscard]] const std::optional<NewHead>& head() const { return m_head; }
    /// What the head's outputs mean, by number; empty where nobody has said it.
    [[nodiscard]] const std::vector<std::string>& labelNames() const { return m_labelNames; }
    [[nodiscard]] bool isWholeModel() const { return !m_adapter.has_value(); }
    /// Contract: !isWholeModel().
    [[nodiscard]] const PeftFolder& adapter() const { return m_adapter.value(); }
    /// The folder or file whose weights the trained model starts from.
    [[nodiscard]] const std::filesystem::path& weights() const {
        return isWholeModel() ? m_trained : m_model;
    }

private:
    ExportSource() = default;
    [[nodiscard]] Status readHead();

    std::filesystem::path m_model, m_trained;
    ModelSummary m_summary;
    std::optional<PeftFolder> m_adapter;
    std::optional<NewHead> m_head;
    std::vector<std::string> m_labelNames;
};

/// A model, and an adapter on it or none.
struct AdaptedModel {
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
};

/// The trained model as it is before any export.
[[nodiscard]] Result<AdaptedModel> loadTrained(const ExportSource& source, const LoadOptions& options);

struct ExportOptions {
    /// File name of a format that is a single file, and the name inside of it; without an ending.
    std::string name = "adapter";
    std::string hubId;                   ///< of the base model on the Hugging Face hub; empty: not known
    std::optional<at::ScalarType> dtype; ///< of a whole model; nothing: that of the base
    std::uint64_t shardBytes = kDefaultShardBytes;
    std::stop_token stop = {};
    ByteProgress onProgress = {};
};

/// A form in which a trained adapter leaves Lathe. Registered in export_format.cpp.
class ExportFormat {
public:
    ExportFormat() = default;
    ExportFormat(const ExportFormat&) = delete;
    ExportFormat& operator=(const ExportFormat&) = delete;
    virtual ~ExportFormat() = default;

    /// Why this cannot be written so, as one sentence for the user; empty: it can.
    [[nodiscard]] virtual std::string obstacle(const ExportSource& source) const = 0;
    /// Writes into an empty folder. Contract: there is no obstacle.
    [[nodiscard]] virtual Status write(const ExportSource& source, const std::filesystem::path& folder,
                                       const ExportOptions& options) const = 0;
    /// What write() has left, read back from the files.
    [[nodiscard]] virtual Result<AdaptedModel> read(const ExportSource& source,
                                                    const std::filesystem::path& folder,
                                                    const LoadOptions& options) const = 0;
    /// Whether the folder is a model by itself, or needs the base.
    [[nodiscard]] virtual bool isWholeModel() const { return false; }
    /// For the model card: the library that loads it ("peft"; empty: none the Hub knows by name), its tags,
    /// and how, as Markdown. `base`: what stands for the base model in code.
    struct Usage {
        std::string library;
        std::vector<std::string> tags;
        std::string howTo;
    };
    [[nodiscard]] virtual Usage usage(const ExportSource& source, const std::string& base,
                                      const ExportOptions& options) const = 0;
};

[[nodiscard]] const Registry<ExportFormat>& exportFormats();

[[nodiscard]] std::unique_ptr<ExportFormat> makePeftExport();
[[nodiscard]] std::unique_ptr<ExportFormat> makeMergedExport();
[[nodiscard]] std::unique_ptr<ExportFormat> makeGgufExport();

/// The transformers class that loads a model with this head: "AutoModelForCausalLM".
[[nodiscard]] std::string autoClass(const ModelSummary& model);

} // namespace lathe
