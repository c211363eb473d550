#include "core/train/checkpoint.h"

#include "core/base/files.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKept = 2;
constexpr const char* kRecords = "records";

fs::path folderOf(const fs::path& folder) { return folder / "checkpoints"; }

/// Whole checkpoints, newest first.
std::vector<fs::path> checkpoints(const fs::path& folder) {
    std::vector<fs::path> all;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(folderOf(folder), problem))
        if (entry.path().filename().string().starts_with("step-") &&
            fs::exists(entry.path() / "state.json", problem))
            all.push_back(entry.path());
    std::sort(all.rbegin(), all.rend());
    return all;
}

/// JSON has no NaN: null stands for it, and for the infinities.
double realFrom(const nlohmann::json& json) {
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::map<std::string, double> valuesFrom(const nlohmann::json& json) {
    std::map<std::string, double> values;
    for (const auto& [name, value] : json.items())
        values[name] = realFrom(value);
    return values;
}

nlohmann::json toJson(const RunPosition& position) {
    nlohmann::json points = nlohmann::json::array();
    for (const MetricPoint& point : position.latestPoints)
        points.push_back({point.name, point.step, point.value, point.seconds});
    return {{"step", position.step},
            {"batches_done", position.batchesDone},
            {"seconds", position.seconds},
            {"is_measured", position.isMeasured},
            {"last_values", position.lastValues},
            {"best_values", position.bestValues},
            {"latest_points", points}};
}

Result<RunPosition> positionFrom(const fs::path& path) {
    LATHE_ASSIGN(const std::string text, readFile(path));
    try {
        const auto json = nlohmann::json::parse(text);
        RunPosition position;
        json.at("step").get_to(position.step);
        json.at("batches_done").get_to(position.batchesDone);
        json.at("seconds").get_to(position.seconds);
        json.at("is_measured").get_to(position.isMeasured);
        position.lastValues = valuesFrom(json.at("last_values"));
        position.bestValues = valuesFrom(json.at("best_values"));
        for (const auto& point : json.at("latest_points"))
            position.latestPoints.push_back({{},
                                             point.at(0).get<std::string>(),
                                             point.at(1).get<std::int64_t>(),
                                             realFrom(point.at(2)),
                                             realFrom(point.at(3))});
        return position;
    } catch (const nlohmann::json::exception& problem) {
        return inputError(path.string(), std::string("is damaged: ") + problem.what());
    }
}

void removeOld(const fs::path& folder) {
    const auto all = checkpoints(folder);
    std::error_code problem;
    for (std::size_t i = kKept; i < all.size(); ++i)
        fs::remove_all(all[i], problem);
}

} // namespace

Status saveCheckpoint(const fs::path& folder, const RunPosition& position, const FlatAdamW& optimizer,
                      const std::vector<NamedTensor>& others, const RunRecords& records) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "step-%08lld", static_cast<long long>(position.step));
    const fs::path target = folderOf(folder) / name.data();
    const fs::path part = folderOf(folder) / (".part-" + std::string(name.data()));
    std::error_code problem;
    fs::remove_all(part, problem);
    LATHE_TRY(ensureWritableFolder(part));
    std::vector<NamedTensor> tensors = optimizer.state();
    tensors.insert(tensors.end(), others.begin(), others.end());
    LATHE_TRY(writeTensorFile(part / "tensors.safetensors", tensors));
    LATHE_TRY(writeFileAtomically(part / "state.json", toJson(position).dump(2)));
    if (!records.empty()) {
        LATHE_TRY(ensureWritableFolder(part / kRecords));
        LATHE_TRY(writeRecords(part / kRecords, records));
    }
    // Out of the way by a rename: a checkpoint that is half removed would look whole.
    const fs::path replaced = folderOf(folder) / (".old-" + std::string(name.data()));
    fs::remove_all(replaced, problem);
    fs::rename(target, replaced, problem);
    fs::rename(part, target, problem);
    if (problem)
        return ioError(target.string(), "cannot be written: " + problem.message());
    fs::remove_all(replaced, problem);
    removeOld(folder);
    return ok();
}

Result<std::optional<RunPosition>> restoreCheckpoint(const fs::path& folder, FlatAdamW& optimizer,
                                                     const std::vector<NamedTensor>& others) {
    const auto all = checkpoints(folder);
    if (all.empty())
        return std::optional<RunPosition>();
    LATHE_ASSIGN(RunPosition position, positionFrom(all.front() / "state.json"));
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(all.front() / "tensors.safetensors"));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    for (const auto& [name, own] : others)
        if (!tensors.contains(name) || tensors.at(name).sizes() != own.sizes())
            return inputError("checkpoint",
                              "its tensor " + name + " is missing or belongs to another recipe");
    LATHE_TRY(optimizer.restore(tensors, position.step));
    const at::NoGradGuard noGrad;
    for (const auto& [name, own] : others)
        at::Tensor(own).copy_(tensors.at(name));
    return std::optional<RunPosition>(std::move(position));
}

Result<RunRecords> checkpointRecords(const fs::path& folder) {
    RunRecords records;
    const auto all = checkpoints(folder);
    if (all.empty())
        return records;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(all.front() / kRecords, problem)) {
        LATHE_ASSIGN(records[entry.path().filename().string()], readFile(entry.path()));
    }
    return records;
}

Status writeRecords(const fs::path& folder, const RunRecords& records) {
    for (const auto& [name, content] : records)
        LATHE_TRY(writeFileAtomically(folder / name, content));
    return ok();
}

} // namespace lathe
