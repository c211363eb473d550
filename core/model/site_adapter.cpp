#include "core/model/site_adapter.h"

#include "core/kernels/packed_weight.h"
#include "core/kernels/work_scope.h"

namespace lathe {

at::Tensor LinearBase::forward(const at::Tensor& x) const {
    if (isPlain())
        return frozenLinear(x, m_weight, m_bias);
    return m_below[m_count - 1]->apply(x, LinearBase(m_weight, m_bias, m_below, m_count - 1));
}

at::Tensor adaptedLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         const AdapterStack<SiteAdapter>& stack) {
    if (stack.isEmpty())
        return frozenLinear(x, weight, bias);
    const WorkScope scope("lathe::adapter");
    return LinearBase(weight, bias, stack.parts(), stack.parts().size()).forward(x);
}

} // namespace lathe
