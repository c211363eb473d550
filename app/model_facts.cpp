#include "app/model_facts.h"

#include "core/base/files.h"
#include "core/model/model_summary.h"
#include "core/train/method_places.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::streamsize kReadmePart = 16 * 1024; ///< enough for a front matter and the first lines
constexpr std::size_t kExcerpt = 1200;

std::uintmax_t bytesOf(const fs::path& folder) {
    std::uintmax_t bytes = 0;
    std::error_code problem;
    for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
        std::error_code unreadable;
        if (it->is_regular_file(unreadable)) // a link of the Hub's cache counts as its file
            bytes += it->file_size(unreadable);
    }
    return bytes;
}

/// "model.type" of a tokenizer.json. The vocabulary, which is nearly all of the file, is not kept.
std::string kindFromJson(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    const auto keep = [](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        if (event != nlohmann::json::parse_event_t::key)
            return true;
        return depth == 1 ? parsed == "model" : depth != 2 || parsed == "type";
    };
    const auto json = nlohmann::json::parse(stream, keep, false);
    const auto model = json.is_object() ? json.find("model") : json.end();
    if (!json.is_object() || model == json.end() || !model->is_object() || !model->contains("type") ||
        !model->at("type").is_string())
        return {};
    return model->at("type").get<std::string>();
}

std::string tokenizerKind(const fs::path& folder) {
    std::error_code problem;
    if (fs::exists(folder / "tokenizer.json", problem)) {
        const std::string kind = kindFromJson(folder / "tokenizer.json");
        return kind.empty() ? "tokenizer.json" : kind;
    }
    static constexpr std::array<std::pair<const char*, const char*>, 5> kSlowFiles = {
        {{"tokenizer.model", "SentencePiece"},
         {"spiece.model", "SentencePiece"},
         {"merges.txt", "BPE"},
         {"qwen.tiktoken", "tiktoken"},
         {"vocab.txt", "WordPiece"}}};
    for (const auto& [file, kind] : kSlowFiles)
        if (fs::exists(folder / file, problem))
            return kind;
    return {};
}

std::string readmeOf(const fs::path& folder) {
    std::ifstream stream(folder / "README.md", std::ios::binary);
    std::string text(static_cast<std::size_t>(kReadmePart), '\0');
    stream.read(text.data(), kReadmePart);
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    std::erase(text, '\r');
    return text;
}

/// Front matter and what follows it.
std::pair<std::string_view, std::string_view> parted(std::string_view readme) {
    if (!readme.starts_with("---\n"))
        return {{}, readme};
    const std::size_t end = readme.find("\n---", 3);
    if (end == std::string_view::npos)
        return {readme.substr(4), {}};
    const std::size_t line = readme.find('\n', end + 1);
    return {readme.substr(4, end - 3),
            line == std::string_view::npos ? std::string_view() : readme.substr(line + 1)};
}

std::vector<ModelSite> sitesOf(const ModelSummary& summary) {
    std::vector<ModelSite> sites;
    for (const Site& site : summary.sites) {
        if (site.kind != SiteKind::Projection)
            continue;
        const auto same = std::ranges::find_if(sites, [&site](const ModelSite& known) {
            return known.module == site.module && known.in == site.in && known.out == site.out;
        });
        if (same == sites.end())
            sites.push_back({site.module, 1, site.in, site.out});
        else
            ++same->count;
    }
    return sites;
}

ModelFacts factsFrom(const ModelSummary& summary) {
    ModelFacts facts;
    facts.family = summary.architecture;
    facts.parameters = summary.parameters;
    facts.dtype = summary.storedDtype;
    facts.contextLength = summary.maxPositions;
    facts.layers = summary.layers;
    facts.hiddenSize = summary.hiddenSize;
    facts.heads = summary.heads;
    facts.keyValueHeads = summary.keyValueHeads;
    facts.vocabularySize = summary.vocabularySize;
    facts.sites = sitesOf(summary);
    for (MethodPlaces& places : methodPlaces(summary))
        facts.places.push_back(
            {std::move(places.method), std::move(places.label), std::move(places.modules)});
    facts.notes = summary.notes;
    return facts;
}

} // namespace

Result<ModelFacts> readModelFacts(const fs::path& folder) {
    LATHE_ASSIGN(const ModelSummary summary, checkModelFolder(folder));
    ModelFacts facts = factsFrom(summary);
    facts.bytes = bytesOf(folder);
    facts.tokenizer = tokenizerKind(folder);
    const std::string readme = readmeOf(folder);
    facts.licence = licenceOf(readme);
    facts.card = excerptOf(readme);
    return facts;
}

std::string licenceOf(std::string_view readme) {
    const std::string_view front = parted(readme).first;
    for (std::size_t from = 0; from < front.size();) {
        const std::size_t end = std::min(front.find('\n', from), front.size());
        std::string_view line = front.substr(from, end - from);
        from = end + 1;
        if (!line.starts_with("license:"))
            continue;
        line.remove_prefix(8);
        const std::size_t begin = line.find_first_not_of(" \"'");
        const std::size_t last = line.find_last_not_of(" \"'");
        return begin == std::string_view::npos ? std::string()
                                               : std::string(line.substr(begin, last - begin + 1));
    }
    return {};
}

std::string excerptOf(std::string_view readme) {
    // Cut first: a regular expression has no business in a long text.
    std::string text(parted(readme).second.substr(0, 4 * kExcerpt));
    static const std::array<std::pair<std::regex, const char*>, 7> kMarks = {
        {{std::regex("<!--[^>]*-->"), ""},
         {std::regex("</?[A-Za-z][^<>\\n]{0,300}>"), ""},
         {std::regex("!\\[[^\\]\\n]{0,200}\\]\\([^)\\n]{0,300}\\)"), ""},
         {std::regex("\\[([^\\]\\n]{0,200})\\]\\([^)\\n]{0,300}\\)"), "$1"},
         {std::regex("(^|\\n)#+ *"), "$1"},
         {std::regex("[*_`]{2,}"), ""},
         {std::regex("[ \\t]*\\n([ \\t]*\\n)+"), "\n\n"}}};
    for (const auto& [mark, replacement] : kMarks)
        text = std::regex_replace(text, mark, replacement);
    text.erase(0, text.find_first_not_of(" \n\t"));
    if (text.size() > kExcerpt) {
        std::size_t end = text.find_last_of(" \n", kExcerpt);
        text.resize(end == std::string::npos ? kExcerpt : end); // a space is never inside a UTF-8 letter
        text += " …";
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

} // namespace lathe
