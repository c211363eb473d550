#pragma once

#include "core/base/registry.h"
#include "core/model/language_model.h"
#include "core/params/param_schema.h"

#include <filesystem>

namespace lathe {

/// Where an adapter's files belong to.
struct AdapterOrigin {
    std::filesystem::path baseModel; ///< folder of the base model
    std::string taskType = "CAUSAL_LM";
};

/// A method attached to one model: its trainable tensors and how they are kept in files. Belongs to the
/// model's thread; the model outlives it.
class Adapter {
public:
    Adapter() = default;
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;
    virtual ~Adapter() = default;

    /// Trainable leaves by the names of the file, in a fixed order.
    [[nodiscard]] virtual const std::vector<NamedTensor>& parameters() const = 0;
    /// Training mode with the dropout masks of this step; evaluation mode after endTraining(). Evaluation is
    /// the initial state.
    virtual void beginStep(std::int64_t /*step*/) {}
    virtual void endTraining() {}
    /// Writes the files other tools load into an existing folder.
    [[nodiscard]] virtual Status save(const std::filesystem::path& folder,
                                      const AdapterOrigin& origin) const = 0;
};

/// One family of fine-tuning methods.
class AdapterMethod {
public:
    AdapterMethod() = default;
    AdapterMethod(const AdapterMethod&) = delete;
    AdapterMethod& operator=(const AdapterMethod&) = delete;
    virtual ~AdapterMethod() = default;

    [[nodiscard]] virtual ParamSchema options() const = 0;
    /// Everything that does not fit this model, without building anything.
    [[nodiscard]] virtual std::vector<Problem> check(const ModelSummary& model,
                                                     const ParamValues& values) const = 0;
    /// Exact number of trainable parameters, without building anything. Contract: check() found nothing.
    [[nodiscard]] virtual std::int64_t countParameters(const ModelSummary& model,
                                                       const ParamValues& values) const = 0;
    /// Contract: check() found nothing.
    [[nodiscard]] virtual std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                                          std::uint64_t seed) const = 0;
};

/// "lora" and "full" for now.
[[nodiscard]] const Registry<AdapterMethod>& adapterMethods();

[[nodiscard]] std::unique_ptr<AdapterMethod> makeLoraMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeFullMethod();

} // namespace lathe
