#include "core/model/weight_packer.h"

#include "core/model/quantised_files.h"

namespace lathe {

WeightPacker::WeightPacker(const ModelSummary& model, const LoadOptions& options, Quantisation quantisation)
    : m_options(options), m_quantisation(quantisation), m_scratch(std::make_shared<ScratchPool>()) {
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection || site.kind == SiteKind::Head)
            m_sites.emplace(site.name + ".weight", site);
}

Result<WeightPacker> WeightPacker::make(const ModelSummary& model, const LoadOptions& options,
                                        Quantisation quantisation) {
    const bool isWide = options.dtype == at::kFloat || options.dtype == at::kBFloat16;
    if (quantisation != Quantisation::None && (!options.device.is_cpu() || !isWide))
        return inputError("quantization", "is " + quantisationName(quantisation) +
                                              ", which computes on the CPU in float32 or bfloat16; choose "
                                              "these, or none");
    return WeightPacker(model, options, quantisation);
}

bool WeightPacker::packs(const std::string& name) const {
    const auto it = m_sites.find(name);
    return m_quantisation != Quantisation::None && it != m_sites.end() &&
           it->second.kind == SiteKind::Projection && it->second.layer >= 0;
}

bool WeightPacker::isTransposed(const std::string& name) const {
    const auto it = m_sites.find(name);
    return it != m_sites.end() && it->second.isTransposed;
}

Result<at::Tensor> WeightPacker::keep(const std::string& name, const at::Tensor& whole) const {
    // Where nothing changes the mapped file itself serves: writing to it changes our memory alone.
    if (!packs(name))
        return whole.to(m_options.device, m_options.dtype);
    auto packed =
        packWeight(isTransposed(name) ? whole.t() : whole, m_quantisation, m_options.dtype, m_scratch);
    if (!packed.has_value())
        return inputError(name, packed.error().message);
    return keep(name, std::move(packed).value(), name);
}

Result<at::Tensor> WeightPacker::keep(const std::string& name, std::shared_ptr<const PackedWeight> packed,
                                      const std::string& where) const {
    const bool isTurned = isTransposed(name);
    if (!packs(name)) {
        const at::Tensor whole = packed->unpacked(m_options.dtype);
        return (isTurned ? whole.t().contiguous() : whole).to(m_options.device);
    }
    if (packed->kind() != m_quantisation)
        return inputError("quantization", "is " + quantisationName(m_quantisation) + ", but " + where +
                                              " holds " + quantisationName(packed->kind()) +
                                              " weights; choose that, or none");
    const at::Tensor handle = packedTensor(std::move(packed), m_options.dtype);
    return isTurned ? transposedWeight(handle) : handle;
}

} // namespace lathe
