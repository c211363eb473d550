#include "core/adapter/allocating_adapter.h"
#include "core/base/files.h"
#include "core/train/training_run.h"

#include <nlohmann/json.hpp>

/// What a run leaves in its folder beside checkpoints and tensors.

namespace lathe {

/// In the log, and in the trial's folder.
Status TrainingRun::noteData() {
    for (std::string& line : dataWarnings(m_data.record))
        log(LogLine::Level::Warning, std::move(line));
    const auto before = m_context.shouldResume ? readDataRecord(m_context.folder) : std::nullopt;
    if (before && !isSameData(*before, m_data.record))
        log(LogLine::Level::Warning, "the data are not those this run began with");
    return writeFileAtomically(m_context.folder / kDataRecordFile, toJson(m_data.record));
}

/// What the numbers of the head's answers mean.
Status TrainingRun::saveLabelNames() const {
    nlohmann::ordered_json names = nlohmann::ordered_json::object();
    for (std::size_t label = 0; label < m_data.labelNames.size(); ++label)
        names[std::to_string(label)] = m_data.labelNames[label];
    if (m_data.labelNames.empty()) // a number; transformers knows the kind by the single entry
        names["0"] = "LABEL_0";
    return writeFileAtomically(m_result.adapterFolder / "id2label.json", names.dump(2) + "\n");
}

/// Where the adapter is one that decides where its parameters go.
void TrainingRun::prepareAllocation() {
    auto* allocating = dynamic_cast<AllocatingAdapter*>(m_adapter.get());
    if (allocating == nullptr)
        return;
    const auto batches = static_cast<std::int64_t>(m_batches->batchesPerEpoch());
    const std::int64_t stepsPerEpoch = (batches + m_view.accumulation - 1) / m_view.accumulation;
    m_probe = std::make_unique<RunProbe>(
        *m_model, m_data,
        RunProbe::Facts{m_schedule.total, std::max<std::int64_t>(1, stepsPerEpoch), m_view.batchSize,
                        m_context.seed},
        RunProbe::Outlets{[this](const std::string& text) { log(LogLine::Level::Info, text); },
                          [this](const std::string& text) { log(LogLine::Level::Warning, text); },
                          [this](const std::string& metric, double value) { report(metric, value); }});
    allocating->prepare(*m_probe);
}

Status TrainingRun::allocate() {
    if (auto* allocating = dynamic_cast<AllocatingAdapter*>(m_adapter.get()))
        if (allocating->beforeStep(m_position.step, *m_probe))
            return writeRecords(m_context.folder, records());
    return ok();
}

RunRecords TrainingRun::records() const {
    const auto* allocating = dynamic_cast<const AllocatingAdapter*>(m_adapter.get());
    return allocating == nullptr ? RunRecords() : allocating->records();
}

/// Those of the checkpoint, also in the folder: the run may have gone on after it.
Status TrainingRun::restoreRecords() {
    auto* allocating = dynamic_cast<AllocatingAdapter*>(m_adapter.get());
    if (allocating == nullptr)
        return ok();
    LATHE_ASSIGN(const RunRecords kept, checkpointRecords(m_context.folder));
    LATHE_TRY(allocating->restoreRecords(kept));
    return writeRecords(m_context.folder, kept);
}

} // namespace lathe
