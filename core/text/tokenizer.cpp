#include "core/text/tokenizer.h"

#include "core/base/contract.h"
#include "core/text/rust_border.h"
#include "core/text/tokenizer_files.h"

#include <utility>

namespace lathe {

namespace {

struct FreeTokenizer {
    void operator()(LatheTextTokenizer* tokenizer) const { lathe_text_free(tokenizer); }
};
using Handle = std::unique_ptr<LatheTextTokenizer, FreeTokenizer>;

Result<Handle> parseTokenizer(std::string_view json, std::string_view settings) {
    LatheTextTokenizer* tokenizer = nullptr;
    RustText error;
    const int status = lathe_text_load(viewOf(json), viewOf(settings), &tokenizer, error.out());
    if (status != LATHE_TEXT_OK)
        return rustError(status, "tokenizer.json",
                         "is not a tokenizer this version can read (" + error.text() +
                             "): take the file from the model's publisher again");
    return Handle(tokenizer);
}

/// Texts [from, to) of a flat answer, as columns.
Encoding encodingAt(const LatheTextEncodings& all, std::size_t text) {
    const std::size_t from = text == 0 ? 0 : all.ends[text - 1];
    const std::size_t to = all.ends[text];
    Encoding encoding;
    encoding.ids.assign(all.ids + from, all.ids + to);
    encoding.specialMask.assign(all.special_mask + from, all.special_mask + to);
    encoding.typeIds.assign(all.type_ids + from, all.type_ids + to);
    encoding.offsets.reserve(to - from);
    for (std::size_t token = from; token < to; ++token)
        encoding.offsets.emplace_back(all.offsets[2 * token], all.offsets[2 * token + 1]);
    return encoding;
}

Result<std::vector<Encoding>> encodeViews(const LatheTextTokenizer* tokenizer,
                                          std::span<const LatheTextView> firsts, const LatheTextView* seconds,
                                          bool addSpecialTokens) {
    LatheTextEncodings all{};
    RustText error;
    const int status = lathe_text_encode(tokenizer, firsts.data(), seconds, firsts.size(),
                                         addSpecialTokens ? 1 : 0, &all, error.out());
    if (status != LATHE_TEXT_OK)
        return rustError(status, "tokenizer", error.text());
    std::vector<Encoding> encodings;
    encodings.reserve(all.texts);
    for (std::size_t text = 0; text < all.texts; ++text)
        encodings.push_back(encodingAt(all, text));
    lathe_text_free_encodings(all);
    return encodings;
}

Result<Encoding> onlyOne(Result<std::vector<Encoding>> encodings) {
    if (!encodings)
        return encodings.error();
    LATHE_EXPECT(encodings->size() == 1);
    return std::move(encodings->front());
}

std::optional<std::int32_t> idIn(const LatheTextTokenizer* tokenizer, std::string_view token) {
    const std::int32_t id = lathe_text_id_of(tokenizer, viewOf(token));
    return id < 0 ? std::nullopt : std::optional(id);
}

/// The first of `names` that the vocabulary has.
std::optional<std::string> firstKnown(const LatheTextTokenizer* tokenizer,
                                      std::span<const std::string> names) {
    for (const std::string& name : names)
        if (idIn(tokenizer, name))
            return name;
    return std::nullopt;
}

} // namespace

struct Tokenizer::Content {
    Handle handle;
    std::map<std::string, std::string> specialTokens;
    std::optional<std::int32_t> bosId;
    std::optional<std::int32_t> eosId;
    std::optional<std::int32_t> padId;
    std::map<std::string, std::string> chatTemplates;
    std::optional<std::string> chatTemplate;
    std::vector<std::filesystem::path> files;

    explicit Content(Handle tokenizer, TokenizerFiles described)
        : handle(std::move(tokenizer)),
          chatTemplates(std::move(described.chatTemplates)),
          files(std::move(described.files)) {
        for (const auto& [role, names] : described.roleNames)
            if (const auto name = firstKnown(handle.get(), names))
                specialTokens[role] = *name;
        bosId = idOfRole("bos_token");
        eosId = idOfRole("eos_token");
        padId = idOfRole("pad_token");
        if (const auto found = chatTemplates.find("default"); found != chatTemplates.end())
            chatTemplate = found->second;
    }

