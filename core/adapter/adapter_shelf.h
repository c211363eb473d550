#pragma once

#include "core/adapter/adapter.h"
#include "core/base/adapter_mix.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lathe {

/// The adapters a model has on, in their order, and those it had on lately: switching reads no file twice.
/// Belongs to the model's thread; the model outlives it. Nobody else puts adapters on the model meanwhile.
class AdapterShelf {
public:
    explicit AdapterShelf(LanguageModel& model) : m_model(model) {}
    AdapterShelf(const AdapterShelf&) = delete;
    AdapterShelf& operator=(const AdapterShelf&) = delete;
    ~AdapterShelf(); ///< leaves the model as it was

    /// Has exactly these on. Input error, with everything as before, where a folder is given twice, does not
    /// fit the model, cannot be scaled, or cannot be on together with another one; where it is to be merged
    /// and the mathematics does not allow it. Names the folder.
    [[nodiscard]] Status choose(const AdapterMix& mix);
    /// How the model answers now, in tensors of the same shapes each time.
    using Answer = std::function<Result<std::vector<at::Tensor>>()>;
    /// Folds what is on into the weights, compares the answers, takes it out again and compares the base's;
    /// the mix is then as before. Errors as choose() and `answer`.
    [[nodiscard]] Result<MergeCheck> checkMerge(const Answer& answer);
    /// As Adapter::mergedWeight() with all adapters in their order. Contract: the mix is not merged.
    [[nodiscard]] Result<at::Tensor> mergedWeight(const std::string& name) const;

private:
    struct Kept {
        std::filesystem::path folder;
        std::unique_ptr<Adapter> adapter;
    };
    [[nodiscard]] Result<Adapter*> fetch(const std::filesystem::path& folder);
    [[nodiscard]] Status read(const AdapterMix& mix);
    [[nodiscard]] Status putOn(const AdapterMix& mix);
    [[nodiscard]] Status put(const AdapterChoice& choice, bool isMerged);
    [[nodiscard]] Status checkBeside(const AdapterChoice& choice, const Adapter& adapter) const;
    void takeOff();
    void forgetOldest();

    LanguageModel& m_model;
    std::vector<Kept> m_kept; ///< the one used last is the last
    std::vector<Adapter*> m_on;
    std::optional<AdapterMix> m_mix = AdapterMix{}; ///< nothing: taken off, or half put on
};

} // namespace lathe
