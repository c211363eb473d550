#include "core/train/inference.h"

#include "core/adapter/lora.h"
#include "core/data/examples.h"
#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "core/text/tokenizer.h"
#include "core/train/threads.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>
#include <torch/headeronly/version.h>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct LoadedModel {
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
};

Result<LoadedModel> load(const fs::path& folder, const fs::path& adapter) {
    loadCudaLibraries();
    useThreads(0);
    LoadedModel loaded;
    LATHE_ASSIGN(loaded.model, loadModel(folder));
    if (!adapter.empty()) {
        LATHE_ASSIGN(loaded.adapter, loadPeftAdapter(*loaded.model, adapter));
    }
    return loaded;
}

/// A rectangular table of whole numbers below `limit` as [rows, length] int64.
Result<at::Tensor> readTableOfIds(const json& input, const char* key, std::int64_t limit) {
    std::vector<std::int64_t> flat;
    std::size_t length = 0;
    const auto table = input.find(key);
    if (table == input.end() || !table->is_array() || table->empty())
        return inputError(key, "is not a list of rows");
    for (const json& row : *table) {
        if (!row.is_array() || row.empty() || (length != 0 && row.size() != length))
            return inputError(
                key, "has rows of different lengths or an empty one; pad them and set attention_mask");
        length = row.size();
        for (const json& id : row) {
            if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= limit)
                return inputError(key, "has the entry " + id.dump() + "; whole numbers from 0 to " +
                                           std::to_string(limit - 1) + " are needed");
            flat.push_back(id.get<std::int64_t>());
        }
    }
    return at::tensor(flat, at::kLong)
        .view({static_cast<std::int64_t>(table->size()), static_cast<std::int64_t>(length)});
}

Result<ModelInput> readModelInput(std::string_view text, const ModelSummary& model) {
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object())
        return inputError("ids", "are not a JSON object with input_ids");
    ModelInput input;
    LATHE_ASSIGN(input.ids, readTableOfIds(object, "input_ids", model.vocabularySize));
    if (object.contains("attention_mask")) {
        LATHE_ASSIGN(const at::Tensor mask, readTableOfIds(object, "attention_mask", 2));
        input.mask = mask.to(at::kBool);
        input.positions = positionsOf(input.mask);
    }
    if (object.contains("position_ids")) {
        LATHE_ASSIGN(input.positions, readTableOfIds(object, "position_ids", model.maxPositions));
    }
    for (const at::Tensor& other : {input.mask, input.positions})
        if (other.defined() && other.sizes() != input.ids.sizes())
            return inputError("ids", "attention_mask or position_ids has another shape than input_ids");
    if (object.contains("token_type_ids"))
        return inputError("token_type_ids", "are given, but this architecture has no token types");
    return input;
}

} // namespace

Status writeLogits(const fs::path& model, const fs::path& adapter, std::string_view idsJson,
                   const fs::path& output) {
    LATHE_ASSIGN(const LoadedModel loaded, load(model, adapter));
    LATHE_ASSIGN(const ModelInput input, readModelInput(idsJson, loaded.model->summary()));
    const at::NoGradGuard noGrad;
    const at::Tensor logits = loaded.model->logits(loaded.model->hidden(input));
    return writeTensorFile(output, {{"logits", logits.to(at::kFloat)}});
}

Result<std::string> generateText(const fs::path& model, const fs::path& adapter, std::string_view prompt,
                                 const GenerationOptions& options,
                                 const std::function<bool(std::string_view)>& onText) {
    LATHE_ASSIGN(const LoadedModel loaded, load(model, adapter));
    LATHE_ASSIGN(const Tokenizer tokenizer, Tokenizer::load(model));
    LATHE_ASSIGN(const std::vector<std::int32_t> start, encodePrompt(std::string(prompt), tokenizer, {}));
    if (start.empty())
        return inputError("prompt", "is empty; give at least one word");
    Decoding decoding{
        options.maxNewTokens, loaded.model->summary().eosIds, 0, options.temperature, options.topP,
        options.seed};
    if (tokenizer.eosId().has_value())
        decoding.eosIds.push_back(*tokenizer.eosId());
    std::vector<std::int32_t> made;
    std::string text;
    const auto onStep = [&](std::span<const std::int64_t> ids) {
        made.push_back(static_cast<std::int32_t>(ids.front()));
        const std::string whole = tokenizer.decode(made, true).value_or(text);
        // A character of several bytes is not whole yet while its decoding ends in the replacement character.
        const bool isWhole = !whole.ends_with("\xEF\xBF\xBD");
        const std::string piece =
            isWhole && whole.size() > text.size() ? whole.substr(text.size()) : std::string();
        if (isWhole)
            text = whole;
        return !onText || piece.empty() || onText(piece);
    };
    const auto ids = at::tensor(start, at::kInt).to(at::kLong).unsqueeze(0);
    static_cast<void>(generate(*loaded.model, ids, at::ones(ids.sizes(), at::kBool), decoding, onStep));
    return text;
}

DeviceReport deviceReport() {
    DeviceReport report;
    report.cudaNote = loadCudaLibraries();
    report.libtorchVersion = TORCH_VERSION;
    report.cpuCapability = at::get_cpu_capability();
    useThreads(0);
    report.threads = at::get_num_threads();
    report.isCudaAvailable = at::hasCUDA();
    report.devices.emplace_back("cpu");
    const int count =
        report.isCudaAvailable ? at::globalContext().getAcceleratorHooksInterface().deviceCount() : 0;
    for (int i = 0; i < count; ++i)
        report.devices.push_back("cuda:" + std::to_string(i));
    if (report.isCudaAvailable)
        report.cudaNote.clear();
    else if (report.cudaNote.empty())
        report.cudaNote = "NVIDIA's libraries are there, but no usable GPU or driver was found";
    return report;
}

} // namespace lathe
