#include "core/adapter/packed_lora.h"

#include "core/adapter/lora.h"
#include "core/kernels/packed_lora_linear.h"

#include <algorithm>

namespace lathe {

namespace {

class PackedSite final : public SiteAdapter {
public:
    PackedSite(Site site, const std::vector<PackedRows>& rows) : m_site(std::move(site)), m_rows(rows) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        LATHE_EXPECT(base.isPlain());
        const std::vector<PackedSlot> slots = slotsOf(x.size(-1), x.device());
        const bool isUsed =
            std::ranges::any_of(slots, [](const PackedSlot& slot) { return slot.a.defined(); });
        return isUsed ? packedLoraLinear(x, base.weight(), base.bias(), slots) : base.forward(x);
    }

    std::optional<std::vector<PackedSlot>> lowRankPaths(std::int64_t rows, std::int64_t width,
                                                        at::Device device) override {
        std::vector<PackedSlot> slots = slotsOf(width, device);
        std::int64_t all = 0;
        for (const PackedSlot& slot : slots)
            all += slot.rows;
        return all == rows ? std::optional(std::move(slots)) : std::nullopt;
    }

private:
    std::vector<PackedSlot> slotsOf(std::int64_t width, at::Device device) const {
        std::vector<PackedSlot> slots;
        for (const PackedRows& own : m_rows)
            slots.push_back(slotOf(own, width, device));
        return slots;
    }

    PackedSlot slotOf(const PackedRows& own, std::int64_t width, at::Device device) const {
        PackedSlot slot;
        slot.rows = m_site.kind == SiteKind::Head ? own.labelled : own.rows;
        const auto part = own.member->parts.find(m_site.name);
        if (part == own.member->parts.end() || slot.rows == 0)
            return slot;
        const LoraTensors& tensors = part->second.tensors;
        const DropoutClock& clock = own.member->context->clock;
        slot.a = tensors.a;
        slot.b = tensors.b;
        slot.scale = tensors.scale * own.member->context->strength;
        if (clock.isTraining && tensors.dropout > 0)
            slot.mask = dropoutMask({slot.rows, width}, tensors.dropout, clock, part->second.number, device)
                            .to(tensors.a.scalar_type());
        return slot;
    }

    Site m_site;
    const std::vector<PackedRows>& m_rows;
};

bool isPlainLora(const LoraTensors& tensors) {
    return !tensors.magnitude.defined() && !tensors.fixedA.defined() && !tensors.bias.defined();
}

} // namespace

std::optional<PackedMember> packedMember(const Adapter& adapter) {
    const auto* lora = dynamic_cast<const LoraAdapter*>(&adapter);
    if (lora == nullptr)
        return std::nullopt;
    PackedMember member;
    member.context = &lora->shared();
    std::size_t trained = 0;
    for (std::uint32_t number = 0; number < lora->built().size(); ++number) {
        const auto& [place, tensors] = lora->built()[number];
        if (place.site.kind == SiteKind::Embedding || !isPlainLora(tensors))
            return std::nullopt;
        trained += tensors.a.requires_grad() ? 2 : 1;
        member.parts.emplace(place.site.name, PackedPart{tensors, number});
    }
    if (lora->parameters().size() != trained) // weights of the model itself, such as its biases
        return std::nullopt;
    return member;
}

PackedLora::PackedLora(LanguageModel& model) {
    LATHE_EXPECT(!model.isAdapted());
    for (const Site& site : model.summary().sites)
        if (site.kind == SiteKind::Projection || site.kind == SiteKind::Head)
            m_attachments.push_back(model.attach(site.name, std::make_shared<PackedSite>(site, m_rows)));
}

} // namespace lathe
