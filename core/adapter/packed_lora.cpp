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
        std::vector<PackedSlot> slots;
        for (const PackedRows& own : m_rows)
            slots.push_back(packedSlot(own, x.size(-1), x.device()));
        const bool isUsed =
            std::ranges::any_of(slots, [](const PackedSlot& slot) { return slot.a.defined(); });
        return isUsed ? packedLoraLinear(x, base.weight(), base.bias(), slots) : base.forward(x);
    }

    std::optional<std::vector<LowRankSlot>> lowRankPaths(std::int64_t rows, std::int64_t width) override {
        std::vector<LowRankSlot> slots;
        std::int64_t all = 0;
        for (const PackedRows& own : m_rows) {
            slots.push_back(lowRankSlot(own, width));
            all += slots.back().rows;
        }
        return all == rows ? std::optional(std::move(slots)) : std::nullopt;
    }

private:
    [[nodiscard]] std::int64_t rowsOf(const PackedRows& own) const {
        return m_site.kind == SiteKind::Head ? own.labelled : own.rows;
    }

    /// What a trial has here; null where it has nothing.
    [[nodiscard]] const PackedPart* partOf(const PackedRows& own) const {
        const auto part = own.member->parts.find(m_site.name);
        return part == own.member->parts.end() || rowsOf(own) == 0 ? nullptr : &part->second;
    }

    [[nodiscard]] static bool isDropping(const PackedRows& own, const PackedPart& part) {
        return own.member->context->clock.isTraining && part.tensors.dropout > 0;
    }

    /// A slot of either kind, without its dropout.
    template <typename Slot>
    [[nodiscard]] Slot bareSlot(const PackedRows& own, const PackedPart* part) const {
        Slot slot;
        slot.rows = rowsOf(own);
        if (part != nullptr) {
            slot.a = part->tensors.a;
            slot.b = part->tensors.b;
            slot.scale = part->tensors.scale * own.member->context->strength;
        }
        return slot;
    }

    [[nodiscard]] PackedSlot packedSlot(const PackedRows& own, std::int64_t width, at::Device device) const {
        const PackedPart* part = partOf(own);
        auto slot = bareSlot<PackedSlot>(own, part);
        if (part != nullptr && isDropping(own, *part))
            slot.mask = dropoutMask({slot.rows, width}, part->tensors.dropout, own.member->context->clock,
                                    part->number, device)
                            .to(part->tensors.a.scalar_type());
        return slot;
    }

    [[nodiscard]] LowRankSlot lowRankSlot(const PackedRows& own, std::int64_t width) const {
        const PackedPart* part = partOf(own);
        auto slot = bareSlot<LowRankSlot>(own, part);
        if (part != nullptr && isDropping(own, *part))
            slot.kept = dropoutBits(slot.rows, width, part->tensors.dropout, own.member->context->clock,
                                    part->number);
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
