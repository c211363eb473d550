#include "core/adapter/adapter.h"

#include "core/base/contract.h"
#include "core/kernels/packed_weight.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <set>

namespace lathe {

namespace {

void setData(const at::Tensor& weight, const at::Tensor& data) { at::Tensor(weight).set_data(data); }

} // namespace

Adapter::Adapter(LanguageModel& model, std::uint64_t seed) : m_model(model) { m_context.clock.seed = seed; }

Adapter::~Adapter() {
    if (m_isMerged)
        unmerge();
    for (const at::Tensor& weight : m_inPlace)
        at::Tensor(weight).requires_grad_(false);
    m_inPlace.clear();
    setAttached(false);
}

void Adapter::beginStep(std::int64_t step) {
    m_context.clock.step = step;
    m_context.clock.isTraining = true;
}

void Adapter::setAttached(bool isAttached) {
    LATHE_EXPECT(!m_isMerged && canDetach());
    if (isAttached == m_isAttached)
        return;
    m_isAttached = isAttached;
    m_attachments.clear();
    for (Replaced& each : m_owned) {
        if (!isAttached)
            each.own = each.weight.detach(); // an optimiser may have moved it
        setData(each.weight, isAttached ? each.own : each.original);
        at::Tensor(each.weight).requires_grad_(isAttached);
        if (isAttached)
            each.own = at::Tensor();
    }
    if (isAttached)
        for (const auto& place : m_places)
            m_attachments.push_back(place());
}

void Adapter::setStrength(double strength) {
    LATHE_EXPECT(canScale());
    m_context.strength = strength;
}

at::TensorOptions Adapter::tensorOptions() const {
    return at::TensorOptions(m_model.dtype() == at::kDouble ? at::kDouble : at::kFloat)
        .device(m_model.device());
}

at::Tensor Adapter::addParameter(std::string name, const at::Tensor& value) {
    at::Tensor leaf = value.detach().to(tensorOptions(), false, true).contiguous().requires_grad_(true);
    m_parameters.emplace_back(std::move(name), leaf);
    return leaf;
}

void Adapter::place(const Site& site, std::shared_ptr<SiteAdapter> part) {
    m_linears.emplace_back(site, part);
    m_places.emplace_back([this, name = site.name, part] { return m_model.attach(name, part); });
    m_attachments.push_back(m_places.back()());
}

void Adapter::place(const Site& site, std::shared_ptr<EmbeddingAdapter> part) {
    m_tables.emplace_back(site, part);
    m_places.emplace_back([this, name = site.name, part] { return m_model.attach(name, part); });
    m_attachments.push_back(m_places.back()());
}

void Adapter::place(const Site& site, std::shared_ptr<ResidualAdapter> part) {
    m_unmergeable = site.name;
    m_places.emplace_back([this, name = site.name, part] { return m_model.attach(name, part); });
    m_attachments.push_back(m_places.back()());
}

void Adapter::place(std::shared_ptr<VirtualTokens> part) {
    m_unmergeable = "the virtual tokens";
    m_hasVirtualTokens = true;
    m_places.emplace_back([this, part] { return m_model.attach(part); });
    m_attachments.push_back(m_places.back()());
}

void Adapter::removeParts() {
    LATHE_EXPECT(!m_isMerged && m_isAttached);
    m_attachments.clear();
    m_places.clear();
    m_linears.clear();
    m_tables.clear();
    m_unmergeable.clear();
    m_hasVirtualTokens = false;
    std::set<const at::TensorImpl*> trained;
    for (const Replaced& each : m_owned)
        trained.insert(each.weight.unsafeGetTensorImpl());
    for (const at::Tensor& each : m_inPlace)
        trained.insert(each.unsafeGetTensorImpl());
    std::erase_if(m_parameters, [&trained](const NamedTensor& each) {
        return !trained.contains(each.second.unsafeGetTensorImpl());
    });
}

void Adapter::trainWeight(const std::string& weight, std::string name) {
    const at::Tensor& handle = m_model.weight(weight);
    LATHE_EXPECT(packedIn(handle) == nullptr); // codes are frozen; recipes that ask for it are refused
    m_owned.push_back({handle, handle.detach(), {}});
    setData(handle, handle.detach().clone());
    at::Tensor(handle).requires_grad_(true);
    m_parameters.emplace_back(std::move(name), handle);
}

void Adapter::trainAlso(std::span<const TrainedWeight> weights) {
    for (const TrainedWeight& each : weights)
        if (!m_model.weight(each.weight).requires_grad()) // the method may train it itself
            trainWeight(each.weight, each.file);
}

void Adapter::trainWeights(std::span<const TrainedWeight> weights) {
    for (const TrainedWeight& each : weights)
        trainWeight(each.weight, each.file);
}

void Adapter::trainInPlace(const std::string& weight) {
    m_inPlace.push_back(m_model.weight(weight));
    m_inPlace.back().requires_grad_(true);
    m_parameters.emplace_back(weight, m_inPlace.back());
}

Status Adapter::refuseTied(const Site& site) const {
    if (!m_model.summary().hasTiedHead)
        return ok();
    if (site.kind == SiteKind::Head)
        return inputError(site.name, "cannot be merged: it shares its weight with the token table");
    if (site.kind == SiteKind::Embedding)
        return inputError(site.name, "cannot be merged: the head shares the token table");
    return ok();
}

bool Adapter::hasWeight(const std::string& name) const {
    return std::ranges::any_of(m_model.summary().tensors,
                               [&](const TensorSpec& tensor) { return tensor.name == name; });
}

bool Adapter::replacesWeightOf(const Adapter& other) const {
    return std::ranges::any_of(m_owned, [&other](const Replaced& own) {
        return std::ranges::any_of(
            other.m_owned, [&own](const Replaced& theirs) { return theirs.weight.is_same(own.weight); });
    });
}

TensorSource Adapter::ownWeights() const {
    return [this](const std::string& name) -> Result<at::Tensor> { return denseOf(m_model.weight(name)); };
}

Result<MergedLinear> Adapter::folded(const Site& site, const SiteAdapter& part,
                                     const TensorSource& below) const {
    LATHE_TRY(refuseTied(site));
    LATHE_ASSIGN(const at::Tensor weight, below(site.name + ".weight"));
    const bool hasBias = hasWeight(site.name + ".bias");
    at::Tensor bias;
    if (hasBias) {
        LATHE_ASSIGN(bias, below(site.name + ".bias"));
    }
    const auto wide = [this](const at::Tensor& x) {
        return x.defined() ? x.detach().to(tensorOptions()) : x;
    };
    auto merged = part.merged(wide(site.isTransposed ? weight.t() : weight), wide(bias));
    if (!merged)
        return inputError(site.name, "cannot be merged: no weight computes what this adapter does there");
    if (!hasBias && merged->bias.defined())
        return inputError(site.name, "cannot be merged: the adapter has a bias and the model none there");
    if (site.isTransposed)
        merged->weight = merged->weight.t();
    return std::move(*merged);
}

Result<at::Tensor> Adapter::folded(const Site& site, const EmbeddingAdapter& part,
                                   const TensorSource& below) const {
    LATHE_TRY(refuseTied(site));
    LATHE_ASSIGN(const at::Tensor table, below(site.name + ".weight"));
    return table.detach().to(tensorOptions()) + part.change().detach();
}

Result<std::vector<Adapter::Replaced>> Adapter::mergedWeights() const {
    if (!m_unmergeable.empty())
        return inputError(m_unmergeable, "cannot be merged: no weight computes what this adapter does there");
    std::vector<Replaced> weights;
    const auto store = [&](const std::string& name, const at::Tensor& fresh) {
        const at::Tensor& old = m_model.weight(name);
        weights.push_back({old, old.detach(), fresh.detach().to(old.scalar_type()).contiguous()});
    };
    for (const auto& [site, part] : m_linears) {
        if (packedIn(m_model.weight(site.name + ".weight")) != nullptr)
            return inputError(site.name, "cannot be merged into quantised weights; load the model without "
                                         "quantisation, which unpacks them");
        LATHE_ASSIGN(const MergedLinear merged, folded(site, *part, ownWeights()));
        store(site.name + ".weight", merged.weight);
        if (merged.bias.defined())
            store(site.name + ".bias", merged.bias);
    }
    for (const auto& [site, part] : m_tables) {
        LATHE_ASSIGN(const at::Tensor table, folded(site, *part, ownWeights()));
        store(site.name + ".weight", table);
    }
    return weights;
}

Status Adapter::checkMerge() const {
    if (!m_unmergeable.empty())
        return inputError(m_unmergeable, "cannot be merged: no weight computes what this adapter does there");
    for (const auto& [site, part] : m_linears)
        LATHE_TRY(refuseTied(site));
    for (const auto& [site, part] : m_tables)
        LATHE_TRY(refuseTied(site));
    const at::NoGradGuard noGrad;
    if (!m_linears.empty()) { // the parts of one adapter are of one kind
        LATHE_ASSIGN([[maybe_unused]] const MergedLinear first,
                     folded(m_linears.front().first, *m_linears.front().second, ownWeights()));
    }
    return ok();
}

Result<at::Tensor> Adapter::mergedWeight(const std::string& name) const {
    return mergedWeight(name, ownWeights());
}

Result<at::Tensor> Adapter::mergedWeight(const std::string& name, const TensorSource& below) const {
    LATHE_EXPECT(m_isAttached && !m_isMerged);
    if (!m_unmergeable.empty())
        return inputError(m_unmergeable, "cannot be merged: no weight computes what this adapter does there");
    const at::NoGradGuard noGrad;
    for (const auto& [site, part] : m_linears)
        if (const bool isBias = name == site.name + ".bias"; isBias || name == site.name + ".weight") {
            LATHE_ASSIGN(const MergedLinear merged, folded(site, *part, below));
            return isBias ? merged.bias : merged.weight;
        }
    for (const auto& [site, part] : m_tables)
        if (name == site.name + ".weight")
            return folded(site, *part, below);
    return below(name);
}

Status Adapter::merge() {
    LATHE_EXPECT(m_isAttached && !m_isMerged);
    const at::NoGradGuard noGrad;
    LATHE_ASSIGN(m_merged, mergedWeights());
    for (const Replaced& each : m_merged)
        setData(each.weight, each.own);
    m_attachments.clear();
    m_isMerged = true;
    return ok();
}

void Adapter::unmerge() {
    LATHE_EXPECT(m_isMerged);
    for (const Replaced& each : m_merged)
        setData(each.weight, each.original);
    m_merged.clear();
    for (const auto& place : m_places)
        m_attachments.push_back(place());
    m_isMerged = false;
}

} // namespace lathe
