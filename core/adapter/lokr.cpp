#include "core/adapter/lycoris.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/kron.h>
#include <ATen/ops/mm.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// A matrix, whole or as a product.
struct Factor {
    at::Tensor whole;       ///< [rows, columns], or undefined
    at::Tensor left, right; ///< [rows, R] and [R, columns]

    [[nodiscard]] at::Tensor matrix() const { return whole.defined() ? whole : at::mm(left, right); }
    /// rows: [n, columns]. Returns [n, rows].
    [[nodiscard]] at::Tensor applied(const at::Tensor& rows) const {
        return whole.defined() ? at::mm(rows, whole.t()) : at::mm(at::mm(rows, right.t()), left.t());
    }
};

/// Letters of LoKr: W₁ is [L, M], W₂ is [K, N]; out = L K, in = M N.
/// LoKr, Yeh et al. 2024 (arXiv:2309.14859): y = Wx + alpha / r (W₁ ⊗ W₂) x. As x is M rows of N, the
/// Kronecker product is W₂ applied to each row and W₁ to what comes out: (W₁ ⊗ W₂) vec X = vec(W₁ X W₂ᵀ).
class LokrSite final : public LycorisSite {
public:
    LokrSite(Factor first, Factor second, Setup setup)
        : LycorisSite(setup), m_first(std::move(first)), m_second(std::move(second)) {}

protected:
    at::Tensor sum(const at::Tensor& x, const LinearBase& base, double scale,
                   const at::Tensor& rows) const override {
        const at::Tensor first = m_first.matrix() * scale; // [L, M]
        const std::int64_t l = first.size(0), m = first.size(1), n = x.size(-1) / m;
        const at::Tensor inner = m_second.applied(x.to(dtype()).reshape({-1, n})); // [n M, K]
        const std::int64_t k = inner.size(1), count = inner.size(0) / m;
        const at::Tensor turned = inner.view({count, m, k}).transpose(1, 2).reshape({count * k, m});
        at::Tensor change = at::mm(turned, first.t()).view({count, k, l}).transpose(1, 2); // [n, L, K]
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = l * k;
        change = change.reshape(shape);
        if (rows.defined())
            change = change * rows;
        return base.forward(x) + change.to(base.weight().scalar_type());
    }
    at::Tensor delta() const override { return at::kron(m_first.matrix(), m_second.matrix()); }
    at::ScalarType dtype() const override {
        return (m_first.whole.defined() ? m_first.whole : m_first.left).scalar_type();
    }

private:
    Factor m_first, m_second;
};

/// Two numbers whose product is `size`, the smaller first: `factor` and its cofactor where it divides, else
/// as near to each other as goes with the smaller at most `factor` (-1: any), as in PEFT.
std::pair<std::int64_t, std::int64_t> factorised(std::int64_t size, std::int64_t factor) {
    if (factor > 0 && size % factor == 0)
        return {factor, size / factor}; // in this order, whichever is smaller
    const std::int64_t most = factor == -1 ? size : factor;
    std::int64_t best = 1;
    for (std::int64_t each = 2; each * each <= size && each <= most; ++each)
        if (size % each == 0)
            best = each;
    return {best, size / best};
}

class LokrFamily final : public LycorisFamily {
public:
    enum class Start { ZeroFirst, ZeroSecond };

    LokrFamily(std::int64_t factor, bool splitsBoth, Start start, bool scalesRankDropout)
        : m_factor(factor),
          m_splitsBoth(splitsBoth),
          m_start(start),
          m_scalesRankDropout(scalesRankDropout) {}

    std::vector<LycorisTensor> tensors(const Site& site, std::int64_t rank) const override {
        const Shape shape = shapeOf(site, rank);
        const bool startsFirst = m_start == Start::ZeroFirst;
        std::vector<LycorisTensor> all;
        if (shape.isFirstWhole) {
            all.push_back({"lokr_w1", shape.l, shape.m, startsFirst});
        } else {
            all.push_back({"lokr_w1_a", shape.l, rank, startsFirst});
            all.push_back({"lokr_w1_b", rank, shape.m});
        }
        if (shape.isSecondWhole) {
            all.push_back({"lokr_w2", shape.k, shape.n, !startsFirst});
        } else {
            all.push_back({"lokr_w2_a", shape.k, rank});
            all.push_back({"lokr_w2_b", rank, shape.n, !startsFirst});
        }
        return all;
    }

