#include "core/model/pickle_machine.h"

#include "core/model/pickle_globals.h"
#include "core/model/pickle_objects.h"
#include "core/model/pickle_state.h"
#include "core/model/quoted.h"

#include <array>
#include <cstdio>

namespace lathe {

namespace {

using Value = PickleValue;
using Kind = PickleValue::Kind;
using State = PickleState;

constexpr std::uint8_t kStop = '.';
constexpr std::uint8_t kNewestProtocol = 5;
constexpr std::size_t kContainerSize = 64;           // an empty list or dictionary with what surrounds it
constexpr std::size_t kItemSize = 3 * sizeof(Value); // vectors double: the old one and the new one

Status protocol(State& state) {
    LATHE_ASSIGN(const std::uint64_t version, state.take(1));
    if (version > kNewestProtocol)
        return state.error("has protocol " + std::to_string(version) + ", known are those up to 5");
    return ok();
}

/// Frames only help those who read from a pipe.
Status frame(State& state) {
    LATHE_ASSIGN(const std::uint64_t size, state.take(8));
    return state.checkAhead(size);
}

template <Kind kKind, std::uint64_t kNumber = 0>
Status constant(State& state) {
    return state.push({kKind, 0, kNumber});
}

template <std::size_t kSize>
Status whole(State& state) {
    LATHE_ASSIGN(std::uint64_t value, state.take(kSize));
    if (kSize == 4) // only the long form has a sign
        value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
    return state.push({Kind::Whole, 0, value});
}

template <std::size_t kLengthSize>
Status large(State& state) {
    LATHE_ASSIGN(const std::uint64_t size, state.take(kLengthSize));
    std::uint64_t value = 0;
    if (size > sizeof value) {
        LATHE_ASSIGN(const Value bytes, state.takeBytes(size, Kind::Large));
        return state.push(bytes);
    }
    LATHE_ASSIGN(value, state.take(size));
    const bool isNegative = size > 0 && (value >> (8 * size - 1) & 1U) != 0;
    if (isNegative && size < sizeof value)
        value |= ~std::uint64_t{0} << (8 * size);
    return state.push({Kind::Whole, 0, value});
}

Status real(State& state) {
    LATHE_TRY(state.take(8));
    return state.push({Kind::Real, 0, 0});
}

template <Kind kKind, std::size_t kLengthSize>
Status bytes(State& state) {
    LATHE_ASSIGN(const std::uint64_t size, state.take(kLengthSize));
    LATHE_ASSIGN(const Value value, state.takeBytes(size, kKind));
    return state.push(value);
}

Status emptyList(State& state) {
    LATHE_TRY(state.charge(kContainerSize));
    state.objects.lists.emplace_back();
    return state.push({Kind::List, 0, state.objects.lists.size() - 1});
}

Status emptyDict(State& state) {
    LATHE_TRY(state.charge(kContainerSize));
    state.objects.dicts.emplace_back();
    return state.push({Kind::Dict, 0, state.objects.dicts.size() - 1});
}

Status mark(State& state) { return state.mark(); }

Status tuple(State& state) {
    LATHE_ASSIGN(const auto items, state.popToMark());
    return state.pushTuple(items);
}

template <std::size_t kCount>
Status shortTuple(State& state) {
    LATHE_ASSIGN(const auto items, state.popLast(kCount));
    return state.pushTuple(items);
}

Status addToList(State& state, const std::vector<Value>& items) {
    LATHE_ASSIGN(const Value list, state.top(Kind::List, "a list"));
    LATHE_TRY(state.charge(kItemSize * items.size()));
    auto& all = state.objects.lists[list.number];
    all.insert(all.end(), items.begin(), items.end());
    return ok();
}

Status append(State& state) {
    LATHE_ASSIGN(const Value item, state.pop());
    return addToList(state, {item});
}

Status appends(State& state) {
    LATHE_ASSIGN(const auto items, state.popToMark());
    return addToList(state, items);
}

/// `items`: a key, its value, the next key, …
Status addToDict(State& state, const std::vector<Value>& items) {
    if (items.size() % 2 != 0)
        return state.error("gives a dictionary a key without a value");
    LATHE_ASSIGN(const Value dict, state.top(Kind::Dict, "a dictionary"));
    LATHE_TRY(state.charge(kItemSize * items.size()));
    for (std::size_t i = 0; i < items.size(); i += 2)
        state.objects.dicts[dict.number].emplace_back(items[i], items[i + 1]);
    return ok();
}

Status setItem(State& state) {
    LATHE_ASSIGN(const auto items, state.popLast(2));
    return addToDict(state, items);
}

Status setItems(State& state) {
    LATHE_ASSIGN(const auto items, state.popToMark());
    return addToDict(state, items);
}

template <std::size_t kSize>
Status put(State& state) {
    LATHE_ASSIGN(const std::uint64_t index, state.take(kSize));
    return state.note(index);
}

Status memoize(State& state) { return state.note(state.notedCount()); }

template <std::size_t kSize>
Status get(State& state) {
    LATHE_ASSIGN(const std::uint64_t index, state.take(kSize));
    return state.pushNoted(index);
}

Status discard(State& state) {
    LATHE_TRY(state.pop());
    return ok();
}

Status discardToMark(State& state) {
    LATHE_TRY(state.popToMark());
    return ok();
}

Status pushGlobal(State& state, std::string_view module, std::string_view name) {
    const auto known = findPickleGlobal(module, name);
    if (!known)
        return inputError(state.where(),
                          "uses " + inQuotes(std::string(module) + "." + std::string(name)) +
                              ", which a file of tensors does not need; nothing of it was run. Take "
                              "the model's safetensors file, or do not trust this one");
    return state.push({Kind::Global, 0, *known});
}

Status global(State& state) {
    LATHE_ASSIGN(const std::string_view module, state.takeLine());
    LATHE_ASSIGN(const std::string_view name, state.takeLine());
    return pushGlobal(state, module, name);
}

Status stackGlobal(State& state) {
    LATHE_ASSIGN(const auto names, state.popLast(2));
    if (names[0].kind != Kind::Text || names[1].kind != Kind::Text)
        return state.error("names a function by something that is not text");
    return pushGlobal(state, state.objects.text(names[0]), state.objects.text(names[1]));
}

/// REDUCE, and NEWOBJ, which is cls.__new__(cls, *arguments): the same for the one class that may be made.
Status call(State& state) {
    LATHE_ASSIGN(const auto parts, state.popLast(2));
    LATHE_TRY(state.charge(kContainerSize + sizeof(PickledView)));
    LATHE_ASSIGN(const Value made, callPickled(state, parts[0], parts[1]));
    return state.push(made);
}

/// Drops the state: it is the _metadata of a state_dict, which holds versions of modules.
Status build(State& state) {
    LATHE_TRY(state.pop());
    LATHE_TRY(state.top(Kind::Dict, "a dictionary"));
    return ok();
}

Status persistentId(State& state) {
    LATHE_ASSIGN(const Value id, state.pop());
    LATHE_TRY(state.charge(kContainerSize));
    LATHE_ASSIGN(const Value storage, pickledStorage(state, id));
    return state.push(storage);
}

using Handler = Status (*)(State&);
struct Instruction {
    std::uint8_t code;
    Handler run;
};

/// What torch.save() writes, by the names of Python's pickletools.
constexpr std::array kInstructions{
    Instruction{0x80, protocol},                // PROTO
    Instruction{0x95, frame},                   // FRAME
    Instruction{'N', constant<Kind::Nothing>},  // NONE
    Instruction{0x88, constant<Kind::Flag, 1>}, // NEWTRUE
    Instruction{0x89, constant<Kind::Flag, 0>}, // NEWFALSE
    Instruction{'K', whole<1>},                 // BININT1
    Instruction{'M', whole<2>},                 // BININT2
    Instruction{'J', whole<4>},                 // BININT
    Instruction{0x8a, large<1>},                // LONG1
    Instruction{0x8b, large<4>},                // LONG4
    Instruction{'G', real},                     // BINFLOAT
    Instruction{0x8c, bytes<Kind::Text, 1>},    // SHORT_BINUNICODE
    Instruction{'X', bytes<Kind::Text, 4>},     // BINUNICODE
    Instruction{0x8d, bytes<Kind::Text, 8>},    // BINUNICODE8
    Instruction{'U', bytes<Kind::Text, 1>},     // SHORT_BINSTRING, a text of Python 2
    Instruction{'T', bytes<Kind::Text, 4>},     // BINSTRING
    Instruction{'C', bytes<Kind::Raw, 1>},      // SHORT_BINBYTES
    Instruction{'B', bytes<Kind::Raw, 4>},      // BINBYTES
    Instruction{0x8e, bytes<Kind::Raw, 8>},     // BINBYTES8
    Instruction{')', shortTuple<0>},            // EMPTY_TUPLE
    Instruction{0x85, shortTuple<1>},           // TUPLE1
    Instruction{0x86, shortTuple<2>},           // TUPLE2
    Instruction{0x87, shortTuple<3>},           // TUPLE3
    Instruction{'t', tuple},                    // TUPLE
    Instruction{']', emptyList},                // EMPTY_LIST
    Instruction{'}', emptyDict},                // EMPTY_DICT
    Instruction{'(', mark},                     // MARK
    Instruction{'a', append},                   // APPEND
    Instruction{'e', appends},                  // APPENDS
    Instruction{'s', setItem},                  // SETITEM
    Instruction{'u', setItems},                 // SETITEMS
    Instruction{'q', put<1>},                   // BINPUT
    Instruction{'r', put<4>},                   // LONG_BINPUT
    Instruction{0x94, memoize},                 // MEMOIZE
    Instruction{'h', get<1>},                   // BINGET
    Instruction{'j', get<4>},                   // LONG_BINGET
    Instruction{'0', discard},                  // POP
    Instruction{'1', discardToMark},            // POP_MARK
    Instruction{'c', global},                   // GLOBAL
    Instruction{0x93, stackGlobal},             // STACK_GLOBAL
    Instruction{'R', call},                     // REDUCE
    Instruction{0x81, call},                    // NEWOBJ
    Instruction{'b', build},                    // BUILD
    Instruction{'Q', persistentId},             // BINPERSID
};

constexpr std::array<Handler, 256> handlersByCode() {
    std::array<Handler, 256> handlers{};
    for (const Instruction& each : kInstructions)
        handlers[each.code] = each.run;
    return handlers;
}
constexpr std::array<Handler, 256> kHandlers = handlersByCode();

Error unknownInstruction(const State& state, std::uint8_t code) {
    std::array<char, 8> hex{};
    std::snprintf(hex.data(), hex.size(), "0x%02x", static_cast<unsigned>(code));
    return state.error(std::string("has the instruction ") + hex.data() +
                       ", which files of tensors do not use");
}

} // namespace

std::string_view Unpickled::text(const PickleValue& value) const {
    LATHE_EXPECT(value.kind == Kind::Text || value.kind == Kind::Raw || value.kind == Kind::Large);
    const auto part = bytes.subspan(value.number, value.count);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

const PickleValue& Unpickled::item(const PickleValue& tuple, std::size_t index) const {
    LATHE_EXPECT(tuple.kind == Kind::Tuple && index < tuple.count);
    return pool[tuple.number + index];
}

std::vector<std::int64_t> Unpickled::wholes(const PickleValue& tuple) const {
    std::vector<std::int64_t> all;
    all.reserve(tuple.count);
    for (std::size_t i = 0; i < tuple.count; ++i)
        all.push_back(static_cast<std::int64_t>(item(tuple, i).number));
    return all;
}

Result<Unpickled> unpickle(std::span<const std::byte> bytes, const std::string& where,
                           std::uint64_t fileSize) {
    State state(bytes, where, fileSize);
    while (true) {
        LATHE_ASSIGN(const std::uint8_t code, state.nextCode());
        if (code == kStop)
            return state.finish();
        if (kHandlers[code] == nullptr)
            return unknownInstruction(state, code);
        LATHE_TRY(kHandlers[code](state));
    }
}

} // namespace lathe
