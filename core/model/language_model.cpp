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

template <typename Part>
Attachment LanguageModel::put(const Stacks<Part>& stacks, const std::string& site,
                              std::shared_ptr<Part> part) {
    const auto it = stacks.find(site);
    if (it == stacks.end())
        contractBroken(("the model has a site " + site + " of this kind").c_str(), __FILE__, __LINE__);
    it->second->add(part);
    return Attachment([stack = it->second, raw = part.get()] { stack->remove(raw); });
}

Attachment LanguageModel::attach(const std::string& site, std::shared_ptr<SiteAdapter> adapter) {
    return put(m_linears, site, std::move(adapter));
}

Attachment LanguageModel::attach(const std::string& site, std::shared_ptr<EmbeddingAdapter> adapter) {
    return put(m_tables, site, std::move(adapter));
}

Attachment LanguageModel::attach(const std::string& site, std::shared_ptr<ResidualAdapter> adapter) {
    return put(m_residuals, site, std::move(adapter));
}

Attachment LanguageModel::attach(std::shared_ptr<VirtualTokens> tokens) {
    LATHE_EXPECT(!m_virtualTokens && m_summary.takesVirtualTokens);
    m_virtualTokens = std::move(tokens);
    return Attachment([this] { m_virtualTokens.reset(); });
}

bool LanguageModel::isAdapted() const {
    const auto isUsed = [](const auto& named) { return !named.second->isEmpty(); };
    return m_virtualTokens || std::ranges::any_of(m_linears, isUsed) ||
           std::ranges::any_of(m_tables, isUsed) || std::ranges::any_of(m_residuals, isUsed);
}

at::ScalarType LanguageModel::dtype() const { return m_weights.front().second.scalar_type(); }

at::Device LanguageModel::device() const { return m_weights.front().second.device(); }

} // namespace lathe
