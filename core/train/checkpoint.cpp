#include "core/train/checkpoint.h"

#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKept = 2;

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

nlohmann::json toJson(const RunPosition& position) {
    return {{"step", position.step},
            {"batches_done", position.batchesDone},
            {"seconds", position.seconds},
            {"last_values", position.lastValues},
            {"best_values", position.bestValues}};
}

Result<RunPosition> positionFrom(const fs::path& path) {
    LATHE_ASSIGN(const std::string text, readFile(path));
    try {
        const auto json = nlohmann::json::parse(text);
        RunPosition position;
        json.at("step").get_to(position.step);
        json.at("batches_done").get_to(position.batchesDone);
        json.at("seconds").get_to(position.seconds);
        json.at("last_values").get_to(position.lastValues);
        json.at("best_values").get_to(position.bestValues);
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

Status saveCheckpoint(const fs::path& folder, const RunPosition& position, const FlatAdamW& optimizer) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "step-%08lld", static_cast<long long>(position.step));
    const fs::path target = folderOf(folder) / name.data();
    const fs::path part = folderOf(folder) / (".part-" + std::string(name.data()));
    std::error_code problem;
    fs::remove_all(part, problem);
    LATHE_TRY(ensureWritableFolder(part));
    LATHE_TRY(writeTensorFile(part / "tensors.safetensors", optimizer.state()));
    LATHE_TRY(writeFileAtomically(part / "state.json", toJson(position).dump(2)));
    fs::remove_all(target, problem);
    fs::rename(part, target, problem);
    if (problem)
        return ioError(target.string(), "cannot be written: " + problem.message());
    removeOld(folder);
    return ok();
}

Result<std::optional<RunPosition>> restoreCheckpoint(const fs::path& folder, FlatAdamW& optimizer) {
    const auto all = checkpoints(folder);
    if (all.empty())
        return std::optional<RunPosition>();
    LATHE_ASSIGN(RunPosition position, positionFrom(all.front() / "state.json"));
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(all.front() / "tensors.safetensors"));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    LATHE_TRY(optimizer.restore(tensors, position.step));
    return std::optional<RunPosition>(std::move(position));
}

} // namespace lathe
