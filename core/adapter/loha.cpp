#include "core/adapter/low_rank_path.h"
#include "core/adapter/lycoris.h"
#include "core/kernels/hadamard_change.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// LoHa, Hyeon-Woo et al. 2022 (arXiv:2108.06098): y = Wx + alpha / r ((A₁ B₁) ⊙ (A₂ B₂)) x. The Hadamard
/// product of two matrices of rank r is one of rank r², with the products of all pairs of columns and of rows
/// as factors: where that is less work than the [out, in] matrix, it is not made.
class LohaSite final : public LycorisSite {
public:
    /// a: [out, R], b: [R, in] each.
    LohaSite(at::Tensor a1, at::Tensor b1, at::Tensor a2, at::Tensor b2, Setup setup)
        : LycorisSite(setup),
          m_a1(std::move(a1)),
          m_b1(std::move(b1)),
          m_a2(std::move(a2)),
          m_b2(std::move(b2)) {}

protected:
    at::Tensor sum(const at::Tensor& x, const LinearBase& base, double scale,
                   const at::Tensor& rows) const override {
        const at::Tensor a1 = rows.defined() ? m_a1 * rows.unsqueeze(1) : m_a1;
        if (isPairedCheaper()) {
            const at::Tensor b = (m_b1.unsqueeze(1) * m_b2.unsqueeze(0)).flatten(0, 1); // [R², in]
            const at::Tensor a = (a1.unsqueeze(2) * m_a2.unsqueeze(1)).flatten(1);      // [out, R²]
            return withLowRank(x, base, b, a, scale, {});
        }
        const at::Tensor change = hadamardChange(x.to(dtype()), a1, m_b1, m_a2, m_b2, scale);
        return base.forward(x) + change.to(base.weight().scalar_type());
    }
    at::Tensor delta() const override { return at::mm(m_a1, m_b1) * at::mm(m_a2, m_b2); }
    at::ScalarType dtype() const override { return m_a1.scalar_type(); }

private:
    [[nodiscard]] bool isPairedCheaper() const {
        const std::int64_t rank = m_b1.size(0), in = m_b1.size(1), out = m_a1.size(0);
        return rank * rank * (in + out) < in * out;
    }

    at::Tensor m_a1, m_b1, m_a2, m_b2;
};

class LohaFamily final : public LycorisFamily {
public:
    std::vector<LycorisTensor> tensors(const Site& site, std::int64_t rank) const override {
        return {{"hada_w1_a", site.out, rank},
                {"hada_w1_b", rank, site.in},
                {"hada_w2_a", site.out, rank},
                {"hada_w2_b", rank, site.in, true}};
    }
    std::shared_ptr<SiteAdapter> site(const Site&, std::int64_t, const std::vector<at::Tensor>& tensors,
                                      LycorisSite::Setup setup) const override {
        return std::make_shared<LohaSite>(tensors[0], tensors[1], tensors[2], tensors[3], setup);
    }
    json settings() const override { return {{"init_weights", true}, {"peft_type", "LOHA"}}; }
};

class LohaMethod final : public LycorisMethod {
public:
    std::string peftType() const override { return "LOHA"; }

protected:
    std::unique_ptr<LycorisFamily> familyOf(const ParamValues&) const override {
        return std::make_unique<LohaFamily>();
    }
    std::unique_ptr<LycorisFamily> familyOf(const json&) const override {
        return std::make_unique<LohaFamily>();
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeLohaMethod() { return std::make_unique<LohaMethod>(); }

} // namespace lathe
