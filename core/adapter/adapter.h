#pragma once

#include "core/adapter/dropout.h"
#include "core/adapter/trained_weights.h"
#include "core/model/language_model.h"
#include "core/model/tensor_file.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <span>

namespace lathe {

/// Where an adapter's files belong to.
struct AdapterOrigin {
    std::filesystem::path baseModel; ///< folder of the base model
    std::string taskType = "CAUSAL_LM";
};

/// Parameters that an optimiser treats alike.
struct ParameterGroup {
    std::vector<NamedTensor> parameters;
    double lrFactor = 1;               ///< of the recipe's learning rate
    std::optional<double> weightDecay; ///< nothing: the recipe's
};

/// Training data for an adapter that looks at some before it starts.
struct CalibrationBatch {
    ModelInput input;
    at::Tensor tokens; ///< [n] int64: which of the flattened [B·T] tokens count
};
/// The next batch; nothing where there is none or the run is to stop.
using NextCalibrationBatch = std::function<std::optional<CalibrationBatch>()>;

/// What the sites of one adapter share. They hold a reference to it.
struct AdapterContext {
    DropoutClock clock;
    /// 1: as trained, 0: as if the adapter were not there. What lies between is each family's business.
    double strength = 1;
};

/// A method attached to one model: its trainable tensors and how they are kept in files. Belongs to the
/// model's thread; the model outlives it. Adapters that train the model's own weights (biases, norms, heads)
/// are taken off in the reverse order of their coming.
class Adapter {
public:
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;
    virtual ~Adapter(); ///< leaves the model as it was

    /// Trainable leaves by the names of the file, in a fixed order.
    [[nodiscard]] const std::vector<NamedTensor>& parameters() const { return m_parameters; }
    /// parameters(), by how an optimiser treats them.
    [[nodiscard]] virtual std::vector<ParameterGroup> groups() const { return {{m_parameters, 1, {}}}; }

    /// Whether calibrate() is due before a run or its resumption, ahead of groups() and beginTraining().
    [[nodiscard]] virtual bool wantsCalibration() const { return false; }
    /// Starts from what the model makes of training data; parameters() may be others afterwards. The same
    /// batches give the same start.
    virtual void calibrate(const NextCalibrationBatch& /*next*/) {}
    /// Told once, before the first step of a run or of its resumption.
    virtual void beginTraining(std::int64_t /*totalSteps*/) {}
    /// Training mode with the dropout masks of this step; evaluation mode after endTraining(). Evaluation is
    /// the initial state.
    virtual void beginStep(std::int64_t step);
    virtual void endTraining() { m_context.clock.isTraining = false; }
    /// What is added to the loss, a scalar; undefined: nothing.
    [[nodiscard]] virtual at::Tensor penalty() const { return {}; }
    /// Before the optimiser's update of this step, with the gradients whole and clipped.
    virtual void beforeUpdate(std::int64_t /*step*/) {}
    /// After the optimiser's update of this step (counted from 0), while the gradients are still there.
    virtual void afterUpdate(std::int64_t /*step*/) {}
    /// Trains weights of the model along, such as a new head's; they go into the adapter's file. Before an
    /// optimiser is made.
    void trainAlso(std::span<const TrainedWeight> weights);
    /// What a resumed run needs besides parameters and optimiser, by name; restored in place.
    [[nodiscard]] virtual std::vector<NamedTensor> state() const { return {}; }

    /// Writes the files other tools load into an existing folder.
    [[nodiscard]] virtual Status save(const std::filesystem::path& folder,
                                      const AdapterOrigin& origin) const = 0;

