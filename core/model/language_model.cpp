#include "core/model/language_model.h"

namespace lathe {

LanguageModel::LanguageModel(ModelSummary summary, std::vector<NamedTensor> weights)
    : m_summary(std::move(summary)), m_weights(std::move(weights)) {
    LATHE_EXPECT(m_weights.size() == m_summary.tensors.size());
    for (std::size_t place = 0; place < m_weights.size(); ++place)
        m_places.emplace(m_weights[place].first, place);
}

at::Tensor LanguageModel::output(const ModelInput& input) { return logits(pooled(hidden(input), input)); }

const at::Tensor& LanguageModel::weight(const std::string& name) const {
    if (const auto it = m_places.find(name); it != m_places.end())
        return m_weights[it->second].second;
    contractBroken(("the model has a tensor " + name).c_str(), __FILE__, __LINE__);
}

at::ScalarType LanguageModel::dtype() const { return m_weights.front().second.scalar_type(); }

at::Device LanguageModel::device() const { return m_weights.front().second.device(); }

} // namespace lathe
