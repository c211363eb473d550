#include "core/base/work_time.h"

#include "core/base/contract.h"

#include <sstream>

namespace lathe {

namespace {

constexpr std::array<std::string_view, kWorkKinds> kNames = {
    "base_products", "adapter_products", "attention", "elementwise",
    "loss_and_head", "optimizer",        "data",      "other"};

/// Names of templates hold commas.
std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

} // namespace

std::string_view toString(WorkKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    LATHE_EXPECT(index < kWorkKinds);
    return kNames[index];
}

std::string toCsv(const StepProfile& profile) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << "kind,operator,calls,ms,share\n";
    const auto end = [&](double seconds) { out << seconds * 1e3 << ',' << profile.shareOf(seconds) << '\n'; };
    for (std::size_t i = 0; i < kWorkKinds; ++i) {
        out << kNames[i] << ",,,";
        end(profile.kinds[i]);
    }
    for (const OperatorTime& each : profile.operators) {
        out << toString(each.kind) << ',' << quoted(each.name) << ',' << each.calls << ',';
        end(each.seconds);
    }
    return std::move(out).str();
}

} // namespace lathe