    std::shared_ptr<SiteAdapter> site(const Site& site, std::int64_t rank,
                                      const std::vector<at::Tensor>& tensors,
                                      LycorisSite::Setup setup) const override {
        const Shape shape = shapeOf(site, rank);
        setup.isRankDropoutScaled = m_scalesRankDropout;
        auto next = tensors.begin();
        const auto factor = [&next](bool isWhole) {
            if (isWhole)
                return Factor{*next++, {}, {}};
            const at::Tensor left = *next++;
            return Factor{{}, left, *next++};
        };
        Factor first = factor(shape.isFirstWhole);
        return std::make_shared<LokrSite>(std::move(first), factor(shape.isSecondWhole), setup);
    }

    json settings() const override {
        return {{"decompose_both", m_splitsBoth},
                {"decompose_factor", m_factor},
                {"init_weights", m_start == Start::ZeroFirst ? json(true) : json("lycoris")},
                {"peft_type", "LOKR"},
                {"rank_dropout_scale", m_scalesRankDropout}};
    }

private:
    struct Shape {
        std::int64_t l = 0, k = 0, m = 0, n = 0;
        bool isFirstWhole = true, isSecondWhole = true;
    };

    /// A factor is split where the rank is below half its larger side.
    [[nodiscard]] Shape shapeOf(const Site& site, std::int64_t rank) const {
        const auto [m, n] = factorised(site.in, m_factor);
        const auto [l, k] = factorised(site.out, m_factor);
        const bool isFirstWhole = !(m_splitsBoth && 2 * rank < std::max(l, m));
        return {l, k, m, n, isFirstWhole, 2 * rank >= std::max(k, n)};
    }

    std::int64_t m_factor;
    bool m_splitsBoth;
    Start m_start;
    bool m_scalesRankDropout;
};

ParamSpec advanced(std::string key, std::string label, std::string help, Domain domain, ParamValue fallback) {
    return {std::move(key),
            "adapter",
            std::move(label),
            "",
            std::move(help),
            std::move(domain),
            std::move(fallback),
            {},
            true,
            true};
}

class LokrMethod final : public LycorisMethod {
public:
    std::string peftType() const override { return "LOKR"; }

protected:
    ParamSchema ownOptions() const override {
        return {advanced("decompose_factor", "Size of the first factor",
                         "Height and width of the smaller Kronecker factor, where they divide a module's "
                         "sizes. -1: as near to the larger one's as can be.",
                         IntDomain{-1, 1024, 1, false}, std::int64_t{-1}),
                advanced("decompose_both", "Split both factors",
                         "Makes a low-rank product of the first factor too, where it is large enough.",
                         BoolDomain{}, false),
                advanced("lokr_start", "Starts at zero",
                         "Which factor starts at zero: the first, as in PEFT, or the second, as in LyCORIS.",
                         ChoiceDomain{{"first", "second"}, {"First factor", "Second factor"}, false},
                         std::string("first")),
                advanced("rank_dropout_scale", "Scale what dropout leaves",
                         "Divides the rows that dropout leaves by their share.", BoolDomain{}, false)};
    }
    std::unique_ptr<LycorisFamily> familyOf(const ParamValues& values) const override {
        const bool startsFirst = values.text("lokr_start") == "first";
        return std::make_unique<LokrFamily>(values.integer("decompose_factor"), values.flag("decompose_both"),
                                            startsFirst ? LokrFamily::Start::ZeroFirst
                                                        : LokrFamily::Start::ZeroSecond,
                                            values.flag("rank_dropout_scale"));
    }
    std::unique_ptr<LycorisFamily> familyOf(const json& config) const override {
        const bool startsSecond = config.value("init_weights", json()) == "lycoris";
        return std::make_unique<LokrFamily>(
            config.value("decompose_factor", std::int64_t{-1}), config.value("decompose_both", false),
            startsSecond ? LokrFamily::Start::ZeroSecond : LokrFamily::Start::ZeroFirst,
            config.value("rank_dropout_scale", false));
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeLokrMethod() { return std::make_unique<LokrMethod>(); }

} // namespace lathe
