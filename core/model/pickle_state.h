#pragma once

#include "core/model/pickle_machine.h"

namespace lathe {

/// What a pickle's instructions work on: the bytes they are read from, the stack with its marks, the noted
/// values, and the objects made. Every step is checked, and what it may take of memory is counted before it
/// is taken.
class PickleState {
public:
    PickleState(std::span<const std::byte> bytes, const std::string& where, std::uint64_t fileSize);

    /// An error at the running instruction: "has a pickle that …".
    [[nodiscard]] Error error(const std::string& message) const;
    [[nodiscard]] const std::string& where() const { return m_where; }
    [[nodiscard]] std::uint64_t fileSize() const { return m_fileSize; }
    /// Input error if the pickle's share of memory is used up.
    Status charge(std::size_t bytes);

    /// The next instruction's code.
    Result<std::uint8_t> nextCode();
    /// An integer of `size` <= 8 bytes, little-endian.
    Result<std::uint64_t> take(std::size_t size);
    /// Bytes that stay where they are.
    Result<PickleValue> takeBytes(std::uint64_t size, PickleValue::Kind kind);
    /// Up to the next line feed, without it.
    Result<std::string_view> takeLine();
    Status checkAhead(std::uint64_t size);

    Status push(PickleValue value);
    /// Never below the last mark.
    Result<PickleValue> pop();
    /// The value on top, which stays. Input error unless it is a `kind`.
    Result<PickleValue> top(PickleValue::Kind kind, const char* kindName);
    Status mark();
    /// What was pushed since the last mark, which goes with it.
    Result<std::vector<PickleValue>> popToMark();
    /// The last `count` values.
    Result<std::vector<PickleValue>> popLast(std::size_t count);
    Status pushTuple(const std::vector<PickleValue>& items);

    /// Notes the value on top as number `index`: one noted before, or the next.
    Status note(std::uint64_t index);
    Status pushNoted(std::uint64_t index);
    [[nodiscard]] std::size_t notedCount() const { return m_notes.size(); }

    /// The result, with the one value that is left. The state is used up.
    Result<Unpickled> finish();

    Unpickled objects;

private:
    [[nodiscard]] std::size_t depth() const {
        return m_stack.size() - (m_marks.empty() ? 0 : m_marks.back());
    }

    std::string m_where;
    std::uint64_t m_fileSize;
    std::size_t m_at = 0;
    std::size_t m_start = 0;   // of the running instruction
    std::size_t m_highest = 0; // the most values the stack has held
    std::deque<PickleValue> m_stack;
    std::vector<std::size_t> m_marks; // sizes of the stack
    std::deque<PickleValue> m_notes;
};

} // namespace lathe
