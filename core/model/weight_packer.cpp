#include "core/model/weight_packer.h"

#include "core/base/contract.h"
#include "core/model/quantised_files.h"

#include <algorithm>

namespace lathe {

namespace {

/// An error that names the weight.
Result<std::shared_ptr<const PackedWeight>> named(const std::string& name,
                                                  Result<std::shared_ptr<const PackedWeight>> packed) {
    return packed.has_value() ? std::move(packed) : inputError(name, packed.error().message);
}

} // namespace

std::vector<std::string> tokenTables(const ModelSummary& model) {
    const bool hasTokenHead = model.head == HeadKind::CausalLm || model.head == HeadKind::MaskedLm;
    std::vector<std::string> names;
    for (const Site& site : model.sites) {
        const std::string name = site.name + ".weight";
        const bool isHead = site.kind == SiteKind::Head && hasTokenHead && site.out == model.vocabularySize;
        const bool isThere = std::ranges::find(model.tensors, name, &TensorSpec::name) != model.tensors.end();
        if (isThere && (site.kind == SiteKind::Embedding || isHead))
            names.push_back(name);
    }
    return names;
}

WeightPacker::WeightPacker(const ModelSummary& model, const LoadOptions& options,
                           const BaseQuantisation& quantisation)
    : m_options(options), m_quantisation(quantisation), m_scratch(std::make_shared<ScratchPool>()) {
    LATHE_EXPECT(quantisation.tokens != Quantisation::Nf4);
    if (quantisation.tokens != Quantisation::None)
        m_tables = tokenTables(model);
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection || site.kind == SiteKind::Head)
            m_sites.emplace(site.name + ".weight", site);
}

Result<WeightPacker> WeightPacker::make(const ModelSummary& model, const LoadOptions& options,
                                        const BaseQuantisation& quantisation) {
    const bool isWide = options.dtype == at::kFloat || options.dtype == at::kBFloat16;
    if (!quantisation.isNone() && (!options.device.is_cpu() || !isWide))
        return inputError("quantization", "is " + quantisationName(quantisation) +
                                              ", which computes on the CPU in float32 or bfloat16; choose "
                                              "these, or none");
    return WeightPacker(model, options, quantisation);
}

bool WeightPacker::isProjection(const std::string& name) const {
    const auto it = m_sites.find(name);
    return m_quantisation.projections != Quantisation::None && it != m_sites.end() &&
           it->second.kind == SiteKind::Projection && it->second.layer >= 0;
}

bool WeightPacker::isTable(const std::string& name) const {
    return std::ranges::find(m_tables, name) != m_tables.end();
}

bool WeightPacker::isTransposed(const std::string& name) const {
    const auto it = m_sites.find(name);
    return it != m_sites.end() && it->second.isTransposed;
}

Result<at::Tensor> WeightPacker::keep(const std::string& name, const at::Tensor& whole) const {
    // Where nothing changes the mapped file itself serves: writing to it changes our memory alone.
    if (isTable(name)) {
        LATHE_ASSIGN(auto table, named(name, packTable(whole, m_scratch)));
        return packedTensor(std::move(table), m_options.dtype);
    }
    if (!isProjection(name))
        return whole.to(m_options.device, m_options.dtype);
    LATHE_ASSIGN(auto packed,
                 named(name, packWeight(isTransposed(name) ? whole.t() : whole, m_quantisation.projections,
                                        m_options.dtype, m_scratch)));
    return keep(name, std::move(packed), name);
}

Result<at::Tensor> WeightPacker::keep(const std::string& name, std::shared_ptr<const PackedWeight> packed,
                                      const std::string& where) const {
    const bool isTurned = isTransposed(name);
    if (isTable(name))
        return keep(name, packed->unpacked(m_options.dtype)); // codes of int8 give the same codes again
    if (!isProjection(name)) {
        const at::Tensor whole = packed->unpacked(m_options.dtype);
        return (isTurned ? whole.t().contiguous() : whole).to(m_options.device);
    }
    if (packed->kind() != m_quantisation.projections)
        return inputError("quantization", "is " + quantisationName(m_quantisation.projections) + ", but " +
                                              where + " holds " + quantisationName(packed->kind()) +
                                              " weights; choose that, or none");
    const at::Tensor handle = packedTensor(std::move(packed), m_options.dtype);
    return isTurned ? transposedWeight(handle) : handle;
}

} // namespace lathe
