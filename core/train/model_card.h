#pragma once

#include "core/train/run_facts.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A data file of a run.
struct DataFileFacts {
    std::string role; ///< "training", "evaluation"
    std::string name; ///< without its folder
    std::string sha256;
    std::size_t rows = 0;
    std::optional<std::size_t> used; ///< of the rows; not known of runs that did not record it
    std::string losses;              ///< what became of the others; empty: there are none
    std::string problem;             ///< why hash and rows are not known; empty: they are
};

/// What a model card tells.
struct ModelCardFacts {
    std::string title;
    std::string kind;                           ///< "LORA adapter", "merged model": what the folder holds
    std::string baseName;                       ///< as people know it
    std::string hubId;                          ///< of the base; empty: not known
    std::map<std::string, std::string> license; ///< of the base: license, license_name, license_link
    bool isWholeModel = false;
    std::string library;     ///< for the Hub; empty: none
    std::string pipelineTag; ///< "text-generation"
    std::vector<std::string> tags;
    std::string howTo; ///< how to load it, Markdown
    RunFacts run;
    std::vector<DataFileFacts> data;
    std::vector<std::string> dataWarnings; ///< rows in two parts
    std::vector<std::string> versions;     ///< "Lathe 0.2.0"
    double difference = 0;                 ///< of the logits, read back
    std::string comparedOn;
};

/// README.md with the front matter and the headings of the Hub's template
/// (huggingface.co/docs/hub/model-cards).
[[nodiscard]] std::string modelCard(const ModelCardFacts& facts);

} // namespace lathe
