#include "app/cli/part_options.h"

namespace lathe {

namespace {

Error unknownOption(const std::string& flag, const std::string& part, const std::string& key,
                    std::span<const ParamSpec> schema) {
    return inputError(flag, schema.empty() ? part + " has no options; leave it out"
                                           : "\"" + key + "\" is not an option of " + part +
                                                 "; did you mean " + nearestKey(schema, key) + "?");
}

} // namespace

Result<ParamValues> partOptions(const std::string& flag, const std::string& part,
                                std::span<const ParamSpec> schema, std::span<const std::string> texts) {
    ParamValues values;
    for (const std::string& text : texts) {
        const std::size_t sign = text.find('=');
        if (sign == std::string::npos)
            return inputError(flag, "\"" + text + "\" has no value; write KEY=VALUE");
        const std::string key = text.substr(0, sign);
        const ParamSpec* spec = findSpec(schema, key);
        if (spec == nullptr)
            return unknownOption(flag, part, key, schema);
        LATHE_ASSIGN(ParamValue value, parseValue(*spec, text.substr(sign + 1)));
        values.set(key, std::move(value));
    }
    if (const Status checked = check(schema, values); !checked.has_value())
        return inputError(flag, checked.error().message);
    return values;
}

} // namespace lathe
