#pragma once

#include "core/kernels/packed_weight.h"
#include "core/model/load_model.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

/// The weights that stand for tokens: their table, and the head over them where it has a weight of its own.
[[nodiscard]] std::vector<std::string> tokenTables(const ModelSummary& model);

/// Decides for each weight of a model that is being loaded whether it is kept packed, and packs it:
/// projections of the blocks; where it is asked for, the table of tokens and a head over them too. Norms,
/// other tables and other heads are left as they are, as bitsandbytes leaves them.
class WeightPacker {
public:
    /// Input error where the options ask for a quantisation and another device or dtype than it is for.
    [[nodiscard]] static Result<WeightPacker> make(const ModelSummary& model, const LoadOptions& options,
                                                   const BaseQuantisation& quantisation);

    /// What the model gets of a tensor, whole or in codes. Input error as packWeight(), and where the files'
    /// codes are of another kind than is asked for; `where` names them.
    [[nodiscard]] Result<at::Tensor> keep(const std::string& name, const at::Tensor& whole) const;
    [[nodiscard]] Result<at::Tensor> keep(const std::string& name, std::shared_ptr<const PackedWeight> packed,
                                          const std::string& where) const;
    /// Whether the checkpoint has the matrix as [in, out].
    [[nodiscard]] bool isTransposed(const std::string& name) const;
    [[nodiscard]] const std::shared_ptr<ScratchPool>& scratch() const { return m_scratch; }

private:
    WeightPacker(const ModelSummary& model, const LoadOptions& options, const BaseQuantisation& quantisation);
    [[nodiscard]] bool isProjection(const std::string& name) const;
    [[nodiscard]] bool isTable(const std::string& name) const;

    LoadOptions m_options;
    BaseQuantisation m_quantisation;
    std::map<std::string, Site> m_sites;    // projections, by the name of their weight
    std::vector<std::string> m_tables;      // of tokens
    std::shared_ptr<ScratchPool> m_scratch; // shared: by the weights
};

} // namespace lathe
