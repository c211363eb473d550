#include "core/train/inference.h"

#include "core/adapter/adapter_shelf.h"
#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "core/train/threads.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>
#include <torch/headeronly/version.h>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::int64_t kNoLimit = std::int64_t{1} << 40;

struct LoadedModel {
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<AdapterShelf> adapters; // after the model they are attached to
};

Result<LoadedModel> load(const fs::path& folder, const AdapterMix& mix) {
    loadCudaLibraries();
    useThreads(0);
    LoadedModel loaded;
    LATHE_ASSIGN(loaded.model, loadModel(folder));
    loaded.adapters = std::make_unique<AdapterShelf>(*loaded.model);
    LATHE_TRY(loaded.adapters->choose(mix));
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

/// Of an encoder-decoder model: input_ids are what it reads, decoder_input_ids what it has written.
Result<ModelInput> readTarget(const json& object, const ModelSummary& model, ModelInput input) {
    input.sourceIds = std::exchange(input.ids, {});
    input.sourceMask = std::exchange(input.mask, {});
    if (!object.contains("decoder_input_ids"))
        return inputError("decoder_input_ids",
                          "are missing; this model reads input_ids and goes on with what it has written");
    LATHE_ASSIGN(input.ids, readTableOfIds(object, "decoder_input_ids", model.vocabularySize));
    if (input.ids.size(0) != input.sourceIds.size(0))
        return inputError("decoder_input_ids", "have another number of rows than input_ids");
    return input;
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
        if (model.isCausal && !model.decoderStartId) // encoders count as their class does
            input.positions = positionsOf(input.mask);
    }
    if (object.contains("position_ids")) {
        const std::int64_t limit = model.maxPositions > 0 ? model.maxPositions : kNoLimit;
        LATHE_ASSIGN(input.positions, readTableOfIds(object, "position_ids", limit));
    }
    if (object.contains("token_type_ids")) {
        if (model.tokenTypes == 0)
            return inputError("token_type_ids", "are given, but this model has no token types");
        LATHE_ASSIGN(input.types, readTableOfIds(object, "token_type_ids", model.tokenTypes));
    }
    for (const at::Tensor& other : {input.mask, input.positions, input.types})
        if (other.defined() && other.sizes() != input.ids.sizes())
            return inputError(
                "ids", "attention_mask, position_ids or token_type_ids has another shape than input_ids");
    return model.decoderStartId ? readTarget(object, model, std::move(input)) : input;
}

} // namespace

Status writeLogits(const fs::path& model, const AdapterMix& mix, std::string_view idsJson,
                   const fs::path& output) {
    LATHE_ASSIGN(const LoadedModel loaded, load(model, mix));
    LATHE_ASSIGN(const ModelInput input, readModelInput(idsJson, loaded.model->summary()));
    const at::NoGradGuard noGrad;
    const at::Tensor logits = loaded.model->output(input);
    return writeTensorFile(output, {{"logits", logits.to(at::kFloat)}});
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
