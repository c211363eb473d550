#include "core/adapter/adapter_method.h"
#include "core/model/save_model.h"

namespace lathe {

namespace {

/// Every weight of the model is trained; the files are those of a whole model.
class FullAdapter final : public Adapter {
public:
    explicit FullAdapter(LanguageModel& model) : Adapter(model, 0) {
        for (const auto& [name, tensor] : model.weights())
            trainInPlace(name);
    }
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        return saveModel(model(), origin.baseModel, folder, at::kBFloat16);
    }
};

class FullMethod final : public AdapterMethod {
public:
    ParamSchema options() const override { return {}; }
    bool trainsHead() const override { return true; }
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
