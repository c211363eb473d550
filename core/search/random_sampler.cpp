#include "core/search/builtin_search.h"
#include "core/search/draw.h"

namespace lathe {

namespace {

/// Random search, Bergstra and Bengio 2012 (JMLR 13). It has no state: a point depends on the trial's number
/// alone, so any number of slots gives the same study.
class RandomSampler final : public Sampler {
public:
    bool knowsSeveralObjectives() const override { return true; }
    bool drawsAnew() const override { return true; }

    Result<ParamValues> ask(const StudyView& study, Rng& rng) override {
        return drawActive(study.spec,
                          [&rng](const SearchDimension& dimension) { return drawUniform(dimension, rng); });
    }
};

} // namespace

std::unique_ptr<Sampler> makeRandomSampler() { return std::make_unique<RandomSampler>(); }

} // namespace lathe
