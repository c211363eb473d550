#include "core/adapter/adapter_method.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// Nothing but the head that tells labels apart: what the frozen model knows already, and so the baseline
/// that an adapter has to beat ("linear probing").
class HeadOnlyAdapter final : public Adapter {
public:
    explicit HeadOnlyAdapter(LanguageModel& model) : Adapter(model, 0) {
        trainWeights(headWeights(model.summary()));
    }
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        std::vector<std::string> modules{"classifier", "score", "pre_classifier"};
        return writePeftFolder(folder, origin, {{"peft_type", "HEAD_ONLY"}, {"modules_to_save", modules}},
                               parameters(), nlohmann::json());
    }
};

class HeadOnlyMethod final : public AdapterMethod {
public:
    ParamSchema options() const override { return {}; }
    std::string peftType() const override { return "HEAD_ONLY"; } // PEFT itself has none like it
    bool trainsHead() const override { return true; }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues&) const override {
        if (model.head != HeadKind::SequenceClassification)
            return {{"method",
                     "a head alone can be trained only where labels are told apart; choose the task "
                     "\"labels\", or another method"}};
        return {};
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues&) const override {
        return countOf(headWeights(model), model);
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues&, std::uint64_t) const override {
        return std::make_unique<HeadOnlyAdapter>(model);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        if (const auto problems = check(model.summary(), {}); !problems.empty())
            return inputError(folder.configPath(), "holds a head for labels, which this model has none for");
        auto adapter = std::make_unique<HeadOnlyAdapter>(model);
        LATHE_TRY(folder.fill(*adapter));
        return std::unique_ptr<Adapter>(std::move(adapter));
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeHeadOnlyMethod() { return std::make_unique<HeadOnlyMethod>(); }

} // namespace lathe
