#include "core/base/files.h"
#include "core/text/tokenizer.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

// Tokenizes the lines of a text file in pieces, as training does, and prints texts, tokens and seconds as one
// line of JSON. See bench/README.md.

using namespace lathe;

int main(int argc, char** argv) {
    CLI::App app("Tokenizes a text file and prints how long that took");
    std::string model;
    std::string file;
    std::size_t piece = 4096;
    app.add_option("--model", model, "Model folder or tokenizer.json")->required();
    app.add_option("--file", file, "Text file, one text a line")->required();
    app.add_option("--piece", piece, "Texts tokenized at once");
    CLI11_PARSE(app, argc, argv);
    const auto tokenizer = Tokenizer::load(model);
    const auto content = readFile(file);
    if (!tokenizer || !content) {
        std::cerr << (tokenizer ? content.error() : tokenizer.error()).text() << "\n";
        return 2;
    }
    std::vector<std::string> texts;
    for (std::size_t begin = 0; begin < content->size();) {
        const std::size_t end = std::min(content->find('\n', begin), content->size());
        texts.push_back(content->substr(begin, end - begin));
        begin = end + 1;
    }
    const auto start = std::chrono::steady_clock::now();
    std::size_t tokens = 0;
    std::uint64_t sum = 0;
    for (std::size_t begin = 0; begin < texts.size(); begin += piece) {
        const std::span<const std::string> part(texts.data() + begin, std::min(piece, texts.size() - begin));
        const auto encodings = tokenizer->encodeBatch(part, true);
        if (!encodings) {
            std::cerr << encodings.error().text() << "\n";
            return 2;
        }
        for (const Encoding& encoding : *encodings)
            for (const std::int32_t id : encoding.ids) {
                ++tokens;
                sum += static_cast<std::uint64_t>(id);
            }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout
        << nlohmann::json{{"texts", texts.size()}, {"tokens", tokens}, {"sum", sum}, {"s", seconds}}.dump()
        << "\n";
    return 0;
}
