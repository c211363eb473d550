#include "core/kernels/gradient_sink.h"

#include "core/base/contract.h"

#include <ATen/Dispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>

namespace lathe {

namespace {

thread_local GradientSink* current = nullptr;

template <typename S>
void addNumbers(S* sum, const S* from, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        sum[i] += from[i];
}

bool isPlain(const at::Tensor& leaf, at::ScalarType dtype) {
    return leaf.requires_grad() && leaf.is_leaf() && leaf.is_cpu() && leaf.is_contiguous() &&
           leaf.scalar_type() == dtype && (dtype == at::kFloat || dtype == at::kDouble);
}

const void* addressOf(const at::Tensor& tensor) { return tensor.unsafeGetTensorImpl(); }

} // namespace

GradientSink::GradientSink(std::span<const at::Tensor> leaves)
    : m_anchor(at::empty({0}).requires_grad_(true)) {
    const at::ScalarType dtype = leaves.empty() ? at::kFloat : leaves.front().scalar_type();
    for (const at::Tensor& leaf : leaves) {
        if (!isPlain(leaf, dtype)) {
            m_others.push_back(leaf);
            continue;
        }
        m_places.push_back({leaf, m_count});
        m_count += leaf.numel();
    }
    std::ranges::sort(m_places, {}, [](const Place& place) { return addressOf(place.leaf); });
}

GradientSink::Place* GradientSink::placeOf(const at::Tensor& leaf) {
    const auto place = std::ranges::lower_bound(m_places, addressOf(leaf), {},
                                                [](const Place& each) { return addressOf(each.leaf); });
    return place != m_places.end() && place->leaf.is_same(leaf) ? &*place : nullptr;
}

bool GradientSink::take(std::span<const at::Tensor> factors) {
    const auto isHere = [this](const at::Tensor& factor) {
        return !factor.requires_grad() || placeOf(factor) != nullptr;
    };
    if (!std::ranges::all_of(factors, isHere))
        return false;
    for (const at::Tensor& factor : factors)
        if (Place* place = placeOf(factor)) {
            place->isTaken = true;
            if (!m_sums.defined())
                m_sums = at::zeros({m_count}, factor.scalar_type());
        }
    return true;
}

void GradientSink::add(const at::Tensor& factor, const at::Tensor& gradient) {
    if (!gradient.defined())
        return;
    const Place* place = placeOf(factor);
    LATHE_EXPECT(place != nullptr && place->isTaken && gradient.is_contiguous());
    AT_DISPATCH_FLOATING_TYPES(m_sums.scalar_type(), "add_gradient", [&] {
        addNumbers(m_sums.data_ptr<scalar_t>() + place->begin, gradient.const_data_ptr<scalar_t>(),
                   gradient.numel());
    });
}

std::vector<at::Tensor> GradientSink::askedOfGraph() const {
    std::vector<at::Tensor> asked = m_others;
    for (const Place& place : m_places)
        asked.push_back(place.leaf);
    asked.push_back(m_anchor);
    return asked;
}

void GradientSink::addToLeaves() const {
    const at::NoGradGuard noGrad;
    for (const Place& place : m_places) {
        if (!place.isTaken)
            continue;
        at::Tensor& gradient = place.leaf.mutable_grad();
        if (!gradient.defined())
            gradient = at::zeros_like(place.leaf);
        LATHE_EXPECT(gradient.is_contiguous());
        AT_DISPATCH_FLOATING_TYPES(m_sums.scalar_type(), "add_gradient", [&] {
            addNumbers(gradient.data_ptr<scalar_t>(), m_sums.const_data_ptr<scalar_t>() + place.begin,
                       place.leaf.numel());
        });
    }
}

SinkScope::SinkScope(GradientSink& sink) {
    LATHE_EXPECT(current == nullptr);
    current = &sink;
}

SinkScope::~SinkScope() { current = nullptr; }

GradientSink* SinkScope::sink() { return current; }

} // namespace lathe
