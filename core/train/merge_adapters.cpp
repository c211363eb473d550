#include "core/train/merge_adapters.h"

#include "core/adapter/adapter_shelf.h"
#include "core/adapter/export_format.h"
#include "core/base/files.h"
#include "core/base/staged_folder.h"
#include "core/train/base_facts.h"
#include "core/train/export_check.h"
#include "core/train/export_record.h"
#include "core/train/threads.h"
#include "core/train/tokenizer_copy.h"
#include "core/train/torch_guard.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// One merge from the question to the folder in its place.
class Merge {
public:
    explicit Merge(const MergeRequest& request) : m_request(request) {}

    Result<MergeReport> run() {
        if (m_request.adapters.empty())
            return inputError("adapters", "are missing; name at least one");
        LATHE_ASSIGN(m_stored, storedDtype(m_request.model));
        m_dtype = m_stored;
        if (!m_request.dtype.empty()) {
            LATHE_ASSIGN(m_dtype, scalarTypeFrom(m_request.dtype));
        }
        readHead();
        LATHE_TRY(measure());
        if (!m_request.target.empty())
            LATHE_TRY(write());
        return m_report;
    }

private:
    /// A head for labels comes with the adapter that trained it.
    void readHead() {
        for (const AdapterChoice& choice : m_request.adapters)
            if (const auto source = ExportSource::open(m_request.model, choice.folder);
                source.has_value() && source->head()) {
                m_head = source->head();
                m_labels = source->labelNames();
            }
    }

    Result<std::unique_ptr<LanguageModel>> load(at::ScalarType dtype) const {
        LoadOptions options;
        options.dtype = dtype;
        options.head = m_head;
        return loadModel(m_request.model, options);
    }

    Status measure() {
        tell("comparing", 0, 0);
        LATHE_ASSIGN(const ModelSummary summary, readModelSummary(m_request.model));
        m_checkDtype = checkDtype(summary, m_stored);
        LATHE_ASSIGN(const auto model, load(m_checkDtype));
        AdapterShelf shelf(*model);
        LATHE_TRY(shelf.choose({m_request.adapters, false}));
        const ProbeRows rows = madeUpRows(model->summary());
        LATHE_ASSIGN(m_beside, probeLogits(*model, rows, m_request.stop));
        LATHE_ASSIGN(m_report.check,
                     shelf.checkMerge([&] { return probeLogits(*model, rows, m_request.stop); }));
        m_report.check.comparedOn = rows.what;
        return ok();
    }

    Status write() {
        LATHE_ASSIGN(StagedFolder folder, StagedFolder::begin(m_request.target));
        LATHE_TRY(writeModel(folder.path()));
        tell("reading back", 0, 0);
        LoadOptions options;
        options.dtype = m_checkDtype;
        LATHE_ASSIGN(const auto merged, loadModel(folder.path(), options));
        LATHE_ASSIGN(const auto after, probeLogits(*merged, madeUpRows(merged->summary()), m_request.stop));
        m_report.difference = largestDifference(m_beside, after);
        LATHE_ASSIGN(const std::string text, record());
        LATHE_TRY(writeFileAtomically(folder.path() / "lathe_merge.json", text));
        LATHE_TRY(folder.commit());
        m_report.folder = m_request.target;
        return ok();
    }

    Status writeModel(const fs::path& folder) const {
        LATHE_ASSIGN(const auto model, load(m_stored)); // so the weights stay in the mapped file
        AdapterShelf shelf(*model);
        LATHE_TRY(shelf.choose({m_request.adapters, false}));
        const TensorSource weightOf = [&shelf](const std::string& name) { return shelf.mergedWeight(name); };
        SaveOptions options;
        options.dtype = m_dtype;
        options.shardBytes = m_request.shardBytes > 0 ? m_request.shardBytes : kDefaultShardBytes;
        options.labelNames = m_labels;
        options.stop = m_request.stop;
        options.onProgress = [this](std::uint64_t done, std::uint64_t total) {
            tell("writing", done, total);
        };
        LATHE_TRY(saveModelFolder(model->summary(), weightOf, m_request.model, folder, options));
        return exportTokenizer(m_request.model, folder);
    }

    [[nodiscard]] Result<std::string> record() const {
        json sources = json::array();
        for (const AdapterChoice& choice : m_request.adapters) {
            LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(choice.folder));
            LATHE_ASSIGN(const json hashes,
                         fileHashes({files.configPath(), files.tensorsPath()}, m_request.stop));
            sources.push_back({{"name", baseName(choice.folder)},
                               {"strength", choice.strength},
                               {"kind", files.peftType()},
                               {"sha256", hashes}});
        }
        const json whole{{"date", utcNow()},
                         {"lathe_version", m_request.programVersion},
                         {"base_model", baseName(m_request.model)},
                         {"adapters", sources},
                         {"dtype", dtypeName(m_dtype)},
                         {"check",
                          {{"largest_logit_difference_in_memory", m_report.check.difference},
                           {"base_restored_bit_for_bit", m_report.check.isRestored},
                           {"largest_logit_difference_read_back", *m_report.difference},
                           {"compared_on", m_report.check.comparedOn},
                           {"precision", dtypeName(m_checkDtype)}}}};
        return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    }

    void tell(const std::string& phase, std::uint64_t done, std::uint64_t total) const {
        if (m_request.onProgress)
            m_request.onProgress(phase, done, total);
    }

    const MergeRequest& m_request;
    std::optional<NewHead> m_head;
    std::vector<std::string> m_labels;
    at::ScalarType m_stored = at::kFloat;
    at::ScalarType m_dtype = at::kFloat;
    at::ScalarType m_checkDtype = at::kFloat;
    std::vector<at::Tensor> m_beside;
    MergeReport m_report;
};

} // namespace

Result<MergeReport> mergeAdapters(const MergeRequest& request) {
    loadCudaLibraries();
    useThreads(0);
    return guarded("merging", [&] { return Merge(request).run(); });
}

} // namespace lathe
