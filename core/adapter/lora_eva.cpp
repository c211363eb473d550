#include "core/adapter/lora_eva.h"

#include "core/adapter/low_rank.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cosine_similarity.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr double kSettled = 0.99;
constexpr int kMostBatches = 100;

/// Each direction's largest entry is positive, so that the same data give the same signs.
at::Tensor withFixedSigns(const at::Tensor& directions) {
    const at::Tensor largest = directions.gather(1, directions.abs().argmax(1, true));
    return directions * largest.sign();
}

/// What the sites read, and which of them read the same.
class Inputs {
public:
    Inputs(const std::vector<EvaSite>& sites, double rho) {
        for (const EvaSite& each : sites)
            m_components.push_back(std::lround(static_cast<double>(each.rank) * rho));
        m_sources.resize(sites.size());
    }

    void begin(const at::Tensor& tokens) {
        m_tokens = tokens;
        m_current.clear();
    }
    void read(std::size_t site, const at::Tensor& x) {
        if (m_isGrouping)
            return group(site, x);
        if (m_sources[site] != site || m_pcas[site].isDone)
            return;
        const at::Tensor rows = rowsOf(x);
        if (rows.size(0) >= m_pcas[site].pca.components())
            m_pcas[site].pca.add(rows);
    }
    /// The first batch tells which sites read the same.
    void endGrouping() {
        m_isGrouping = false;
        m_current.clear();
        for (std::size_t site = 0; site < m_sources.size(); ++site) {
            std::int64_t& most = m_components[m_sources[site]];
            most = std::max(most, m_components[site]);
        }
        for (std::size_t site = 0; site < m_sources.size(); ++site)
            m_pcas.push_back({IncrementalPca(m_components[m_sources[site]]), false});
    }
    [[nodiscard]] const IncrementalPca& pcaOf(std::size_t site) const { return m_pcas[m_sources[site]].pca; }
    /// Whether nothing has to be read any more for these ranks.
    bool settle(const std::vector<std::int64_t>& ranks) {
        for (std::size_t site = 0; site < m_pcas.size(); ++site)
            m_pcas[site].isDone = true;
        for (std::size_t site = 0; site < ranks.size(); ++site)
            if (!pcaOf(site).isSettled(ranks[site]))
                m_pcas[m_sources[site]].isDone = false;
        return std::ranges::all_of(m_pcas, &Source::isDone);
    }

private:
    struct Source {
        IncrementalPca pca;
        bool isDone = false;
    };

    [[nodiscard]] at::Tensor rowsOf(const at::Tensor& x) const {
        const at::Tensor flat = x.flatten(0, -2);
        const at::Tensor rows = x.dim() == 3 ? flat.index_select(0, m_tokens) : flat;
        return rows.scalar_type() == at::kDouble ? rows : rows.to(at::kFloat);
    }
    void group(std::size_t site, const at::Tensor& x) {
        m_sources[site] = site;
        for (const auto& [other, input] : m_current) // held, so that no memory is used twice
            if (input.is_same(x) || (input.data_ptr() == x.data_ptr() && input.sizes() == x.sizes()))
                m_sources[site] = m_sources[other];
        m_current.emplace_back(site, x);
    }

    bool m_isGrouping = true;
    std::vector<std::int64_t> m_components; // by site
    std::vector<std::size_t> m_sources;     // by site: the first that reads the same
    std::vector<Source> m_pcas;             // by site; in use where the site is its own source
    std::vector<std::pair<std::size_t, at::Tensor>> m_current;
    at::Tensor m_tokens;
};

/// Looks on at a site.
class Observer final : public SiteAdapter {
public:
    Observer(Inputs& inputs, std::size_t site) : m_inputs(inputs), m_site(site) {}
    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        m_inputs.read(m_site, x);
        return base.forward(x);
    }

private:
    Inputs& m_inputs;
    std::size_t m_site;
};

