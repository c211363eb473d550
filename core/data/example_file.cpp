#include "core/data/example_file.h"

#include "core/base/random.h"
#include "core/data/text_key.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// A member added to these has to be written and read below; then mind the version in kMagic too.
static_assert(sizeof(Example) == 2 * sizeof(std::vector<int>) + 2 * sizeof(std::string) + 8 +
                                     sizeof(std::optional<double>) + sizeof(std::vector<std::uint8_t>) +
                                     2 * sizeof(std::size_t));

constexpr std::array<char, 8> kMagic{'L', 'A', 'T', 'H', 'E', 'X', '0', '2'};
constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;
constexpr std::uint8_t kCounts = 1;    // of a token's mark: its label is itself
constexpr unsigned kTypeShift = 1;     // the bits above are its type
constexpr std::uint32_t kHasLabel = 1; // of a record's flags
constexpr std::uint32_t kHasTypes = 2;
constexpr std::uint32_t kIsPromptWhole = 8;
constexpr std::uint32_t kHasNumber = 16;
constexpr std::uint32_t kHasOwnLabels = 4; // labels that are neither the token nor ignored

/// In front of everything. Numbers are in the byte order of the machine: the file is a cache.
struct Header {
    std::array<char, 8> magic = kMagic;
    std::uint64_t fileBytes = 0;
    std::uint64_t count = 0;
    std::uint64_t indexOffset = 0;
    std::uint64_t factsOffset = 0;
    std::uint64_t checksum = 0; // of all behind the header, and of the numbers above
};

struct IndexEntry {
    std::uint64_t offset = 0;
    std::uint32_t tokens = 0;
    std::uint32_t row = 0;
};

/// In front of an example's bytes: ids, own labels, marks, prompt, answer; filled up to eight.
struct Record {
    std::uint32_t flags = 0;
    std::int32_t textLabel = 0;
    std::uint32_t promptBytes = 0;
    std::uint32_t answerBytes = 0;
    double textNumber = 0;
};

/// Over blocks of a fixed size, so that it can be taken while writing.
class Checksum {
public:
    void addBlock(std::string_view block) {
        const TextKey key = keyOf(block);
        m_value = mixSeed(mixSeed(m_value, key.high), key.low);
    }
    [[nodiscard]] std::uint64_t of(const Header& header) const {
        std::uint64_t value = m_value;
        for (const std::uint64_t part :
             {header.fileBytes, header.count, header.indexOffset, header.factsOffset})
            value = mixSeed(value, part);
        return value;
    }

private:
    std::uint64_t m_value = 0;
};

template <typename T>
std::string_view bytesOf(const T* values, std::size_t count) {
    return {reinterpret_cast<const char*>(values), count * sizeof(T)};
}

bool hasOwnLabels(const Example& example) {
    for (std::size_t i = 0; i < example.ids.size(); ++i)
        if (example.labels[i] != kIgnoreLabel && example.labels[i] != example.ids[i])
            return true;
    return false;
}

std::string marksOf(const Example& example) {
    std::string marks(example.ids.size(), '\0');
    for (std::size_t i = 0; i < marks.size(); ++i) {
        unsigned mark = example.labels[i] == kIgnoreLabel ? 0 : kCounts;
        if (!example.typeIds.empty())
            mark |= static_cast<unsigned>(example.typeIds[i]) << kTypeShift;
        marks[i] = static_cast<char>(mark);
    }
    return marks;
}

std::string factsText(const ExampleFacts& facts) {
    nlohmann::json dropped = nlohmann::json::array();
    for (const DroppedRow& row : facts.dropped)
        dropped.push_back({row.line, row.reason});
    return nlohmann::json{
        {"dropped", dropped}, {"truncated", facts.truncatedCount}, {"labels", facts.labelNames}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<ExampleFacts> factsFrom(std::string_view text, const std::string& name) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded())
        return inputError(name, "is no file of examples");
    ExampleFacts facts; // the checksum was right, so these are what was written
    for (const auto& row : json.at("dropped"))
        facts.dropped.push_back({row.at(0).get<std::size_t>(), row.at(1).get<std::string>()});
    facts.truncatedCount = json.at("truncated").get<std::size_t>();
    facts.labelNames = json.at("labels").get<std::vector<std::string>>();
    return facts;
}

