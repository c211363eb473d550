#include "core/model/pickle_reader.h"

#include <array>

namespace lathe {

namespace {

using Kind = PickleValue::Kind;
using Names = std::map<std::string, std::size_t>;

constexpr std::array<std::string_view, 4> kNestedUnder{"state_dict", "model_state_dict", "model", "module"};

Result<Names> tensorsOf(const Unpickled& objects, const PickleValue& dict, const std::string& where) {
    Names names;
    for (const auto& [key, value] : objects.dicts[dict.number]) {
        if (key.kind == Kind::Text && value.kind == Kind::Tensor)
            names.insert_or_assign(std::string(objects.text(key)), value.number);
        else if (value.kind == Kind::Tensor)
            return inputError(where, "holds a tensor under a key that is not text; save a state_dict");
    }
    return names;
}

} // namespace

Result<Names> pickledTensors(const Unpickled& objects, const std::string& where) {
    if (objects.root.kind != Kind::Dict)
        return inputError(where,
                          "does not hold a dictionary of names and tensors; save the model's state_dict");
    LATHE_ASSIGN(Names names, tensorsOf(objects, objects.root, where));
    for (const std::string_view nest : kNestedUnder)
        for (const auto& [key, value] : objects.dicts[objects.root.number])
            if (names.empty() && value.kind == Kind::Dict && key.kind == Kind::Text &&
                objects.text(key) == nest) {
                LATHE_ASSIGN(names, tensorsOf(objects, value, where));
            }
    if (names.empty())
        return inputError(where, "holds a dictionary without tensors; save the model's state_dict");
    return names;
}

} // namespace lathe
