#include "app/example_files.h"

#include "app/recipe_file.h"
#include "core/base/text.h"

#include <algorithm>

namespace lathe {

namespace fs = std::filesystem;

Result<fs::path> findExamples() {
    std::error_code unreadable;
    const fs::path program = fs::read_symlink("/proc/self/exe", unreadable);
    const fs::path installed = (program.parent_path() / "../share/lathe/examples").lexically_normal();
    const fs::path source = LATHE_EXAMPLES_SOURCE_DIR;
    for (const fs::path& folder : {installed, source})
        if (fs::is_directory(folder / "recipes", unreadable))
            return folder;
    return inputError("the built-in examples", "are neither in " + installed.string() + " nor in " +
                                                   source.string() + "; install Lathe again");
}

std::vector<std::string> exampleIds(const fs::path& examples) {
    std::vector<std::string> ids;
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(examples / "recipes", unreadable))
        if (entry.path().extension() == ".json")
            ids.push_back(entry.path().stem().string());
    std::sort(ids.begin(), ids.end());
    return ids;
}

Result<ParamValues> readExample(const fs::path& examples, const std::string& id,
                                std::span<const ParamSpec> schema) {
    const std::vector<std::string> ids = exampleIds(examples);
    if (std::find(ids.begin(), ids.end(), id) != ids.end())
        return readRecipeFile(examples / "recipes" / (id + ".json"), schema);
    return inputError("example " + id, "is not in " + examples.string() + "; there are " + joined(ids));
}

} // namespace lathe