std::string systemReason() { return std::strerror(errno); }

/// A mapped file; examples are read out of it one by one.
class MappedExamples final : public ExampleSource {
public:
    MappedExamples(const char* data, std::size_t size) : m_data(data), m_size(size) {
        std::memcpy(&m_header, m_data, sizeof m_header);
    }
    ~MappedExamples() override { ::munmap(const_cast<char*>(m_data), m_size); }

    std::size_t size() const override { return m_header.count; }
    std::size_t length(std::size_t index) const override { return entry(index).tokens; }
    std::size_t row(std::size_t index) const override { return entry(index).row; }

    Example at(std::size_t index) const override {
        const IndexEntry place = entry(index);
        const char* next = m_data + place.offset;
        Record record;
        next = read(&record, 1, next);
        Example example;
        example.row = place.row;
        example.ids.resize(place.tokens);
        next = read(example.ids.data(), place.tokens, next);
        example.labels = example.ids;
        if ((record.flags & kHasOwnLabels) != 0)
            next = read(example.labels.data(), place.tokens, next);
        readMarks(next, record, example);
        next += place.tokens;
        example.prompt.assign(next, record.promptBytes);
        example.answer.assign(next + record.promptBytes, record.answerBytes);
        example.isPromptWhole = (record.flags & kIsPromptWhole) != 0;
        if ((record.flags & kHasLabel) != 0)
            example.textLabel = record.textLabel;
        if ((record.flags & kHasNumber) != 0)
            example.textNumber = record.textNumber;
        return example;
    }

    const Header& header() const { return m_header; }
    std::string_view facts() const { return {m_data + m_header.factsOffset, m_size - m_header.factsOffset}; }

    bool isWhole() const {
        if (m_header.magic != kMagic || m_header.fileBytes != m_size || m_header.factsOffset > m_size ||
            m_header.indexOffset > m_header.factsOffset ||
            (m_header.factsOffset - m_header.indexOffset) / sizeof(IndexEntry) != m_header.count)
            return false;
        Checksum checksum;
        for (std::size_t at = sizeof(Header); at < m_size; at += kBlockBytes)
            checksum.addBlock({m_data + at, std::min(kBlockBytes, m_size - at)});
        return checksum.of(m_header) == m_header.checksum;
    }

private:
    template <typename T>
    static const char* read(T* to, std::size_t count, const char* from) {
        if (count > 0)
            std::memcpy(to, from, count * sizeof(T));
        return from + count * sizeof(T);
    }
    IndexEntry entry(std::size_t index) const {
        LATHE_EXPECT(index < m_header.count);
        IndexEntry place;
        std::memcpy(&place, m_data + m_header.indexOffset + index * sizeof place, sizeof place);
        return place;
    }
    static void readMarks(const char* marks, const Record& record, Example& example) {
        if ((record.flags & kHasTypes) != 0)
            example.typeIds.resize(example.ids.size());
        for (std::size_t i = 0; i < example.ids.size(); ++i) {
            const auto mark = static_cast<std::uint8_t>(marks[i]);
            if ((mark & kCounts) == 0)
                example.labels[i] = kIgnoreLabel;
            if (!example.typeIds.empty())
                example.typeIds[i] = static_cast<std::uint8_t>(mark >> kTypeShift);
        }
    }

    const char* m_data;
    std::size_t m_size;
    Header m_header;
};

} // namespace

struct ExampleFileWriter::Content {
    fs::path target;
    fs::path temporary;
    int file = -1;
    std::string block = {};
    std::uint64_t position = sizeof(Header);
    Checksum checksum = {};
    std::vector<IndexEntry> index = {};

    ~Content() {
        if (file < 0)
            return;
        ::close(file);
        ::unlink(temporary.c_str());
    }

    Error failed() const { return ioError(target.string(), "cannot be written: " + systemReason()); }

