#pragma once

#include "core/adapter/adapter.h"

#include <vector>

namespace lathe {

/// Principal directions of rows that come batch by batch, Ross et al. 2008 (doi:10.1007/s11263-007-0075-7):
/// each batch is decomposed together with what is known so far and a row for the shift of the mean.
class IncrementalPca {
public:
    explicit IncrementalPca(std::int64_t components) : m_count(components) {}

    /// rows: [n, width] fp32 or fp64. Contract: n ≥ components().
    void add(const at::Tensor& rows);
    [[nodiscard]] std::int64_t components() const { return m_count; }
    [[nodiscard]] const at::Tensor& directions() const {
        return m_directions;
    } ///< [k, width]; undefined at first
    /// Share of all variance along each direction, [k] fp64.
    [[nodiscard]] const at::Tensor& explained() const { return m_explained; }
    /// Whether the first `count` directions were the same before the last batch, within cosine 0.99.
    [[nodiscard]] bool isSettled(std::int64_t count) const;

private:
    std::int64_t m_count;
    double m_seen = 0;         ///< rows
    at::Tensor m_mean;         // [width] fp64
    at::Tensor m_squares;      // [width] fp64: sums of squared distances from the mean
    at::Tensor m_directions;   // [k, width]
    at::Tensor m_singular;     // [k]
    at::Tensor m_explained;    // [k]
    at::Tensor m_similarities; // [k]; undefined before the second batch
};

struct EvaSite {
    Site site; ///< a projection or head
    std::int64_t rank = 8;
};

/// The start of EVA, Paischer et al. 2024 (arXiv:2410.07170): principal directions of each site's inputs over
/// training data, [rank, in]; the sum of all ranks is kept, each goes where the next direction explains most,
/// at most `rho` times a site's own, and may be 0. Undefined for a site whose batches had too few tokens.
/// Sites that read the same share one decomposition. Stops when all directions in use have settled, at the
/// latest after 100 batches.
[[nodiscard]] std::vector<at::Tensor> evaDirections(LanguageModel& model, const std::vector<EvaSite>& sites,
                                                    double rho, const NextCalibrationBatch& next);

} // namespace lathe
