#include "bench/token_workload.h"

#include "bench/measuring.h"
#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/base_precision.h"
#include "core/train/batch_parts.h"

#include <ATen/Parallel.h>
#include <cstring>
#include <nlohmann/json.hpp>

namespace lathe::bench {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr double kLearningRate = 1e-3;

std::string sizeName(int length) { return "8x" + std::to_string(length); }

Result<json> readJson(const fs::path& path) {
    LATHE_ASSIGN(const std::string text, readFile(path));
    json parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object())
        return inputError(path.string(), "is not a JSON object");
    return parsed;
}

Batch wholeBatch(const std::int32_t* ids, std::size_t rows, std::size_t length) {
    std::vector<Example> examples(rows);
    std::vector<const Example*> pointers;
    for (std::size_t row = 0; row < rows; ++row) {
        examples[row].ids.assign(ids + row * length, ids + (row + 1) * length);
        examples[row].labels = examples[row].ids;
        pointers.push_back(&examples[row]);
    }
    return makeBatch(pointers, 0);
}

/// int32, little-endian, [step, row, position].
Result<std::vector<Batch>> readBatches(const fs::path& inputs, const std::string& name) {
    const fs::path path = inputs / (name + ".bin");
    LATHE_ASSIGN(const json head, readJson(inputs / (name + ".json")));
    LATHE_ASSIGN(const std::string content, readFile(path));
    const auto shape = head.value("shape", std::vector<std::size_t>{});
    if (shape.size() != 3 || shape[0] == 0 ||
        content.size() != shape[0] * shape[1] * shape[2] * sizeof(std::int32_t))
        return inputError(path.string(), "has " + std::to_string(content.size()) +
                                             " bytes, which does not fit the shape beside it");
    std::vector<std::int32_t> ids(content.size() / sizeof(std::int32_t));
    std::memcpy(ids.data(), content.data(), content.size());
    std::vector<Batch> batches;
    for (std::size_t step = 0; step < shape[0]; ++step)
        batches.push_back(wholeBatch(ids.data() + step * shape[1] * shape[2], shape[1], shape[2]));
    return batches;
}

} // namespace

Status setStart(const Adapter& adapter, const fs::path& path) {
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(path));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    return setParameters(adapter, tensors, path.string());
}

Result<TokenWorkload> TokenWorkload::open(const Settings& settings) {
    TokenWorkload workload;
    LATHE_ASSIGN(workload.m_batches, readBatches(settings.inputs, settings.batches));
    LATHE_ASSIGN(workload.m_model, loadModel(settings.model, {settings.dtype, settings.device}));
    const auto lora = makeLoraMethod();
    ParamValues values = defaults(lora->options());
    values.set("rank", std::int64_t{8});
    values.set("alpha", 16.0);
    values.set("target_modules", std::string("all-linear"));
    workload.m_adapter = lora->attach(*workload.m_model, values, 0);
    if (settings.isMixed)
        LATHE_TRY(setPrecision(*workload.m_model, {{"precision", std::string("mixed")}}));
    LATHE_TRY(setStart(*workload.m_adapter, settings.inputs / "adapter_init.safetensors"));
    FlatAdamW::Settings optimizer;
    optimizer.weightDecay = settings.weightDecay;
    workload.m_optimizer = std::make_unique<FlatAdamW>(workload.m_adapter->parameters(), optimizer);
    return workload;
}

double TokenWorkload::flopsPerStep() const {
    std::int64_t adapter = 0;
    for (const auto& [name, parameter] : m_adapter->parameters())
        adapter += parameter.numel();
    const Batch& batch = m_batches.front();
    const auto length = static_cast<double>(batch.length);
    return loraStepFlops(m_model->summary(), adapter, static_cast<double>(batch.realTokens),
                         static_cast<double>(batch.rows) * length * length);
}

double TokenWorkload::step() {
    LATHE_EXPECT(m_stepsDone < m_batches.size());
    const std::size_t number = m_stepsDone++;
    StepTurn turn{m_adapter.get(),
                  m_optimizer.get(),
                  std::span(&m_batches[number], 1),
                  static_cast<std::int64_t>(number),
                  kLearningRate,
                  0};
    turn.threads = readsPartsAlike(*m_model) ? at::get_num_threads() : 1;
    return trainingStep(*m_model, turn).loss;
}

TokenWorkload::Settings w1Settings(const fs::path& model, const fs::path& inputs, int length) {
    TokenWorkload::Settings settings;
    settings.model = model;
    settings.inputs = inputs;
    settings.batches = "tokens_" + sizeName(length);
    return settings;
}

Result<std::vector<double>> readW1Losses(const fs::path& inputs, int length, const std::string& dtype) {
    const fs::path path = inputs / ("losses_" + sizeName(length) + "_" + dtype + ".json");
    LATHE_ASSIGN(const json head, readJson(path));
    if (!head.contains("loss_before_step") || !head["loss_before_step"].is_array())
        return inputError(path.string(), "has no list \"loss_before_step\"");
    return head["loss_before_step"].get<std::vector<double>>();
}

} // namespace lathe::bench
