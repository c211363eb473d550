#include "core/search/allowed_sampler.h"

#include "core/params/study_rules.h"
#include "core/search/draw.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace lathe {

namespace {

constexpr std::uint64_t kAgainStream = 0x616761696e; // "again"
constexpr std::string_view kHead = "rejected ";

/// What a point was turned down for, and how often.
using Refusals = std::map<std::string, std::size_t>;

Error nothingAllowed(const Refusals& refusals) {
    std::size_t all = 0;
    const auto* most = &*refusals.begin();
    for (const auto& refusal : refusals) {
        all += refusal.second;
        most = refusal.second > most->second ? &refusal : most;
    }
    return inputError({}, "no point is allowed among " + std::to_string(all) + " that were drawn; " +
                              std::to_string(most->second) + " are left out because of this rule: " +
                              most->first + "; change it, or search where it lets something through");
}

/// Without reading them.
bool canHaveRules(const StudySpec& spec) {
    const auto isBounded = [](const SearchDimension& dimension) {
        return !dimension.atLeast.empty() || !dimension.atMost.empty();
    };
    return !spec.derived.empty() || !spec.forbidden.empty() || std::ranges::any_of(spec.space, isBounded);
}

class AllowedSampler final : public Sampler {
public:
    explicit AllowedSampler(std::unique_ptr<Sampler> within) : m_within(std::move(within)) {}

    ParamSchema options() const override { return m_within->options(); }
    bool drawsAnew() const override { return m_within->drawsAnew(); }
    bool knowsSeveralObjectives() const override { return m_within->knowsSeveralObjectives(); }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        const std::int64_t number = nextNumber(study);
        std::erase_if(m_rejected, [number](const Rejected& one) { return one.before >= number; });
        if (!canHaveRules(study.spec) && m_rejected.empty())
            return m_within->ask(study, rng);
        LATHE_ASSIGN(const StudyRules rules, StudyRules::make(study.spec));
        const std::size_t before = m_rejected.size();
        Result<ParamValues> point = allowedPoint(study, rules, number, rng);
        if (!point.has_value())
            m_rejected.resize(before); // a trial that never was
        return point;
    }

    std::string state() const override {
        if (m_rejected.empty())
            return m_within->state();
        std::string text = std::string(kHead) + std::to_string(m_rejected.size()) + "\n";
        for (const Rejected& one : m_rejected)
            text += std::to_string(one.before) + " " + toJson(one.point) + "\n";
        return text + m_within->state();
    }

    Status restore(std::string_view text) override {
        std::vector<Rejected> rejected;
        if (text.starts_with(kHead)) {
            text.remove_prefix(kHead.size());
            std::int64_t count = 0;
            LATHE_TRY(takeNumber(text, count, '\n'));
            for (; count > 0; --count) {
                Rejected& one = rejected.emplace_back();
                LATHE_TRY(takeNumber(text, one.before, ' '));
                const std::size_t end = std::min(text.find('\n'), text.size());
                LATHE_ASSIGN(one.point, paramValuesFromJson(text.substr(0, end)));
                text.remove_prefix(std::min(end + 1, text.size()));
            }
        }
        LATHE_TRY(m_within->restore(text));
        m_rejected = std::move(rejected);
        return ok();
    }

private:
    static constexpr std::uint64_t kProposals = 20; // of one that costs and remembers
    static constexpr std::uint64_t kRedraws = 100;  // of one that draws by chance
    static constexpr std::int64_t kEvenDraws = 20000;

    /// A proposal that was not allowed, made for trial number `before`.
    struct Rejected {
        std::int64_t before = 0;
        ParamValues point;
    };

    static Status takeNumber(std::string_view& text, std::int64_t& number, char end) {
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc() || number < 0 || read.ptr == text.data() + text.size() || *read.ptr != end)
            return inputError({}, "the saved state of the search is damaged");
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
        return ok();
    }

    Result<ParamValues> allowedPoint(const StudyView& study, const StudyRules& rules, std::int64_t number,
                                     Rng& rng) {
        std::vector<ObservedTrial> trials = withRejected(study);
        const std::uint64_t attempts = m_within->drawsAnew() ? kRedraws : kProposals;
        const std::uint64_t own = mixSeed(study.spec.seed, static_cast<std::uint64_t>(number));
        for (std::uint64_t attempt = 0; attempt < attempts; ++attempt) {
            Rng again(mixSeed(mixSeed(own, kAgainStream), attempt));
            LATHE_ASSIGN(ParamValues point, m_within->ask({study.spec, trials}, attempt == 0 ? rng : again));
            if (!rules.objection(point))
                return point;
            if (m_within->drawsAnew())
                continue;
            trials.push_back(failedAtOnce(nextNumber({study.spec, trials}), point));
            m_rejected.push_back({number, std::move(point)});
        }
        return evenlyDrawn(study.spec, rules, rng);
    }

    static Result<ParamValues> evenlyDrawn(const StudySpec& spec, const StudyRules& rules, Rng& rng) {
        Refusals refusals;
        for (std::int64_t draw = 0; draw < kEvenDraws; ++draw) {
            LATHE_ASSIGN(ParamValues point, drawActive(spec, [&rng](const SearchDimension& dimension) {
                             return drawUniform(dimension, rng);
                         }));
            const auto objection = rules.objection(point);
            if (!objection)
                return point;
            ++refusals[objection->rule];
        }
        return nothingAllowed(refusals);
    }

    static ObservedTrial failedAtOnce(std::int64_t number, const ParamValues& point) {
        return {number, point, TrialState::Failed, std::nullopt};
    }

    /// The history as the sampler within knows it: numbered anew, the rejected proposals in their places.
    std::vector<ObservedTrial> withRejected(const StudyView& study) const {
        std::vector<ObservedTrial> trials;
        auto next = m_rejected.begin();
        for (const ObservedTrial& trial : study.trials) {
            for (; next != m_rejected.end() && next->before <= trial.number; ++next)
                trials.push_back(failedAtOnce(next->before + (next - m_rejected.begin()), next->point));
            trials.push_back(trial);
            trials.back().number += next - m_rejected.begin();
        }
        return trials; // none is left: those of this trial and later ones were taken away
    }

    std::unique_ptr<Sampler> m_within; // never null
    std::vector<Rejected> m_rejected;  // by `before`
};

} // namespace

std::unique_ptr<Sampler> makeAllowedSampler(std::unique_ptr<Sampler> within) {
    LATHE_EXPECT(within != nullptr);
    return std::make_unique<AllowedSampler>(std::move(within));
}

} // namespace lathe
