#include "core/model/language_model.h"

namespace lathe {

LanguageModel::LanguageModel(ModelSummary summary, std::vector<NamedTensor> weights)
    : m_summary(std::move(summary)), m_weights(std::move(weights)) {
    LATHE_EXPECT(m_weights.size() == m_summary.tensors.size());
}

const at::Tensor& LanguageModel::weight(const std::string& name) const {
    for (const auto& [known, tensor] : m_weights)
        if (known == name)
            return tensor;
    contractBroken(("the model has a tensor " + name).c_str(), __FILE__, __LINE__);
}

at::ScalarType LanguageModel::dtype() const { return m_weights.front().second.scalar_type(); }

at::Device LanguageModel::device() const { return m_weights.front().second.device(); }

} // namespace lathe
