#pragma once

#include "core/hub/hub_download.h"

#include <QByteArray>

/// What the Hub's JSON replies say. They come from outside: nothing in them is taken for granted.
namespace lathe {

/// "sha" of a model's info: the commit a revision names. Input error if it is none.
[[nodiscard]] Result<std::string> commitFromInfo(const QByteArray& json);

/// The files of one page of the tree. Input error naming a file whose path leaves the model's folder, whose
/// hash is none, or that is larger than the Hub holds.
[[nodiscard]] Result<std::vector<HubFile>> filesFromTree(const QByteArray& json);

/// The next page of a listing, from its Link header; empty: this was the last one.
[[nodiscard]] QByteArray nextPage(const QByteArray& linkHeader);

/// Those Lathe reads: configuration, tokenizer, chat templates, the card, and the weights in one format:
/// safetensors before PyTorch's, one file before shards. Input error if there is no config.json or no such
/// weights.
[[nodiscard]] Result<std::vector<HubFile>> filesToRead(const std::vector<HubFile>& all);

} // namespace lathe
