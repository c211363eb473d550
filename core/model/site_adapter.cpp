#include "core/model/site_adapter.h"

#include "core/kernels/packed_weight.h"

namespace lathe {

at::Tensor LinearBase::forward(const at::Tensor& x) const {
    if (isPlain())
        return frozenLinear(x, m_weight, m_bias);
    return m_below[m_count - 1]->apply(x, LinearBase(m_weight, m_bias, m_below, m_count - 1));
}

at::Tensor adaptedLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         const AdapterStack<SiteAdapter>& stack) {
    return LinearBase(weight, bias, stack.parts(), stack.parts().size()).forward(x);
}

} // namespace lathe