    Status write(std::string_view bytes, off_t at) const {
        while (!bytes.empty()) {
            const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), at);
            if (written < 0 && errno != EINTR)
                return failed();
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
            at += std::max<ssize_t>(written, 0);
        }
        return ok();
    }

    /// Writes what is waiting, whole blocks only unless it is the end.
    Status flush(std::size_t least) {
        while (block.size() >= least && !block.empty()) {
            const std::string_view part(block.data(), std::min(block.size(), kBlockBytes));
            checksum.addBlock(part);
            LATHE_TRY(write(part, static_cast<off_t>(position - block.size())));
            block.erase(0, part.size());
        }
        return ok();
    }

    Status put(std::string_view bytes) {
        block += bytes;
        position += bytes.size();
        return flush(kBlockBytes);
    }
};

ExampleFileWriter::ExampleFileWriter(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
ExampleFileWriter::ExampleFileWriter(ExampleFileWriter&&) noexcept = default;
ExampleFileWriter::~ExampleFileWriter() = default;

Result<ExampleFileWriter> ExampleFileWriter::begin(const fs::path& target) {
    auto content = std::make_unique<Content>();
    content->target = target;
    content->temporary = target;
    // Runs of one process may tokenize the same rows at the same time.
    static std::atomic<unsigned> writers = 0;
    content->temporary += ".part" + std::to_string(::getpid()) + "-" + std::to_string(++writers);
    content->file = ::open(content->temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (content->file < 0)
        return content->failed();
    return ExampleFileWriter(std::move(content));
}

Status ExampleFileWriter::add(const Example& example) {
    LATHE_EXPECT(example.ids.size() == example.labels.size());
    m_content->index.push_back({m_content->position, static_cast<std::uint32_t>(example.ids.size()),
                                static_cast<std::uint32_t>(example.row)});
    const bool ownLabels = hasOwnLabels(example);
    Record record;
    record.flags = (example.textLabel ? kHasLabel : 0) | (example.typeIds.empty() ? 0 : kHasTypes) |
                   (ownLabels ? kHasOwnLabels : 0) | (example.isPromptWhole ? kIsPromptWhole : 0) |
                   (example.textNumber ? kHasNumber : 0);
    record.textLabel = example.textLabel.value_or(0);
    record.textNumber = example.textNumber.value_or(0);
    record.promptBytes = static_cast<std::uint32_t>(example.prompt.size());
    record.answerBytes = static_cast<std::uint32_t>(example.answer.size());
    std::string bytes(bytesOf(&record, 1));
    bytes += bytesOf(example.ids.data(), example.ids.size());
    if (ownLabels)
        bytes += bytesOf(example.labels.data(), example.labels.size());
    bytes += marksOf(example) + example.prompt + example.answer;
    bytes.resize((bytes.size() + 7) / 8 * 8);
    return m_content->put(bytes);
}

Status ExampleFileWriter::finish(const ExampleFacts& facts) {
    Content& content = *m_content;
    Header header;
    header.count = content.index.size();
    header.indexOffset = content.position;
    LATHE_TRY(content.put(bytesOf(content.index.data(), content.index.size())));
    header.factsOffset = content.position;
    LATHE_TRY(content.put(factsText(facts)));
    LATHE_TRY(content.flush(1));
    header.fileBytes = content.position;
    header.checksum = content.checksum.of(header);
    LATHE_TRY(content.write(bytesOf(&header, 1), 0));
    if (::fsync(content.file) != 0 || ::rename(content.temporary.c_str(), content.target.c_str()) != 0)
        return content.failed();
    ::close(std::exchange(content.file, -1));
    return ok();
}

Result<StoredExamples> openExampleFile(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (descriptor < 0 || ::fstat(descriptor, &about) != 0) {
        const std::string reason = systemReason();
        if (descriptor >= 0)
            ::close(descriptor);
        return ioError(file.string(), "cannot be read: " + reason);
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    void* data =
        size < sizeof(Header) ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    ::close(descriptor);
    if (data == MAP_FAILED)
        return inputError(file.string(), "is no file of examples: it has " + std::to_string(size) + " bytes");
    auto examples = std::make_shared<const MappedExamples>(static_cast<const char*>(data), size);
    if (!examples->isWhole())
        return inputError(file.string(), "is broken, or of another version");
    LATHE_ASSIGN(ExampleFacts facts, factsFrom(examples->facts(), file.string()));
    return StoredExamples{ExampleList(std::move(examples)), std::move(facts)};
}

} // namespace lathe
