#pragma once

#include "core/adapter/adapter.h"
#include "core/adapter/lora_site.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A trial's LoRA at one site, as a pack computes it.
struct PackedPart {
    LoraTensors tensors;
    std::uint32_t number = 0; ///< tells its dropout masks from other sites'
};

/// A trial's whole adapter as a pack computes it: exactly what the adapter's own sites would.
struct PackedMember {
    std::map<std::string, PackedPart> parts; ///< by the site's name
    const AdapterContext* context = nullptr; ///< the adapter's, which outlives the member
};

/// What a pack needs of an adapter; nothing where it cannot be packed exactly: it is no plain LoRA (DoRA, a
/// start out of the weights, a bias of B), adapts the token table, or trains weights of the model itself.
[[nodiscard]] std::optional<PackedMember> packedMember(const Adapter& adapter);

/// Which of a pack's rows are whose in one pass, in their order.
struct PackedRows {
    const PackedMember* member = nullptr;
    std::int64_t rows = 0;     ///< of tokens
    std::int64_t labelled = 0; ///< of these, what the head reads
};

/// The sites of a model that serves the adapters of several trials at once. Belongs to one thread; the model
/// outlives it.
class PackedLora {
public:
    explicit PackedLora(LanguageModel& model);
    PackedLora(const PackedLora&) = delete;
    PackedLora& operator=(const PackedLora&) = delete;

    /// Whose rows the model's next pass holds.
    void setRows(std::vector<PackedRows> rows) { m_rows = std::move(rows); }

private:
    std::vector<PackedRows> m_rows;        // the sites refer to it
    std::vector<Attachment> m_attachments; // last: it goes before what it refers to
};

} // namespace lathe
