#include "core/search/axis.h"
#include "core/search/builtin_search.h"
#include "core/search/draw.h"
#include "core/search/latin_hypercube.h"
#include "core/search/ranking.h"
#include "core/search/sobol.h"

#include <algorithm>

namespace lathe {

namespace {

std::size_t placeOf(const SearchDimension& dimension, const StudySpec& spec) {
    return static_cast<std::size_t>(&dimension - spec.space.data());
}

/// Points of a design in the unit cube, each a function of the study's seed and the trial's number alone, so
/// that any number of slots gives the same study. An inactive dimension leaves its coordinate unused.
class DesignSampler : public Sampler {
public:
    bool knowsSeveralObjectives() const final { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) final {
        return drawActive(study.spec, [&](const SearchDimension& dimension) -> Result<ParamValue> {
            const std::size_t place = placeOf(dimension, study.spec);
            LATHE_ASSIGN(const ParamValue any, drawUniform(dimension, rng)); // names a domain without values
            return hasCoordinate(place)
                       ? Axis(dimension).valueAtUnit(coordinate(
                             study.spec, static_cast<std::uint64_t>(nextNumber(study)), place, rng))
                       : any;
        });
    }

protected:
    /// False: the design is not made for so many dimensions, and the rest are drawn at random.
    [[nodiscard]] virtual bool hasCoordinate(std::size_t) const { return true; }
    /// In [0, 1).
    [[nodiscard]] virtual double coordinate(const StudySpec& spec, std::uint64_t number, std::size_t place,
                                            Rng& rng) const = 0;
};

class SobolSampler final : public DesignSampler {
protected:
    bool hasCoordinate(std::size_t place) const override { return place < kSobolDimensions; }
    double coordinate(const StudySpec& spec, std::uint64_t number, std::size_t place, Rng&) const override {
        return sobol(static_cast<std::uint32_t>(number), place, mixSeed(spec.seed, 0x736f626f6c)); // "sobol"
    }
};

/// As many strata as the study has trials; trials beyond the planned ones begin another hypercube.
class LatinHypercubeSampler final : public DesignSampler {
protected:
    double coordinate(const StudySpec& spec, std::uint64_t number, std::size_t place,
                      Rng& rng) const override {
        const auto strata = static_cast<std::uint64_t>(std::max<std::int64_t>(1, spec.trialCount));
        return latinHypercube(mixSeed(spec.seed, 0x6c68), strata, number, place, rng); // "lh"
    }
};

} // namespace

std::unique_ptr<Sampler> makeSobolSampler() { return std::make_unique<SobolSampler>(); }
std::unique_ptr<Sampler> makeLatinHypercubeSampler() { return std::make_unique<LatinHypercubeSampler>(); }

} // namespace lathe
