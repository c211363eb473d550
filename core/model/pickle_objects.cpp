#include "core/model/pickle_objects.h"

#include "core/model/pickle_globals.h"
#include "core/model/quoted.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace lathe {

namespace {

using Value = PickleValue;
using Kind = PickleValue::Kind;
using Role = PickleGlobal::Role;

constexpr std::size_t kMaxDimensions = 64; // LibTorch's limit
constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

/// A tuple of at most 64 integers in [0, 2^63).
bool areSizes(const PickleState& state, const Value& tuple) {
    if (tuple.kind != Kind::Tuple || tuple.count > kMaxDimensions)
        return false;
    for (std::size_t i = 0; i < tuple.count; ++i) {
        const Value& item = state.objects.item(tuple, i);
        if (item.kind != Kind::Whole || item.number > kLargest)
            return false;
    }
    return true;
}

/// Elements of the storage that a view needs, from its first; nothing if that, or the view itself, is too
/// large.
std::optional<std::uint64_t> needed(const PickleState& state, const PickledView& view) {
    std::uint64_t last = view.offset;
    std::uint64_t count = 1; // as if no size were 0: LibTorch multiplies them all the same
    bool isEmpty = false;
    bool isWrong = false;
    for (std::size_t i = 0; i < view.shape.count; ++i) {
        const std::uint64_t size = state.objects.item(view.shape, i).number;
        const std::uint64_t stride = state.objects.item(view.strides, i).number;
        const std::uint64_t atLeastOne = std::max<std::uint64_t>(size, 1);
        std::uint64_t step = 0;
        isEmpty = isEmpty || size == 0;
        isWrong = isWrong || __builtin_mul_overflow(atLeastOne - 1, stride, &step) ||
                  __builtin_add_overflow(last, step, &last) ||
                  __builtin_mul_overflow(count, atLeastOne, &count);
    }
    // A view may name elements more than once; its copy must not be larger than the file for that.
    const std::uint64_t elementSize = c10::elementSize(view.dtype);
    const std::uint64_t most = (isEmpty ? kLargest : state.fileSize()) / elementSize;
    if (isWrong || last >= kLargest || count > most)
        return std::nullopt;
    return isEmpty ? view.offset : last + 1;
}

Result<Value> addView(PickleState& state, PickledView view) {
    const PickledStorage& storage = state.objects.storages[view.storage];
    const std::uint64_t held = storage.count * storage.elementSize() / c10::elementSize(view.dtype);
    const auto count = needed(state, view);
    if (!count || *count > held)
        return state.error("makes a tensor of " + (count ? std::to_string(*count) : "more than the file's") +
                           " elements, counted from the start of storage " + inQuotes(storage.key) +
                           ", which has " + std::to_string(held));
    state.objects.tensors.push_back(view);
    return Value{Kind::Tensor, 0, state.objects.tensors.size() - 1};
}

/// (storage, offset, size, stride, …); an untyped storage's dtype is the seventh.
Result<Value> rebuildTensor(PickleState& state, const Value& arguments, bool isUntyped) {
    const auto at = [&](std::size_t i) -> const Value& { return state.objects.item(arguments, i); };
    const std::size_t least = isUntyped ? 7 : 4;
    if (arguments.count < least || at(0).kind != Kind::Storage)
        return state.error("makes a tensor of something that is not a storage");
    PickledView view;
    view.storage = at(0).number;
    view.dtype = state.objects.storages[view.storage].dtype;
    if (isUntyped) {
        if (at(6).kind != Kind::Global || pickleGlobal(at(6).number).role != Role::Dtype)
            return state.error("makes a tensor without saying of which type");
        view.dtype = pickleGlobal(at(6).number).dtype;
    } else if (!state.objects.storages[view.storage].isTyped) {
        return state.error("makes a tensor of an untyped storage without saying of which type");
    }
    view.shape = at(2);
    view.strides = at(3);
    if (at(1).kind != Kind::Whole || at(1).number > kLargest || !areSizes(state, view.shape) ||
        !areSizes(state, view.strides) || view.shape.count != view.strides.count)
        return state.error(
            "makes a tensor of an offset, size or stride that is negative, too large or no number");
    view.offset = at(1).number;
    return addView(state, view);
}

/// OrderedDict() or, from Python 2, OrderedDict([[key, value], …]).
Result<Value> makeDict(PickleState& state, const Value& arguments) {
    Unpickled& objects = state.objects;
    const auto isPair = [&](const Value& item) {
        return (item.kind == Kind::Tuple && item.count == 2) ||
               (item.kind == Kind::List && objects.lists[item.number].size() == 2);
    };
    std::vector<std::pair<Value, Value>> items;
    if (arguments.count > 1 || (arguments.count == 1 && objects.item(arguments, 0).kind != Kind::List))
        return state.error("makes a dictionary of something that is not a list");
    if (arguments.count == 1)
        for (const Value& pair : objects.lists[objects.item(arguments, 0).number]) {
            if (!isPair(pair))
                return state.error("makes a dictionary of something that is not pairs");
            LATHE_TRY(state.charge(3 * sizeof items.front())); // vectors double
            const auto part = [&](std::size_t i) {
                return pair.kind == Kind::Tuple ? objects.item(pair, i) : objects.lists[pair.number][i];
            };
            items.emplace_back(part(0), part(1));
        }
    objects.dicts.push_back(std::move(items));
    return Value{Kind::Dict, 0, objects.dicts.size() - 1};
}

} // namespace

