#include "core/base/sha256.h"
#include "core/data/detect_format.h"
#include "core/data/row_schema.h"
#include "core/data/table.h"
#include "core/data/table_builder.h"

#include <thread>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 1'000'000;

/// Empty if it was stopped or the file could not be read; the reader of the rows tells why then.
std::string hashOf(const OpenFile& file, const std::stop_token& stop, const ImportProgress& progress) {
    Sha256 hash;
    std::string piece(kPiece, '\0');
    for (std::uint64_t at = 0; at < file.size();) {
        const auto size = file.readAt(at, piece);
        if (!size || *size == 0 || stop.stop_requested())
            return {};
        hash.add(std::string_view(piece).substr(0, *size));
        at += *size;
        if (progress)
            progress(at, file.size());
    }
    return hash.hexDigest();
}

/// Reads one file.
class Import {
public:
    Import(const fs::path& file, const ImportOptions& options, const ImportProgress& progress,
           const std::stop_token& stop)
        : m_path(file), m_options(options), m_progress(progress), m_stop(stop) {}

    Result<Table> run() {
        std::error_code unreadable;
        if (!fs::exists(m_path, unreadable))
            return inputError(m_path.string(),
                              "does not exist; give a data file (" + knownDataEndings() + ")");
        LATHE_ASSIGN(m_file, OpenFile::forReading(m_path));
        LATHE_ASSIGN(m_guess, guessFile(m_path, m_file, m_options));
        m_table.source = m_path;
        m_table.format = m_guess.format;
        // What is compressed may be of any size, unless the sample is all of it.
        constexpr std::uint64_t kOfParquet = 8; // may be compressed as well
        const std::uint64_t limit =
            m_options.memoryLimit / (m_guess.reader->id() == "parquet" ? kOfParquet : 1);
        const bool isSmall =
            m_file.size() <= limit && (!m_guess.format.isCompressed || m_guess.extent == SampleExtent::Whole);
        m_isInMemory = isSmall;
        Status status = isSmall ? readToMemory() : readToFolder();
        if (!status && status.error().kind == Error::Kind::Cancelled)
            return Error{Error::Kind::Cancelled, m_path.string(), "the import was cancelled"};
        LATHE_TRY(std::move(status));
        m_table.format.schema = guessSchema(m_table);
        return std::move(m_table);
    }

private:
    Status readToMemory() {
        TableBuilder builder;
        LATHE_TRY(readRows(builder));
        m_table.sha256 = hashOf(m_file, m_stop, {});
        LATHE_TRY(checkWhole());
        builder.finishInMemory(m_table, *m_guess.reader);
        return ok();
    }

    Status readToFolder() {
        const fs::path folder = m_options.cacheFolder.empty() ? datasetCacheFolder() : m_options.cacheFolder;
        CacheKey key{m_file.size(), hashOfOptions(m_options, dataEnding(m_path)), {}};
        if (!m_options.onDropped && hasCandidate(folder, key.prefix())) {
            m_table.sha256 = key.sha256 = hashOf(m_file, m_stop, m_progress);
            LATHE_TRY(checkWhole());
            if (auto known = tableOfCache(folder, key, m_path)) {
                m_table = std::move(*known);
                return ok();
            }
        }
        LATHE_ASSIGN(const auto builder,
                     TableBuilder::inFolder(folder, isTextInSource() ? TableBuilder::TextPlace::Source
                                                                     : TableBuilder::TextPlace::Cache));
        LATHE_TRY(readRowsAndHash(*builder));
        key.sha256 = m_table.sha256;
        LATHE_TRY(builder->finishInFolder(m_table, *m_guess.reader, key, m_stop));
        if (const Cleanup done = cleanUp(folder, m_options.cacheLimit, key); done.entries > 0)
            m_table.notes.push_back({"the cache of data files was full: " + std::to_string(done.entries) +
                                         " older entries (" + std::to_string(done.bytes / 1'000'000) +
                                         " MB) were removed from " + folder.string(),
                                     1, 0});
        return ok();
    }

