#include "core/base/files.h"
#include "resources/examples/generator/corpus.h"
#include "resources/examples/generator/data_sets.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace {

constexpr const char* kUsage = "Usage: lathe_make_examples corpus FILE [BYTES [SEED]]\n"
                               "       lathe_make_examples data FOLDER [SEED]\n";

int report(const lathe::Status& status) {
    if (status.has_value())
        return 0;
    std::fprintf(stderr, "%s\n", status.error().text().c_str());
    return 2;
}

/// Digits only; 0 if it is anything else, which no option allows.
unsigned long long numberFrom(const char* text) {
    char* end = nullptr;
    const unsigned long long value = std::strtoull(text, &end, 10);
    return *end == '\0' ? value : 0;
}

lathe::Status writeDataSets(const std::filesystem::path& folder,
                            const lathe::examples::DataSetOptions& options) {
    LATHE_TRY(lathe::ensureWritableFolder(folder));
    const lathe::examples::Lexicon lexicon;
    for (const auto& set : makeDataSets(lexicon, options)) {
        LATHE_TRY(lathe::writeFileAtomically(folder / (set.name + ".train.jsonl"), toJsonLines(set.train)));
        LATHE_TRY(lathe::writeFileAtomically(folder / (set.name + ".test.jsonl"), toJsonLines(set.test)));
    }
    return lathe::ok();
}

} // namespace

/// Writes the pre-training corpus or the data sets of the built-in examples.
int main(int argc, char** argv) {
    const std::string_view what = argc > 2 ? argv[1] : "";
    for (int i = 3; i < argc; ++i)
        if (numberFrom(argv[i]) == 0)
            return report(lathe::inputError(argv[i], "is not a whole number above 0"));
    if (what == "corpus" && argc <= 5) {
        lathe::examples::CorpusOptions options;
        options.byteCount = argc > 3 ? numberFrom(argv[3]) : options.byteCount;
        options.seed = argc > 4 ? numberFrom(argv[4]) : options.seed;
        return report(lathe::writeFileAtomically(argv[2], makeCorpus(lathe::examples::Lexicon(), options)));
    }
    if (what == "data" && argc <= 4) {
        lathe::examples::DataSetOptions options;
        options.seed = argc > 3 ? numberFrom(argv[3]) : options.seed;
        return report(writeDataSets(argv[2], options));
    }
    std::fputs(kUsage, stderr);
    return 2;
}
