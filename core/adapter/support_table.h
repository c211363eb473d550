#pragma once

#include <string>
#include <vector>

namespace lathe {

/// Whether one method works on one family of models.
struct SupportCell {
    std::string method;       ///< "lora"
    std::string architecture; ///< "llama"
    std::string reason;       ///< why it does not, a sentence; empty: it does
};

/// Every method on every family, method by method: asked of the methods themselves, on the family's published
/// default sizes and with their default options.
[[nodiscard]] std::vector<SupportCell> supportTable();

} // namespace lathe
