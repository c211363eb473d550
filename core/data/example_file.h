#pragma once

#include "core/data/example_list.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace lathe {

/// What is kept of an ExampleSet beside its examples.
struct ExampleFacts {
    std::vector<DroppedRow> dropped;
    std::size_t truncatedCount = 0;
    std::vector<std::string> labelNames;
};

/// Examples in a file that is mapped, not read.
struct StoredExamples {
    ExampleList examples;
    ExampleFacts facts;
};

/// Writes examples one after another under a temporary name; the file appears whole or not at all. Memory: 16
/// bytes an example. A writer that is destroyed before finish() leaves nothing.
class ExampleFileWriter {
public:
    /// Io error if the folder is not writable.
    [[nodiscard]] static Result<ExampleFileWriter> begin(const std::filesystem::path& target);
    ExampleFileWriter(ExampleFileWriter&&) noexcept;
    ExampleFileWriter& operator=(ExampleFileWriter&&) = delete;
    ~ExampleFileWriter();

    [[nodiscard]] Status add(const Example& example);
    [[nodiscard]] Status finish(const ExampleFacts& facts);

private:
    struct Content;
    explicit ExampleFileWriter(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

/// Opens a file of the writer; its bytes are checked against a checksum. Input error: cut, changed, of
/// another version or no such file at all; Io error.
[[nodiscard]] Result<StoredExamples> openExampleFile(const std::filesystem::path& file);

} // namespace lathe
