#include "core/train/export_adapter.h"

#include "core/base/files.h"
#include "core/base/staged_folder.h"
#include "core/train/base_facts.h"
#include "core/train/export_check.h"
#include "core/train/export_record.h"
#include "core/train/threads.h"
#include "core/train/tokenizer_copy.h"
#include "core/train/torch_guard.h"

#include <algorithm>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// One export from the question to the folder in its place.
class Export {
public:
    Export(const ExportRequest& request, ExportSource source, std::unique_ptr<ExportFormat> format,
           PartInfo info)
        : m_request(request),
          m_source(std::move(source)),
          m_format(std::move(format)),
          m_info(std::move(info)) {}

    Result<ExportReport> run() {
        LATHE_TRY(chooseOptions());
        LATHE_ASSIGN(StagedFolder folder, StagedFolder::begin(m_request.target));
        LATHE_TRY(m_format->write(m_source, folder.path(), m_options));
        if (m_format->isWholeModel())
            LATHE_TRY(writeTokenizer(folder.path()));
        LATHE_TRY(compare(folder.path()));
        LATHE_TRY(describe(folder.path()));
        LATHE_TRY(folder.commit());
        m_report.folder = m_request.target;
        return m_report;
    }

private:
    Status chooseOptions() {
        if (!m_request.dtype.empty()) {
            LATHE_ASSIGN(m_options.dtype, scalarTypeFrom(m_request.dtype));
        }
        if (m_options.dtype && !m_format->isWholeModel())
            return inputError("dtype", "is for whole models; an adapter in the format " + m_info.id +
                                           " keeps its float32");
        m_options.name = fileName(m_request.run.name);
        m_options.hubId = hubIdOf(m_request.model);
        if (m_request.shardBytes > 0)
            m_options.shardBytes = m_request.shardBytes;
        m_options.stop = m_request.stop;
        m_options.onProgress = [this](std::uint64_t done, std::uint64_t total) {
            tell("writing", done, total);
        };
        m_report.format = m_info.id;
        return ok();
    }

    /// The run's name with nothing a file system or a shell dislikes.
    static std::string fileName(const std::string& name) {
        std::string safe;
        for (const unsigned char c : name)
            safe += std::isalnum(c) != 0 || c == '.' || c == '-' || c >= 0x80 ? static_cast<char>(c) : '_';
        const auto begin = safe.find_first_not_of("._-");
        return begin == std::string::npos ? "adapter" : safe.substr(begin);
    }

    Status writeTokenizer(const fs::path& folder) const {
        std::error_code problem;
        if (fs::exists(m_source.trained() / "tokenizer.json", problem))
            return copyTokenizerFiles(m_source.trained(), folder);
        return exportTokenizer(m_source.model(), folder);
    }

    Status compare(const fs::path& folder) {
        const ProbeRows rows = probeRows(m_source, m_request.run);
        m_report.comparedOn = rows.what;
        LATHE_ASSIGN(const at::ScalarType stored, storedDtype(m_source.weights()));
        LoadOptions options;
        options.dtype = m_checkDtype = checkDtype(m_source.summary(), stored);
        tell("comparing", 0, 2);
        std::vector<at::Tensor> before;
        { // one model at a time
            LATHE_ASSIGN(const AdaptedModel trained, loadTrained(m_source, options));
            LATHE_ASSIGN(before, probeLogits(*trained.model, rows, m_request.stop));
        }
        tell("comparing", 1, 2);
        LATHE_ASSIGN(const AdaptedModel exported, m_format->read(m_source, folder, options));
        LATHE_ASSIGN(const std::vector<at::Tensor> after, probeLogits(*exported.model, rows, m_request.stop));
        m_report.difference = largestDifference(before, after);
        tell("comparing", 2, 2);
        return ok();
    }

    Status describe(const fs::path& folder) const {
        tell("describing", 0, 0);
        LATHE_ASSIGN(const std::string record,
                     exportRecord(m_source, m_request, m_report, dtypeName(m_checkDtype)));
        LATHE_TRY(writeFileAtomically(folder / "lathe_export.json", record));
        return writeFileAtomically(folder / "README.md",
                                   exportCard(m_source, *m_format, m_info, m_request, m_options, m_report));
    }

    void tell(const std::string& phase, std::uint64_t done, std::uint64_t total) const {
        if (m_request.onProgress)
            m_request.onProgress(phase, done, total);
    }

    const ExportRequest& m_request;
    ExportSource m_source;
    std::unique_ptr<ExportFormat> m_format;
    PartInfo m_info;
    ExportOptions m_options;
    ExportReport m_report;
    at::ScalarType m_checkDtype = at::kFloat;
};

PartInfo infoOf(const std::string& id) {
    const auto list = exportFormats().list();
    const auto found = std::ranges::find(list, id, &PartInfo::id);
    LATHE_EXPECT(found != list.end());
    return *found;
}

Result<ExportReport> runExport(const ExportRequest& request) {
    LATHE_ASSIGN(ExportSource source, ExportSource::open(request.model, request.trained));
    const std::string usual = source.isWholeModel() ? "merged" : "peft";
    const std::string id = request.format.empty() ? usual : request.format;
    LATHE_ASSIGN(auto format, exportFormats().make(id));
    if (const std::string obstacle = format->obstacle(source); !obstacle.empty())
        return inputError("format " + id, "is not possible here: " + obstacle);
    return Export(request, std::move(source), std::move(format), infoOf(id)).run();
}

} // namespace

Result<ExportReport> exportTrained(const ExportRequest& request) {
    loadCudaLibraries();
    useThreads(0);
    return guarded("the export", [&] { return runExport(request); });
}

Result<std::vector<ExportChoice>> exportChoices(const fs::path& model, const fs::path& trained) {
    return guarded("the export", [&]() -> Result<std::vector<ExportChoice>> {
        LATHE_ASSIGN(const ExportSource source, ExportSource::open(model, trained));
        std::vector<ExportChoice> choices;
        for (const PartInfo& info : exportFormats().list()) {
            LATHE_ASSIGN(const auto format, exportFormats().make(info.id));
            choices.push_back({info, format->obstacle(source)});
        }
        return choices;
    });
}

std::vector<PartInfo> exportFormatList() { return exportFormats().list(); }

} // namespace lathe