Result<PickleValue> callPickled(PickleState& state, const PickleValue& function,
                                const PickleValue& arguments) {
    if (function.kind != Kind::Global || arguments.kind != Kind::Tuple)
        return state.error("calls something that is not one of the functions that make tensors");
    const PickleGlobal& global = pickleGlobal(function.number);
    const auto isFirst = [&](Kind kind) {
        return arguments.count >= 1 && state.objects.item(arguments, 0).kind == kind;
    };
    if (global.role == Role::RebuildTensor || global.role == Role::RebuildUntypedTensor)
        return rebuildTensor(state, arguments, global.role == Role::RebuildUntypedTensor);
    if (global.role == Role::OrderedDict)
        return makeDict(state, arguments);
    if ((global.role == Role::RebuildParameter && isFirst(Kind::Tensor)) ||
        (global.role == Role::Size && isFirst(Kind::Tuple)))
        return state.objects.item(arguments, 0);
    return state.error("calls " + inQuotes(std::string(global.module) + "." + std::string(global.name)) +
                       " with something it does not take");
}

Result<PickleValue> pickledStorage(PickleState& state, const PickleValue& id) {
    const bool isTuple = id.kind == Kind::Tuple && id.count >= 5;
    const auto at = [&](std::size_t i) -> const Value& { return state.objects.item(id, i); };
    if (!isTuple || at(0).kind != Kind::Text || state.objects.text(at(0)) != "storage")
        return state.error("refers to something outside of it that is not a storage");
    if (at(1).kind != Kind::Global || at(2).kind != Kind::Text || at(4).kind != Kind::Whole ||
        at(4).number > kLargest)
        return state.error("refers to a storage by something else than its type, name, place and size");
    if (id.count > 5 && at(5).kind != Kind::Nothing)
        return state.error("refers to a part of a storage, as versions before 0.4 did");
    const PickleGlobal& type = pickleGlobal(at(1).number);
    if (type.role != Role::Storage && type.role != Role::UntypedStorage)
        return state.error("refers to a storage of a type that is none");
    PickledStorage storage;
    storage.key = state.objects.text(at(2));
    storage.isTyped = type.role == Role::Storage;
    storage.dtype = storage.isTyped ? type.dtype : at::ScalarType::Byte;
    storage.count = at(4).number;
    if (storage.count > state.fileSize() / storage.elementSize())
        return state.error("refers to a storage " + inQuotes(storage.key) + " of " +
                           std::to_string(storage.count) + " elements, more than the file's " +
                           std::to_string(state.fileSize()) + " bytes hold");
    state.objects.storages.push_back(storage);
    return Value{Kind::Storage, 0, state.objects.storages.size() - 1};
}

} // namespace lathe