/// The budget goes to the directions that explain most, whichever site's.
std::vector<std::int64_t> distribute(const Inputs& inputs, const std::vector<EvaSite>& sites) {
    std::vector<std::pair<double, std::size_t>> all; // explained share, site
    std::int64_t budget = 0;
    for (std::size_t site = 0; site < sites.size(); ++site) {
        const at::Tensor& explained = inputs.pcaOf(site).explained();
        if (!explained.defined())
            continue;
        budget += sites[site].rank;
        const at::Tensor values = explained.cpu().contiguous();
        for (std::int64_t i = 0; i < values.size(0); ++i)
            all.emplace_back(values.const_data_ptr<double>()[i], site);
    }
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::int64_t> ranks(sites.size(), 0);
    for (std::size_t i = 0; i < std::min(all.size(), static_cast<std::size_t>(budget)); ++i)
        ++ranks[all[i].second];
    return ranks;
}

} // namespace

void IncrementalPca::add(const at::Tensor& rows) {
    LATHE_EXPECT(rows.size(0) >= m_count);
    const auto count = static_cast<double>(rows.size(0));
    const at::Tensor exact = rows.to(at::kDouble);
    const at::Tensor mean = exact.mean(0);
    const at::Tensor centred = rows - mean.to(rows.scalar_type());
    const at::Tensor squares = (exact - mean).square().sum(0);
    at::Tensor stack = centred;
    if (m_seen == 0) {
        m_mean = mean;
        m_squares = squares;
    } else {
        const at::Tensor shift = m_mean - mean;
        const double weight = m_seen * count / (m_seen + count);
        stack = at::cat({m_singular.unsqueeze(1) * m_directions, centred,
                         (std::sqrt(weight) * shift).to(rows.scalar_type()).unsqueeze(0)});
        m_squares = m_squares + squares + weight * shift.square();
        m_mean = (m_mean * m_seen + mean * count) / (m_seen + count);
    }
    m_seen += count;
    const Decomposition svd = truncatedSvd(stack, m_count);
    const at::Tensor directions = withFixedSigns(svd.vt);
    if (m_directions.defined())
        m_similarities = at::cosine_similarity(directions, m_directions, 1);
    m_directions = directions;
    m_singular = svd.s;
    m_explained = svd.s.to(at::kDouble).square() / m_squares.sum();
}

bool IncrementalPca::isSettled(std::int64_t count) const {
    if (count == 0)
        return true;
    return m_similarities.defined() &&
           m_similarities.narrow(0, 0, std::min(count, m_similarities.size(0))).min().item<double>() >=
               kSettled;
}

std::vector<at::Tensor> evaDirections(LanguageModel& model, const std::vector<EvaSite>& sites, double rho,
                                      const NextCalibrationBatch& next) {
    const at::NoGradGuard noGrad;
    Inputs inputs(sites, rho);
    std::vector<Attachment> observers;
    bool readsHead = false;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        observers.push_back(model.attach(sites[i].site.name, std::make_shared<Observer>(inputs, i)));
        readsHead = readsHead || sites[i].site.kind == SiteKind::Head;
    }
    const auto run = [&](const CalibrationBatch& batch) {
        inputs.begin(batch.tokens);
        const at::Tensor hidden = model.hidden(batch.input);
        if (readsHead)
            (void)model.logits(model.pooled(hidden, batch.input));
    };
    std::optional<CalibrationBatch> batch = next();
    std::vector<at::Tensor> directions(sites.size());
    if (!batch)
        return directions;
    run(*batch);
    inputs.endGrouping();
    std::vector<std::int64_t> ranks(sites.size());
    for (int i = 0; i < kMostBatches && batch; ++i, batch = next()) {
        run(*batch);
        ranks = distribute(inputs, sites);
        if (inputs.settle(ranks))
            break;
    }
    for (std::size_t site = 0; site < sites.size(); ++site)
        if (inputs.pcaOf(site).directions().defined())
            directions[site] = inputs.pcaOf(site).directions().narrow(0, 0, ranks[site]).clone();
    return directions;
}

} // namespace lathe