    /// Takes the adapter off the model and puts it back, keeping everything. Contract: canDetach().
    void setAttached(bool isAttached);
    [[nodiscard]] bool canDetach() const { return m_inPlace.empty(); }
    [[nodiscard]] bool isAttached() const { return m_isAttached; }
    /// Contract: canScale().
    void setStrength(double strength);
    [[nodiscard]] double strength() const { return m_context.strength; }
    [[nodiscard]] virtual bool canScale() const {
        return m_owned.empty() && m_inPlace.empty() && !m_hasVirtualTokens;
    }
    /// Whether it puts tokens in front of each text, which only one adapter can do at a time.
    [[nodiscard]] bool hasVirtualTokens() const { return m_hasVirtualTokens; }
    /// Whether both put something in the place of the same weight of the model.
    [[nodiscard]] bool replacesWeightOf(const Adapter& other) const;
    /// Folds the adapter into the model's weights (computed in fp32, rounded once) and takes its own path
    /// off. Input error where the mathematics does not allow it, naming the site; the model is then as
    /// before.
    [[nodiscard]] Status merge();
    /// What merge() would say, without the work.
    [[nodiscard]] Status checkMerge() const;
    /// The model's weight of this name as merge() would leave it, before it is rounded (fp32, fp64 for fp64
    /// models); as it is where the adapter does not touch it. For models that are written without ever being
    /// held merged. Errors as merge().
    [[nodiscard]] Result<at::Tensor> mergedWeight(const std::string& name) const;
    /// The same over weights that are not the model's own: what adapters merged before this one make of them.
    [[nodiscard]] Result<at::Tensor> mergedWeight(const std::string& name, const TensorSource& below) const;
    /// Puts the weights back as they were, bit for bit, and the adapter beside them.
    void unmerge();
    [[nodiscard]] bool isMerged() const { return m_isMerged; }

protected:
    Adapter(LanguageModel& model, std::uint64_t seed);

    [[nodiscard]] LanguageModel& model() const { return m_model; }
    [[nodiscard]] const AdapterContext& context() const { return m_context; }
    /// fp32, fp64 for fp64 models; on the model's device.
    [[nodiscard]] at::TensorOptions tensorOptions() const;
    /// Adds a trainable leaf made of `value`, in tensorOptions().
    at::Tensor addParameter(std::string name, const at::Tensor& value);

    void place(const Site& site, std::shared_ptr<SiteAdapter> part);
    void place(const Site& site, std::shared_ptr<EmbeddingAdapter> part);
    void place(const Site& site, std::shared_ptr<ResidualAdapter> part);
    void place(std::shared_ptr<VirtualTokens> part);
    /// Takes off all parts and forgets their parameters; trained weights of the model stay. Contract:
    /// attached and not merged.
    void removeParts();
    /// Trains a copy of one of the model's weights in its place. `name`: in the file.
    void trainWeight(const std::string& weight, std::string name);
    void trainWeights(std::span<const TrainedWeight> weights);
    /// Trains the model's own weight and keeps no copy of what it was.
    void trainInPlace(const std::string& weight);

private:
    /// A weight of the model, and what stands in for it while the adapter is on.
    struct Replaced {
        at::Tensor weight;   ///< the model's handle
        at::Tensor original; ///< its data without the adapter
        at::Tensor own;      ///< its data with it; undefined while it is trained
    };
    [[nodiscard]] Result<std::vector<Replaced>> mergedWeights() const;
    /// The wide weight and bias of a site with the adapter in them, the weight as the checkpoint keeps it.
    [[nodiscard]] Result<MergedLinear> folded(const Site& site, const SiteAdapter& part,
                                              const TensorSource& below) const;
    [[nodiscard]] Result<at::Tensor> folded(const Site& site, const EmbeddingAdapter& part,
                                            const TensorSource& below) const;
    /// The model's weights as they are now.
    [[nodiscard]] TensorSource ownWeights() const;
    [[nodiscard]] Status refuseTied(const Site& site) const;
    [[nodiscard]] bool hasWeight(const std::string& name) const;

    LanguageModel& m_model;
    AdapterContext m_context;
    std::vector<NamedTensor> m_parameters;
    std::vector<std::function<Attachment()>> m_places;
    std::vector<std::pair<Site, std::shared_ptr<SiteAdapter>>> m_linears;
    std::vector<std::pair<Site, std::shared_ptr<EmbeddingAdapter>>> m_tables;
    std::vector<Replaced> m_owned;     ///< trained weights of the model
    std::vector<at::Tensor> m_inPlace; ///< the same without a way back
    std::vector<Replaced> m_merged;    ///< while merged
    std::string m_unmergeable;         ///< site that no weight can hold
    bool m_hasVirtualTokens = false;
    bool m_isAttached = true;
    bool m_isMerged = false;
    std::vector<Attachment> m_attachments; // last: it goes before the parts it detaches
};

} // namespace lathe
