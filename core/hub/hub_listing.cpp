#include "core/hub/hub_listing.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

/// The Hub's limit of a single file.
constexpr double kLargestFile = 50.0 * (1 << 30);

bool isHash(const std::string& text) {
    return (text.size() == 40 || text.size() == 64) &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<HubFile> fileFrom(const QJsonObject& entry) {
    const QJsonObject lfs = entry.value(QLatin1String("lfs")).toObject();
    HubFile file;
    file.path = entry.value(QLatin1String("path")).toString().toStdString();
    file.hash = (lfs.isEmpty() ? entry : lfs).value(QLatin1String("oid")).toString().toStdString();
    const double size = (lfs.isEmpty() ? entry : lfs).value(QLatin1String("size")).toDouble(-1);
    if (!isSafeHubPath(file.path))
        return inputError({}, "the Hub lists a file \"" + file.path.substr(0, 200) +
                                  "\", which would lie outside of the model's folder; nothing was written");
    if (!isHash(file.hash))
        return inputError(file.path, "the Hub gives it the hash \"" + file.hash.substr(0, 80) +
                                         "\", which is none; nothing was written");
    if (size < 0 || size > kLargestFile)
        return inputError(
            file.path, "the Hub gives it a size of " +
                           (size < 0 ? std::string("nothing") : sizeText(static_cast<std::uint64_t>(size))) +
                           "; a file has at most 50 GB there");
    file.size = static_cast<std::uint64_t>(size);
    return file;
}

bool isSmallFileToRead(const std::string& path) {
    static constexpr std::array kNames = {"config.json",         "generation_config.json",
                                          "tokenizer.json",      "tokenizer_config.json",
                                          "added_tokens.json",   "special_tokens_map.json",
                                          "vocab.json",          "merges.txt",
                                          "vocab.txt",           "tokenizer.model",
                                          "spiece.model",        "sentencepiece.bpe.model",
                                          "chat_template.jinja", "chat_template.json",
                                          "README.md",           "LICENSE",
                                          "LICENSE.txt",         "LICENSE.md",
                                          "sentencepiece.model", "ice_text.model"};
    if (std::ranges::find(kNames, path) != kNames.end())
        return true;
    if (path.ends_with(".tiktoken"))
        return path.find('/') == std::string::npos;
    return path.starts_with("additional_chat_templates/") && path.ends_with(".jinja");
}

bool has(const std::vector<HubFile>& files, const std::string& path) {
    return std::ranges::find(files, path, &HubFile::path) != files.end();
}

/// The paths of the weights in the format that comes first; empty: there are none.
std::vector<std::string> weightFiles(const std::vector<HubFile>& all) {
    for (const auto& [stem, ending] :
         {std::pair<std::string, std::string>{"model", ".safetensors"}, {"pytorch_model", ".bin"}}) {
        if (has(all, stem + ending))
            return {stem + ending};
        if (!has(all, stem + ending + ".index.json"))
            continue;
        std::vector<std::string> paths{stem + ending + ".index.json"};
        const QRegularExpression shard(
            QStringLiteral("^%1-\\d+-of-\\d+\\%2$")
                .arg(QString::fromStdString(stem), QString::fromStdString(ending)));
        for (const HubFile& file : all)
            if (shard.match(QString::fromStdString(file.path)).hasMatch())
                paths.push_back(file.path);
        if (paths.size() > 1)
            return paths;
    }
    return {};
}

} // namespace

Result<std::string> commitFromInfo(const QByteArray& json) {
    const QString commit = QJsonDocument::fromJson(json).object().value(QLatin1String("sha")).toString();
    if (!isHubCommit(commit.toStdString()))
        return inputError({}, "the Hub names \"" + commit.left(80).toStdString() +
                                  "\" as the commit, which is none; check HF_ENDPOINT");
    return commit.toStdString();
}

Result<std::vector<HubFile>> filesFromTree(const QByteArray& json) {
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (!document.isArray())
        return inputError({}, "the Hub's list of files is no JSON array; check HF_ENDPOINT");
    std::vector<HubFile> files;
    for (const QJsonValue& entry : document.array()) {
        if (entry[QLatin1String("type")].toString() != QLatin1String("file"))
            continue;
        LATHE_ASSIGN(HubFile file, fileFrom(entry.toObject()));
        files.push_back(std::move(file));
    }
    return files;
}

QByteArray nextPage(const QByteArray& linkHeader) {
    static const QRegularExpression next(QStringLiteral("<([^>]*)>\\s*;[^,]*rel=\"?next\"?"));
    return next.match(QString::fromLatin1(linkHeader)).captured(1).toLatin1();
}

Result<std::vector<HubFile>> filesToRead(const std::vector<HubFile>& all) {
    if (!has(all, "config.json"))
        return inputError({}, "has no config.json, so Lathe cannot open it; choose one in the format "
                              "of transformers");
    const std::vector<std::string> weights = weightFiles(all);
    if (weights.empty())
        return inputError({}, "has neither model.safetensors nor pytorch_model.bin, so Lathe cannot "
                              "open it; choose one with weights in one of these formats");
    std::vector<HubFile> files;
    for (const HubFile& file : all)
        if (isSmallFileToRead(file.path) || std::ranges::find(weights, file.path) != weights.end())
            files.push_back(file);
    // The small ones first: a folder that cannot be opened is known before the gigabytes come.
    std::ranges::stable_sort(files, {}, &HubFile::size);
    return files;
}

} // namespace lathe
