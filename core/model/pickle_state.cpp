#include "core/model/pickle_state.h"

#include <cstring>

namespace lathe {

namespace {

constexpr std::size_t kMemoryAllowance = 20'000'000; // for files whose weights are next to nothing
constexpr std::size_t kVectorGrowth = 3;             // the old one and the new one of twice its size
constexpr std::uint64_t kLongestText = 0xffffffff;

} // namespace

PickleState::PickleState(std::span<const std::byte> bytes, const std::string& where, std::uint64_t fileSize)
    : m_where(where), m_fileSize(fileSize) {
    objects.bytes = bytes;
    objects.memoryLeft = kMemoryAllowance + fileSize;
}

Error PickleState::error(const std::string& message) const {
    return inputError(m_where, "has a pickle that " + message + " (byte " + std::to_string(m_start) +
                                   "); the file is damaged, get it again");
}

Status PickleState::charge(std::size_t bytes) {
    if (bytes > objects.memoryLeft)
        return error("would take more memory than a file of its size may");
    objects.memoryLeft -= bytes;
    return ok();
}

Result<std::uint8_t> PickleState::nextCode() {
    m_start = m_at;
    LATHE_ASSIGN(const std::uint64_t code, take(1));
    return static_cast<std::uint8_t>(code);
}

Result<std::uint64_t> PickleState::take(std::size_t size) {
    std::uint64_t value = 0;
    LATHE_EXPECT(size <= sizeof value);
    if (size > objects.bytes.size() - m_at)
        return error("is cut: it ends without a STOP instruction");
    if (size > 0)
        std::memcpy(&value, objects.bytes.data() + m_at, size);
    m_at += size;
    return value;
}

Status PickleState::checkAhead(std::uint64_t size) {
    const std::size_t left = objects.bytes.size() - m_at;
    if (size > left)
        return error("is cut: it needs " + std::to_string(size) + " bytes more, there are " +
                     std::to_string(left));
    return ok();
}

Result<PickleValue> PickleState::takeBytes(std::uint64_t size, PickleValue::Kind kind) {
    LATHE_TRY(checkAhead(size));
    if (size > kLongestText)
        return error("has a text of " + std::to_string(size) + " bytes");
    const PickleValue value{kind, static_cast<std::uint32_t>(size), m_at};
    m_at += size;
    return value;
}

Result<std::string_view> PickleState::takeLine() {
    const std::string_view rest(reinterpret_cast<const char*>(objects.bytes.data()) + m_at,
                                objects.bytes.size() - m_at);
    const std::size_t end = rest.find('\n');
    if (end == rest.npos)
        return error("is cut inside a name");
    m_at += end + 1;
    return rest.substr(0, end);
}

Status PickleState::push(PickleValue value) {
    if (m_stack.size() == m_highest) {
        LATHE_TRY(charge(sizeof value));
        ++m_highest;
    }
    m_stack.push_back(value);
    return ok();
}

Result<PickleValue> PickleState::pop() {
    if (depth() == 0)
        return error("takes a value from an empty stack");
    const PickleValue value = m_stack.back();
    m_stack.pop_back();
    return value;
}

Result<PickleValue> PickleState::top(PickleValue::Kind kind, const char* kindName) {
    if (depth() == 0)
        return error("takes a value from an empty stack");
    if (m_stack.back().kind != kind)
        return error(std::string("changes something that is not ") + kindName);
    return m_stack.back();
}

Status PickleState::mark() {
    LATHE_TRY(charge(kVectorGrowth * sizeof m_stack.size()));
    m_marks.push_back(m_stack.size());
    return ok();
}

Result<std::vector<PickleValue>> PickleState::popToMark() {
    if (m_marks.empty())
        return error("looks for a mark that is not on the stack");
    const std::size_t count = depth();
    m_marks.pop_back();
    return popLast(count);
}

Result<std::vector<PickleValue>> PickleState::popLast(std::size_t count) {
    if (depth() < count)
        return error("takes a value from an empty stack");
    const auto from = m_stack.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<PickleValue> values(from, m_stack.end());
    m_stack.erase(from, m_stack.end());
    return values;
}

Status PickleState::pushTuple(const std::vector<PickleValue>& items) {
    LATHE_TRY(charge(items.size() * sizeof(PickleValue)));
    const PickleValue made{PickleValue::Kind::Tuple, static_cast<std::uint32_t>(items.size()),
                           objects.pool.size()};
    objects.pool.insert(objects.pool.end(), items.begin(), items.end());
    return push(made);
}

Status PickleState::note(std::uint64_t index) {
    if (depth() == 0)
        return error("takes a value from an empty stack");
    if (index > m_notes.size())
        return error("notes a value as number " + std::to_string(index) + ", the next is " +
                     std::to_string(m_notes.size()));
    if (index < m_notes.size()) {
        m_notes[index] = m_stack.back();
        return ok();
    }
    LATHE_TRY(charge(sizeof(PickleValue)));
    m_notes.push_back(m_stack.back());
    return ok();
}

Status PickleState::pushNoted(std::uint64_t index) {
    if (index >= m_notes.size())
        return error("asks for noted value " + std::to_string(index) + " of " +
                     std::to_string(m_notes.size()));
    return push(m_notes[index]);
}

Result<Unpickled> PickleState::finish() {
    LATHE_ASSIGN(objects.root, pop());
    if (!m_stack.empty() || !m_marks.empty())
        return error("stops with values left over");
    objects.size = m_at;
    return std::move(objects);
}

} // namespace lathe
