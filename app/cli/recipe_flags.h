#pragma once

#include "core/params/param_schema.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace lathe {

/// The recipe on the command line: a flag for each key of the schema (learning_rate is --learning-rate), and
/// --recipe FILE for all of them at once; flags win over the file, both over the schema's defaults.
class RecipeFlags {
public:
    /// The schema must outlive this, and this the parsing.
    /// `fileNames`: as CLI11 takes them; a bare one makes the file an argument too.
    void addTo(CLI::App& command, std::span<const ParamSpec> schema,
               const std::string& fileNames = "--recipe");
    [[nodiscard]] bool isAnyGiven() const;
    /// What was given, without defaults. Input error naming the flag and the type wanted.
    [[nodiscard]] Result<ParamValues> given() const;

private:
    std::span<const ParamSpec> m_schema;
    std::string m_file;
    CLI::Option* m_fileOption = nullptr; // the command owns its options
    std::map<std::string, std::string> m_texts;
    std::vector<std::pair<const ParamSpec*, CLI::Option*>> m_options;
};

/// "learning_rate" → "--learning-rate"
[[nodiscard]] std::string flagFor(const std::string& key);

} // namespace lathe
