#pragma once

#include "core/adapter/low_rank.h"

#include <string_view>
#include <vector>

namespace lathe {

/// How A and B start.
enum class LoraInit {
    Plain,      ///< A ~ U(-1/√in, 1/√in), which is Kaiming's with a = √5; B = 0
    Gaussian,   ///< A ~ N(0, 1/R²); B = 0
    Orthogonal, ///< neither is 0, but B A is: their rows and columns lie in orthogonal spaces
    Pissa, ///< W = U S Vᵀ: A = √(S/s) Vᵀ, B = U √(S/s) of the R largest; Meng et al. 2024 (arXiv:2404.02948)
    FastPissa, ///< the same by fastSvd()
    Olora,     ///< W = Q R: A = R's first rows, B = Q's first columns; Büyükakyüz 2024 (arXiv:2406.01775)
    Eva        ///< A: principal directions of the inputs, Paischer et al. 2024 (arXiv:2410.07170); B = 0
};

/// PEFT's values of init_lora_weights, as the recipe names them, in the order of LoraInit.
[[nodiscard]] const std::vector<std::string>& loraInitNames();

/// Whether A and B start as a part of W, which then has to be taken out of it.
[[nodiscard]] constexpr bool takesFromWeight(LoraInit init) {
    return init == LoraInit::Pissa || init == LoraInit::FastPissa || init == LoraInit::Olora;
}

struct LoraStart {
    at::Tensor a; ///< [R, in]
    at::Tensor b; ///< [out, R]
};

/// weight: [out, in] in fp32 or fp64, read only where takesFromWeight(). Eva starts as Plain, for calibration
/// to replace. Contract: an even rank for Orthogonal.
[[nodiscard]] LoraStart startLora(LoraInit init, const at::Tensor& weight, std::int64_t rank, double scale,
                                  std::int64_t iterations, Rng& rng);

} // namespace lathe
