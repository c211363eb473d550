#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"

namespace lathe {

namespace {

/// Every weight of the model is trained; the files are those of a whole model.
class FullAdapter final : public Adapter {
public:
    explicit FullAdapter(LanguageModel& model) : m_model(model) {
        for (const auto& [name, tensor] : model.weights())
            m_parameters.emplace_back(name, at::Tensor(tensor).requires_grad_(true));
    }
    ~FullAdapter() override {
        for (const auto& [name, tensor] : m_parameters)
            at::Tensor(tensor).requires_grad_(false);
    }

    const std::vector<NamedTensor>& parameters() const override { return m_parameters; }
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        return saveModel(m_model, origin.baseModel, folder, at::kBFloat16);
    }

private:
    LanguageModel& m_model;
    std::vector<NamedTensor> m_parameters;
};

class FullMethod final : public AdapterMethod {
public:
    ParamSchema options() const override { return {}; }
    std::vector<Problem> check(const ModelSummary&, const ParamValues&) const override { return {}; }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues&) const override {
        return model.parameters;
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues&, std::uint64_t) const override {
        return std::make_unique<FullAdapter>(model);
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeFullMethod() { return std::make_unique<FullMethod>(); }

} // namespace lathe
