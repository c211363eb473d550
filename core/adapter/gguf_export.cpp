#include "core/adapter/adapter_method.h"
#include "core/adapter/export_format.h"
#include "core/adapter/gguf_lora.h"
#include "core/adapter/heterolora.h"

#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = "-LoRA.gguf"; // by which llama.cpp's users know such files

class GgufExport final : public ExportFormat {
public:
    std::string obstacle(const ExportSource& source) const override {
        if (source.isWholeModel())
            return "the run has trained every weight, so there is no adapter apart from the model; export a "
                   "merged model and convert it with llama.cpp's own script";
        if (std::string shortcuts = shortcutsObstacle(source.trained()); !shortcuts.empty())
            return shortcuts;
        return ggufObstacle(source.summary(), source.adapter());
    }
    Status write(const ExportSource& source, const fs::path& folder,
                 const ExportOptions& options) const override {
        LATHE_ASSIGN(const GgufFile file, ggufOfLora(source.summary(), source.adapter(), options.name));
        return writeGguf(folder / (options.name + kEnding), file);
    }
    /// Through PEFT's form, in a folder beside that is gone afterwards.
    Result<AdaptedModel> read(const ExportSource& source, const fs::path& folder,
                              const LoadOptions& options) const override {
        LATHE_ASSIGN(const fs::path path, fileIn(folder));
        LATHE_ASSIGN(const GgufFile file, readGguf(path));
        const fs::path converted = folder / (".read-back" + std::to_string(::getpid()));
        AdaptedModel loaded;
        LATHE_ASSIGN(loaded.model, loadModel(source.model(), options));
        Status status = writeLoraOfGguf(file, source.summary(), {source.model(), "CAUSAL_LM"}, converted);
        if (status.has_value()) {
            auto adapter = loadAdapter(*loaded.model, converted);
            if (adapter.has_value())
                loaded.adapter = std::move(adapter).value();
            else
                status = adapter.error();
        }
        std::error_code unremovable;
        fs::remove_all(converted, unremovable);
        LATHE_TRY(std::move(status));
        return loaded;
    }
    Usage usage(const ExportSource&, const std::string&, const ExportOptions& options) const override {
        return {{},
                {"gguf", "llama.cpp"},
                "```\nllama-cli -m base-model.gguf --lora " + options.name + kEnding +
                    "\n```\n\nThe base model must be converted by llama.cpp's `convert_hf_to_gguf.py`.\n"};
    }

private:
    static Result<fs::path> fileIn(const fs::path& folder) {
        std::error_code problem;
        for (auto it = fs::directory_iterator(folder, problem); !problem && it != fs::directory_iterator();
             it.increment(problem))
            if (it->path().extension() == ".gguf")
                return it->path();
        return inputError(folder.string(), "holds no .gguf file");
    }
};

} // namespace

std::unique_ptr<ExportFormat> makeGgufExport() { return std::make_unique<GgufExport>(); }

} // namespace lathe