    /// Side by side: each takes about as long as the other.
    Status readRowsAndHash(TableBuilder& builder) {
        std::string hash = m_table.sha256;
        std::stop_source stopHash;
        const std::stop_callback passOn(m_stop, [&stopHash] { stopHash.request_stop(); });
        Status status = ok();
        {
            const std::jthread hashing([&] {
                if (hash.empty())
                    hash = hashOf(m_file, stopHash.get_token(), {});
            });
            status = readRows(builder);
            if (!status)
                stopHash.request_stop();
        }
        LATHE_TRY(std::move(status));
        m_table.sha256 = hash;
        return checkWhole();
    }

    Status checkWhole() const {
        if (m_stop.stop_requested())
            return Error{Error::Kind::Cancelled, m_path.string(), "the import was cancelled"};
        if (m_table.sha256.empty() || !m_file.isUnchanged())
            return ioError(m_path.string(), "was changed while it was read; import it again");
        return ok();
    }

    Status readRows(TableBuilder& builder) {
        builder.setOnDropped(m_options.onDropped);
        bool isFirst = true;
        const RowInput input{
            m_path, m_guess.format,
            [&](std::uint64_t from) { return openText(builder, from, std::exchange(isFirst, false)); },
            m_stop,
            [this](double share) {
                if (m_progress)
                    m_progress(static_cast<std::uint64_t>(share * static_cast<double>(m_file.size())),
                               m_file.size());
            }};
        return m_guess.reader->read(input, builder);
    }

    /// True where the rows are a part of the file's bytes, which then need no copy.
    [[nodiscard]] bool isTextInSource() const {
        return !m_isInMemory && !m_guess.reader->writesRows() && !m_guess.format.isCompressed &&
               m_guess.format.encoding.value == TextEncoding::Utf8;
    }

    Result<std::unique_ptr<TextWindow>> openText(TableBuilder& builder, std::uint64_t from, bool isFirst) {
        TextWindow::Hooks hooks{{}, {}, m_stop};
        if (isFirst && m_progress)
            hooks.onTaken = [this](std::uint64_t taken) { m_progress(taken, m_file.size()); };
        if (isFirst && !isTextInSource() && !m_guess.reader->writesRows())
            hooks.onText = [&builder](std::string_view text) { return builder.addText(text); };
        std::unique_ptr<ByteSource> bytes;
        std::uint64_t firstOffset = isTextInSource() ? m_guess.markSize : 0;
        if (!m_guess.format.isCompressed && m_guess.format.encoding.value == TextEncoding::Utf8 && from > 0) {
            bytes = plainBytes(m_file, m_guess.markSize + from);
            firstOffset = from;
        } else if (m_guess.format.isCompressed) {
            bytes = gunzippedBytes(m_file, m_path.string());
            std::string mark(m_guess.markSize, '\0');
            LATHE_TRY(bytes->read(mark));
        } else {
            bytes = plainBytes(m_file, m_guess.markSize);
        }
        auto window = std::make_unique<TextWindow>(std::move(bytes), m_guess.format.encoding.value,
                                                   firstOffset, std::move(hooks));
        LATHE_TRY(skipTo(*window, from));
        return window;
    }

    static Status skipTo(TextWindow& window, std::uint64_t position) {
        while (window.position() < position) {
            if (window.view().empty()) {
                LATHE_ASSIGN(const bool isLonger, window.grow());
                if (!isLonger)
                    break;
            }
            window.advance(std::min<std::uint64_t>(window.view().size(), position - window.position()));
        }
        return ok();
    }

    const fs::path& m_path;
    const ImportOptions& m_options;
    const ImportProgress& m_progress;
    const std::stop_token& m_stop;
    OpenFile m_file;
    FileGuess m_guess;
    Table m_table;
    bool m_isInMemory = false;
};

} // namespace

Result<Table> importTable(const fs::path& file, const ImportOptions& options, const ImportProgress& progress,
                          const std::stop_token& stop) {
    return Import(file, options, progress, stop).run();
}

} // namespace lathe
