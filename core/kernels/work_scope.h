#pragma once

#include <ATen/record_function.h>
#include <optional>
#include <string_view>
#include <utility>

namespace lathe {

/// Names a piece of work for whoever profiles it, as RECORD_USER_SCOPE does, as long as it lives. Where
/// nobody does it costs a look at a thread-local flag.
class WorkScope {
public:
    explicit WorkScope(std::string_view name) {
        if (auto callbacks = at::getStepCallbacksUnlessEmpty(at::RecordScope::USER_SCOPE)) {
            m_function.emplace(std::move(*callbacks));
            m_function->before(name);
        }
    }

private:
    std::optional<at::RecordFunction> m_function;
};

} // namespace lathe
