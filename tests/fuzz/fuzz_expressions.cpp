#include "core/params/expression.h"
#include "tests/fuzz/fuzz_driver.h"

#include <cstdlib>

using namespace lathe;

namespace {

void readExpression(std::span<const std::byte> bytes) {
    const ExpressionNames names{{{"rank", ExpressionType::Int},
                                 {"rate", ExpressionType::Real},
                                 {"method", ExpressionType::Text},
                                 {"bf16", ExpressionType::Bool}},
                                false};
    const ParamValues values{
        {"rank", std::int64_t{8}}, {"rate", std::string("3e-4")}, {"bf16", true}}; // method has none
    const ValueOf valueOf = [&values](std::string_view name) { return values.find(name); };
    const auto expression = Expression::parse(fuzz::textOf(bytes), names);
    if (!expression.has_value()) {
        if (expression.error().message.empty())
            std::abort();
        fuzz::outcome(expression.error().message);
        return;
    }
    const auto value = expression->value(valueOf);
    fuzz::outcome(!value.has_value()   ? value.error().message
                  : value->has_value() ? toText(**value)
                                       : "unknown");
    if (expression->isLimit())
        (void)expression->excess(valueOf);
}

} // namespace

int main(int argc, char** argv) {
    return fuzz::runFuzzer(argc, argv,
                           {{"expression",
                             readExpression,
                             {"2 * rank", "method == 'lora' and rank > 64 and not bf16",
                              "min(rank, 3, 5) <= max(1, floor(rate * 1e4))",
                              "pow(2, rank) >= log2(rank) / 3.5", "(1 + 2) * -rank - .5 < sqrt(rate)",
                              "`rank` != 8 || bf16 && true", "round(abs(rank - 10)) == 2 or \"a\" == method"},
                             {"and ", "or ", "not ", "(", ")", "min(", "pow(", "1e308", "9007199254740992",
                              "/ 0", "==", "<=", "''", "`rate`", "rank", "method", "bf16"},
                             {},
                             true}});
}
