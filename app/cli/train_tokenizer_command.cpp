#include "app/cli/command_set.h"
#include "core/base/files.h"
#include "core/text/tokenizer.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace lathe {

namespace {

namespace fs = std::filesystem;

struct TrainTokenizerOptions {
    std::vector<std::string> files;
    std::size_t vocabulary = 2000;
    std::string out;
    std::size_t contextLength = 256;
};

/// What transformers reads beside tokenizer.json.
std::string tokenizerConfig(std::size_t contextLength) {
    const nlohmann::json config{{"bos_token", "<s>"},
                                {"eos_token", "</s>"},
                                {"model_max_length", contextLength},
                                {"pad_token", "<pad>"},
                                {"tokenizer_class", "PreTrainedTokenizerFast"}};
    return config.dump(2) + "\n";
}

ExitCode trainTokenizer(const TrainTokenizerOptions& options, const Terminal& terminal) {
    const std::vector<fs::path> files(options.files.begin(), options.files.end());
    BpeTraining training;
    training.vocabularySize = options.vocabulary;
    training.specialTokens = {"<pad>", "<s>", "</s>"};
    const auto json = trainByteLevelBpe(files, training);
    if (!json)
        return terminal.refuse(json.error());
    const fs::path folder = options.out;
    Status status = ensureWritableFolder(folder);
    if (status)
        status = writeFileAtomically(folder / "tokenizer.json", *json);
    if (status)
        status =
            writeFileAtomically(folder / "tokenizer_config.json", tokenizerConfig(options.contextLength));
    if (!status)
        return terminal.refuse(status.error());
    terminal.emit({{"tokenizer", (folder / "tokenizer.json").string()}});
    terminal.say("Wrote " + (folder / "tokenizer.json").string());
    return ExitCode::Done;
}

} // namespace

void addTrainTokenizerCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<TrainTokenizerOptions>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "train-tokenizer", "Make a byte-level BPE tokenizer from text files");
    command.add_option("files", options->files, "Text files")->required()->type_name("FILE");
    command
        .add_option("--vocabulary", options->vocabulary,
                    "Entries, the 256 bytes and 3 special tokens included")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{259}, std::size_t{1000000}));
    command.add_option("--context", options->contextLength, "Longest text of the model, in tokens")
        ->capture_default_str();
    command.add_option("--out", options->out, "Folder for tokenizer.json and tokenizer_config.json")
        ->required()
        ->type_name("DIR");
    commands.actions.emplace_back(
        &command, [options](const Terminal& terminal) { return trainTokenizer(*options, terminal); });
}

} // namespace lathe
