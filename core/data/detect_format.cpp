#include "core/data/detect_format.h"

#include "core/data/table.h"

#include <algorithm>
#include <cctype>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSampleSize = 4'000'000;

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char sign) { return static_cast<char>(std::tolower(sign)); });
    return text;
}

std::vector<std::string> allEndings() {
    std::vector<std::string> all;
    for (const auto& reader : builtinReaders())
        for (const std::string_view ending : reader->endings())
            if (std::find(all.begin(), all.end(), ending) == all.end())
                all.emplace_back(ending);
    return all;
}

std::string readerNames() {
    std::string names;
    for (const auto& reader : builtinReaders())
        names += (names.empty() ? "" : ", ") + std::string(reader->id());
    return names;
}

Status checkEnding(const fs::path& file, const std::string& ending) {
    const std::vector<std::string> known = allEndings();
    if (std::find(known.begin(), known.end(), ending) != known.end())
        return ok();
    return inputError(file.string(),
                      (ending.empty() ? "has no file name ending" : "has the unknown ending " + ending) +
                          "; known are " + knownDataEndings());
}

struct Claimed {
    const RowReader* reader = nullptr;
    double sureness = 0;
};

Claimed surestReader(const FileSample& sample) {
    Claimed best;
    for (const auto& reader : builtinReaders())
        if (const double sureness = reader->claim(sample); sureness > best.sureness)
            best = {reader.get(), sureness};
    return best;
}

} // namespace

std::string dataEnding(const fs::path& file) {
    const std::string ending = lowerCase(file.extension().string());
    return ending == ".gz" ? lowerCase(file.stem().extension().string()) : ending;
}

std::string knownDataEndings() {
    const std::vector<std::string> known = allEndings();
    std::string text;
    for (std::size_t i = 0; i < known.size(); ++i)
        text += (i == 0 ? "" : i + 1 == known.size() ? " and " : ", ") + known[i];
    return text + "; all but .parquet also with .gz behind it";
}

Result<FileGuess> guessFile(const fs::path& file, const OpenFile& opened, const ImportOptions& options) {
    FileSample sample{dataEnding(file), {}, SampleExtent::Whole};
    if (!options.reader)
        LATHE_TRY(checkEnding(file, sample.ending));
    FileGuess guess;
    std::string raw(2, '\0');
    LATHE_ASSIGN(const std::size_t headSize, opened.readAt(0, raw));
    guess.format.isCompressed = headSize == 2 && raw == "\x1F\x8B";
    raw.resize(guess.format.isCompressed ? kSampleSize : std::min<std::uint64_t>(kSampleSize, opened.size()));
    const auto bytes = guess.format.isCompressed ? gunzippedBytes(opened, file.string()) : plainBytes(opened);
    LATHE_ASSIGN(const std::size_t size, bytes->read(raw));
    raw.resize(size);
    guess.extent = sample.extent = size < kSampleSize ? SampleExtent::Whole : SampleExtent::Beginning;

    const bool isText = !raw.starts_with("PAR1");
    const EncodingGuess encoding = isText ? guessEncoding(raw, sample.extent) : EncodingGuess{};
    guess.format.encoding = givenOr(options.encoding, encoding.encoding);
    guess.format.hasByteOrderMark = encoding.markSize > 0;
    guess.markSize = encoding.markSize;
    Transcoder(guess.format.encoding.value).add(std::string_view(raw).substr(guess.markSize), sample.text);
    if (isBlank(sample.text) && sample.extent == SampleExtent::Whole)
        return inputError(file.string(), "is empty; a data file needs at least one row");

    const Claimed claimed = surestReader(sample);
    guess.reader = options.reader ? readerNamed(*options.reader) : claimed.reader;
    if (guess.reader == nullptr)
        return inputError(file.string(), "cannot be read as " + options.reader.value_or("") + "; known are " +
                                             readerNames());
    guess.format.reader = givenOr(options.reader, {std::string(guess.reader->id()), claimed.sureness});
    guess.reader->detect(sample, options, guess.format);
    return guess;
}

} // namespace lathe
