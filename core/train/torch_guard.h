#pragma once

#include "core/base/result.h"

#include <c10/util/Exception.h>
#include <exception>
#include <new>
#include <type_traits>

namespace lathe {

/// The tensor library's exceptions end here, and those of regular expressions and JSON values in files that
/// are not ours. `what`: "the export".
template <typename Work>
std::invoke_result_t<Work> guarded(const char* what, Work&& work) {
    try {
        return work();
    } catch (const c10::OutOfMemoryError& problem) {
        return Error{Error::Kind::Memory, what, problem.what_without_backtrace()};
    } catch (const std::bad_alloc&) {
        return Error{Error::Kind::Memory, what, "there is not enough memory"};
    } catch (const c10::Error& problem) {
        return Error{Error::Kind::Internal, what, problem.what_without_backtrace()};
    } catch (const std::exception& problem) {
        return inputError(what, std::string("cannot be done: ") + problem.what());
    }
}

} // namespace lathe