    [[nodiscard]] std::optional<std::int32_t> idOfRole(const char* role) const {
        const auto found = specialTokens.find(role);
        return found == specialTokens.end() ? std::nullopt : idIn(handle.get(), found->second);
    }
};

Tokenizer::Tokenizer(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& path) {
    LATHE_ASSIGN(TokenizerFiles described, readTokenizerFiles(path));
    auto handle = parseTokenizer(described.tokenizerJson, described.settingsJson);
    if (!handle)
        return Error{handle.error().kind, described.files.front().string(), handle.error().message};
    return Tokenizer(std::make_unique<Content>(std::move(*handle), std::move(described)));
}

Result<Tokenizer> Tokenizer::fromJson(std::string_view tokenizerJson) {
    LATHE_ASSIGN(Handle handle, parseTokenizer(tokenizerJson, {}));
    return Tokenizer(std::make_unique<Content>(std::move(handle), onlyTokenizerJson({})));
}

Result<Encoding> Tokenizer::encode(std::string_view text, bool addSpecialTokens) const {
    const LatheTextView first = viewOf(text);
    return onlyOne(encodeViews(m_content->handle.get(), {&first, 1}, nullptr, addSpecialTokens));
}

Result<Encoding> Tokenizer::encodePair(std::string_view first, std::string_view second,
                                       bool addSpecialTokens) const {
    const LatheTextView firstView = viewOf(first);
    const LatheTextView secondView = viewOf(second);
    return onlyOne(encodeViews(m_content->handle.get(), {&firstView, 1}, &secondView, addSpecialTokens));
}

Result<std::vector<Encoding>> Tokenizer::encodeBatch(std::span<const std::string> texts,
                                                     bool addSpecialTokens) const {
    const std::vector<LatheTextView> views = viewsOf(texts);
    return encodeViews(m_content->handle.get(), views, nullptr, addSpecialTokens);
}

Result<std::string> Tokenizer::decode(std::span<const std::int32_t> ids, bool skipSpecialTokens) const {
    RustText text;
    RustText error;
    const int status = lathe_text_decode(m_content->handle.get(), ids.data(), ids.size(),
                                         skipSpecialTokens ? 1 : 0, text.out(), error.out());
    if (status != LATHE_TEXT_OK)
        return rustError(status, "tokenizer", error.text());
    return text.text();
}

std::optional<std::int32_t> Tokenizer::idOf(std::string_view token) const {
    return idIn(m_content->handle.get(), token);
}

std::optional<std::string> Tokenizer::tokenOf(std::int32_t id) const {
    RustText token;
    if (lathe_text_token_of(m_content->handle.get(), id, token.out()) == 0)
        return std::nullopt;
    return token.text();
}

bool Tokenizer::isSpecial(std::int32_t id) const {
    return lathe_text_is_special(m_content->handle.get(), id) != 0;
}

std::size_t Tokenizer::vocabularySize() const { return lathe_text_vocabulary_size(m_content->handle.get()); }

std::optional<std::int32_t> Tokenizer::bosId() const { return m_content->bosId; }
std::optional<std::int32_t> Tokenizer::eosId() const { return m_content->eosId; }
std::optional<std::int32_t> Tokenizer::padId() const { return m_content->padId; }
const std::optional<std::string>& Tokenizer::chatTemplate() const { return m_content->chatTemplate; }
const std::map<std::string, std::string>& Tokenizer::chatTemplates() const {
    return m_content->chatTemplates;
}
const std::map<std::string, std::string>& Tokenizer::specialTokens() const {
    return m_content->specialTokens;
}
const std::vector<std::filesystem::path>& Tokenizer::files() const { return m_content->files; }

Result<std::string> trainByteLevelBpe(std::span<const std::filesystem::path> files,
                                      const BpeTraining& options) {
    std::vector<std::string> paths;
    for (const std::filesystem::path& file : files)
        paths.push_back(file.string());
    const std::vector<LatheTextView> pathViews = viewsOf(paths);
    const std::vector<LatheTextView> specialViews = viewsOf(options.specialTokens);
    const LatheTextTraining training{pathViews.data(),           pathViews.size(),       specialViews.data(),
                                     specialViews.size(),        options.vocabularySize, options.threads,
                                     options.splitDigits ? 1 : 0};
    RustText json;
    RustText error;
    const int status = lathe_text_train_bpe(&training, json.out(), error.out());
    if (status != LATHE_TEXT_OK)
        return rustError(status, "tokenizer training", error.text());
    return json.text();
}

} // namespace lathe
