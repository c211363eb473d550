#include "core/search/point.h"

#include "core/params/study_rules.h"
#include "core/search/ask_tell.h"
#include "core/search/draw.h"
#include "core/search/ranking.h"

#include <algorithm>

namespace lathe {

namespace {

/// As a small space may be nearly used up; a large one hardly needs a second draw.
constexpr std::uint64_t kDraws = 200;

bool wasTried(const StudyView& study, const ParamValues& point) {
    return std::ranges::find(study.trials, point, &ObservedTrial::values) != study.trials.end();
}

} // namespace

Status checkPoint(const StudySpec& spec, const ParamValues& point) {
    const auto active = drawActive(spec, [&point](const SearchDimension& dimension) -> Result<ParamValue> {
        const ParamValue* value = point.find(dimension.key);
        if (value == nullptr)
            return inputError({}, dimension.key + " has no value");
        if (const auto problem = problemWith(dimension.domain, *value))
            return inputError({}, dimension.key + " " + *problem);
        return *value;
    });
    if (!active.has_value())
        return active.error();
    for (const auto& [key, value] : point.map())
        if (!active->contains(key))
            return inputError({}, key + " has a value, but its condition does not hold");
    return ok();
}

Result<ParamValues> nextPoint(Sampler& sampler, const StudyView& study) {
    const std::int64_t number = nextNumber(study);
    Rng rng = askStream(study.spec.seed, number);
    LATHE_ASSIGN(ParamValues point, sampler.ask(study, rng));
    if (study.spec.mayRepeat || !wasTried(study, point))
        return point;
    LATHE_ASSIGN(const StudyRules rules, StudyRules::make(study.spec));
    constexpr std::uint64_t kFreshStream = 0x6672657368; // "fresh"
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
        const std::uint64_t seed = mixSeed(study.spec.seed, static_cast<std::uint64_t>(number));
        Rng own(mixSeed(mixSeed(seed, kFreshStream), draw));
        LATHE_ASSIGN(ParamValues other, drawActive(study.spec, [&own](const SearchDimension& dimension) {
                         return drawUniform(dimension, own);
                     }));
        if (!wasTried(study, other) && !rules.objection(other))
            return other;
    }
    return point;
}

} // namespace lathe
