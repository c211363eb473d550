#pragma once

#include "core/adapter/adapter.h"
#include "core/adapter/peft_folder.h"
#include "core/base/registry.h"
#include "core/params/param_schema.h"

namespace lathe {

/// Key, of no option, under which attach() finds the token ids of textToEncode(): numbers with blanks between
/// them.
inline constexpr const char* kInitIds = "init_ids";

/// One family of fine-tuning methods.
class AdapterMethod {
public:
    AdapterMethod() = default;
    AdapterMethod(const AdapterMethod&) = delete;
    AdapterMethod& operator=(const AdapterMethod&) = delete;
    virtual ~AdapterMethod() = default;

    /// Keys that several methods share mean the same in each.
    [[nodiscard]] virtual ParamSchema options() const = 0;
    /// The whole-number option that decides how many parameters there are; empty: none does.
    [[nodiscard]] virtual std::string sizeKey() const { return {}; }
    /// Everything that does not fit this model, without building anything.
    [[nodiscard]] virtual std::vector<Problem> check(const ModelSummary& model,
                                                     const ParamValues& values) const = 0;
    /// The model's sites it attaches to; none: it takes the model as a whole. Contract: check() found
    /// nothing.
    [[nodiscard]] virtual std::vector<Site> sites(const ModelSummary& /*model*/,
                                                  const ParamValues& /*values*/) const {
        return {};
    }
    /// Exact number of trainable parameters, without building anything. Contract: check() found nothing.
    [[nodiscard]] virtual std::int64_t countParameters(const ModelSummary& model,
                                                       const ParamValues& values) const = 0;
    /// Whether the head that tells labels apart is trained by the method itself, and counted.
    [[nodiscard]] virtual bool trainsHead() const { return false; }
    /// Whether a fresh adapter leaves the model's answers as they are.
    [[nodiscard]] virtual bool startsAsBase(const ParamValues& /*values*/) const { return true; }
    /// Whether a fresh adapter gives the same answers bit for bit whatever the values of size, scale and
    /// dropout and whatever the seed, the places and all else being the same: what these decide is multiplied
    /// by zero.
    [[nodiscard]] virtual bool startsAlike(const ParamValues& /*values*/) const { return false; }
    /// Whether parts of a batch may be computed at the same time in threads of their own: what is attached
    /// keeps nothing of a pass, and where in the batch a text stands it knows by RowsBefore alone, as dropout
    /// does.
    [[nodiscard]] virtual bool readsPartsApart(const ParamValues& /*values*/) const { return false; }
    /// Text of the options that attach() needs as token ids; empty: none. Whoever has the tokenizer puts them
    /// under kInitIds.
    [[nodiscard]] virtual std::string textToEncode(const ParamValues& /*values*/) const { return {}; }
    /// A fresh adapter. Contract: check() found nothing.
    [[nodiscard]] virtual std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                                          std::uint64_t seed) const = 0;

    /// The peft_type of adapter_config.json that load() reads; empty: none.
    [[nodiscard]] virtual std::string peftType() const { return {}; }
    /// An adapter as its files hold it. Input error: a setting that changes the mathematics and is not
    /// supported (named), a tensor missing, unexpected or of another shape. May throw what nlohmann::json and
    /// std::regex throw; the caller catches it. Contract: peftType() is the folder's.
    [[nodiscard]] virtual Result<std::unique_ptr<Adapter>> load(LanguageModel& model,
                                                                const PeftFolder& folder) const;
};

[[nodiscard]] const Registry<AdapterMethod>& adapterMethods();

/// Reads a folder with adapter_config.json and its tensors, PEFT's, LLM-Adapters' or AdapterHub's, and
/// attaches what it holds. Input error as PeftFolder::read(), AdapterMethod::load() and loadAdapterHub(), or
/// a peft_type that no method reads.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadAdapter(LanguageModel& model,
                                                           const std::filesystem::path& folder);

[[nodiscard]] std::unique_ptr<AdapterMethod> makeLoraMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makePrefixMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makePrefixSubspaceMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makePromptMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makePTuningMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeHeadOnlyMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeAdaLoraMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeVeraMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeLohaMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeLokrMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeIa3Method();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeAdapterHMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeAdapterPMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeParallelMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeOftMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeBoftMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeBitFitMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeLayerNormMethod();
[[nodiscard]] std::unique_ptr<AdapterMethod> makeFullMethod();

} // namespace lathe
