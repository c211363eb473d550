#include "core/adapter/parameter_budget.h"

#include <cstdlib>
#include <optional>

namespace lathe {

namespace {

/// Sizes looked at one by one.
constexpr std::int64_t kScanned = 2048;

class Search {
public:
    Search(const AdapterMethod& method, const ModelSummary& model, ParamValues values, std::int64_t target)
        : m_method(method), m_model(model), m_values(std::move(values)), m_target(target) {}

    /// Nothing where the model does not take the size.
    std::optional<std::int64_t> count(std::int64_t size) {
        m_values.set(m_method.sizeKey(), size);
        const std::vector<Problem> problems = m_method.check(m_model, m_values);
        if (problems.empty())
            return m_method.countParameters(m_model, m_values);
        m_problem = problems.front();
        return std::nullopt;
    }

    /// Keeps the size if it is nearer than the best so far.
    void look(std::int64_t size) {
        const auto parameters = count(size);
        if (parameters &&
            (!m_best || std::llabs(*parameters - m_target) < std::llabs(m_best->parameters - m_target)))
            m_best = SizeMatch{size, *parameters};
    }

    Result<SizeMatch> result() const {
        if (m_best)
            return *m_best;
        return inputError(m_problem.key, m_problem.message);
    }

private:
    const AdapterMethod& m_method;
    const ModelSummary& m_model;
    ParamValues m_values;
    std::int64_t m_target;
    std::optional<SizeMatch> m_best;
    Problem m_problem;
};

/// The greatest of `low`, `low` + 1, … below `high` whose count is at most the target, or `low`. A size that
/// the model does not take counts as too great.
std::int64_t crossing(Search& search, std::int64_t low, std::int64_t high, std::int64_t target) {
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        const auto parameters = search.count(middle);
        (parameters && *parameters <= target ? low : high) = middle;
    }
    return low;
}

} // namespace

Result<SizeMatch> matchParameters(const AdapterMethod& method, const ModelSummary& model,
                                  const ParamValues& values, std::int64_t target) {
    const ParamSchema schema = method.options();
    const ParamSpec* size = findSpec(schema, method.sizeKey());
    if (size == nullptr)
        return inputError("match_parameters", "has no effect on a method without a size; choose 0, or a "
                                              "method whose size can be chosen");
    const auto& domain = std::get<IntDomain>(size->domain);
    Search search(method, model, values, target);
    const bool isSmall = domain.high - domain.low < kScanned;
    const std::int64_t place = isSmall ? domain.low : crossing(search, domain.low, domain.high + 1, target);
    const std::int64_t last = isSmall ? domain.high : std::min(domain.high, place + 1);
    for (std::int64_t each = place; each <= last; ++each)
        search.look(each);
    return search.result();
}

} // namespace lathe
