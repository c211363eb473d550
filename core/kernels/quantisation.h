#pragma once

namespace lathe {

/// How the frozen projections are kept in memory.
enum class Quantisation { None, Nf4, Int8 };

} // namespace lathe
