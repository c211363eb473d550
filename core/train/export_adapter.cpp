#include "core/train/export_adapter.h"

#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/inference.h"
#include "core/train/threads.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <array>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 13> kTokenizerFiles{"tokenizer.json",
                                                      "tokenizer_config.json",
                                                      "special_tokens_map.json",
                                                      "added_tokens.json",
                                                      "chat_template.json",
                                                      "chat_template.jinja",
                                                      "tokenizer.model",
                                                      "spiece.model",
                                                      "vocab.json",
                                                      "merges.txt",
                                                      "vocab.txt",
                                                      "qwen.tiktoken",
                                                      "tokenizer.bin"};

Status copyFile(const fs::path& from, const fs::path& to) {
    LATHE_ASSIGN(const std::string content, readFile(from));
    return writeFileAtomically(to, content);
}

/// Logits of a fixed batch, [2, 16, V]: ids spread over the vocabulary.
Result<at::Tensor> probeLogits(const fs::path& model, const fs::path& adapter) {
    LATHE_ASSIGN(const std::unique_ptr<LanguageModel> base, loadModel(model));
    std::unique_ptr<Adapter> attached;
    if (!adapter.empty()) {
        LATHE_ASSIGN(attached, loadAdapter(*base, adapter));
    }
    const at::NoGradGuard noGrad;
    const at::Tensor ids = (at::arange(32, at::kLong) * 7919 % base->summary().vocabularySize).view({2, 16});
    ModelInput input;
    input.ids = ids;
    return base->logits(base->hidden(input));
}

std::string modelCard(const fs::path& model, const fs::path& adapter) {
    return "---\nlibrary_name: peft\nbase_model: " + model.filename().string() +
           "\ntags:\n- lora\n---\n\n# " + adapter.filename().string() + "\n\nA LoRA adapter for " +
           model.filename().string() +
           ", trained with Lathe. Its settings are in `adapter_config.json`, its tensors in "
           "`adapter_model.safetensors`.\n";
}

} // namespace

Status copyTokenizerFiles(const fs::path& from, const fs::path& to) {
    std::error_code problem;
    for (const char* name : kTokenizerFiles)
        if (fs::exists(from / name, problem))
            LATHE_TRY(copyFile(from / name, to / name));
    return ok();
}

Result<double> exportAdapter(const fs::path& model, const fs::path& adapter, const fs::path& target) {
    loadCudaLibraries();
    std::error_code problem;
    const bool isWholeModel = fs::exists(adapter / "config.json", problem);
    if (!isWholeModel && !fs::exists(adapter / "adapter_config.json", problem))
        return inputError(
            adapter.string(),
            "holds no trained adapter; choose a run that has finished or was stopped after its first step");
    if (fs::exists(target, problem) && !fs::is_empty(target, problem))
        return inputError(target.string(), "is not empty; choose a new or an empty folder");
    LATHE_TRY(ensureWritableFolder(target));
    for (const auto& entry : fs::directory_iterator(adapter, problem))
        if (entry.is_regular_file(problem))
            LATHE_TRY(copyFile(entry.path(), target / entry.path().filename()));
    if (isWholeModel)
        LATHE_TRY(copyTokenizerFiles(model, target));
    else
        LATHE_TRY(writeFileAtomically(target / "README.md", modelCard(model, target)));
    LATHE_ASSIGN(const at::Tensor before,
                 isWholeModel ? probeLogits(adapter, {}) : probeLogits(model, adapter));
    LATHE_ASSIGN(const at::Tensor after, isWholeModel ? probeLogits(target, {}) : probeLogits(model, target));
    return (before - after).abs().max().item<double>();
}

} // namespace lathe
