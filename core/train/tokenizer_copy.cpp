#include "core/train/tokenizer_copy.h"

#include "core/base/files.h"
#include "core/text/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 13> kTokenizerFiles{"tokenizer.json",
                                                      "tokenizer_config.json",
                                                      "special_tokens_map.json",
                                                      "added_tokens.json",
                                                      "chat_template.json",
                                                      "chat_template.jinja",
                                                      "tokenizer.model",
                                                      "spiece.model",
                                                      "vocab.json",
                                                      "merges.txt",
                                                      "vocab.txt",
                                                      "qwen.tiktoken",
                                                      "tokenizer.bin"};
/// Any of them is enough for transformers.
constexpr std::array kVocabularies{"tokenizer.json", "tokenizer.model", "spiece.model",
                                   "vocab.json",     "vocab.txt",       "qwen.tiktoken"};

Status copyFile(const fs::path& from, const fs::path& to) {
    LATHE_ASSIGN(const std::string content, readFile(from));
    return writeFileAtomically(to, content);
}

} // namespace

Status copyTokenizerFiles(const fs::path& from, const fs::path& to) {
    std::error_code problem;
    for (const char* name : kTokenizerFiles)
        if (fs::exists(from / name, problem))
            LATHE_TRY(copyFile(from / name, to / name));
    return ok();
}

Status exportTokenizer(const fs::path& model, const fs::path& to) {
    std::error_code problem;
    const fs::path folder = fs::is_directory(model, problem) ? model : fs::absolute(model).parent_path();
    LATHE_TRY(copyTokenizerFiles(folder, to));
    const bool isWhole =
        std::ranges::any_of(kVocabularies, [&](const char* name) { return fs::exists(to / name, problem); });
    const auto files = readTokenizerFiles(model);
    if (isWhole || !files.has_value()) // a model without a tokenizer is one still
        return ok();
    nlohmann::json settings{{"tokenizer_class", "PreTrainedTokenizerFast"}};
    for (const auto& [role, names] : files->roleNames)
        if (!names.empty())
            settings[role] = names.front();
    LATHE_TRY(writeFileAtomically(to / "tokenizer.json", files->tokenizerJson));
    return writeFileAtomically(to / "tokenizer_config.json", settings.dump(2) + "\n");
}

} // namespace lathe
