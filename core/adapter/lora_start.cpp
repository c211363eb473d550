#include "core/adapter/lora_start.h"

#include "core/base/contract.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

at::Tensor kaimingUniform(std::int64_t rank, std::int64_t in, Rng& rng) {
    at::Tensor a = at::empty({rank, in}, at::kFloat);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    std::generate_n(a.data_ptr<float>(), a.numel(),
                    [&] { return static_cast<float>(bound * (2.0 * rng.uniform() - 1.0)); });
    return a;
}

/// Both read an orthogonal matrix, A its odd rows and B the even ones, so that B A = 0.
LoraStart orthogonal(std::int64_t out, std::int64_t in, std::int64_t rank, Rng& rng) {
    LATHE_EXPECT(rank % 2 == 0);
    const at::Tensor q = std::get<0>(at::linalg_qr(normalTensor({rank, rank}, rng)));
    const at::Tensor odd = q.slice(0, 0, rank, 2), even = q.slice(0, 1, rank, 2); // [R/2, R]
    const at::Tensor a = at::mm(normalTensor({in, rank / 2}, rng), odd).t();
    return {a / 10, at::mm(normalTensor({out, rank / 2}, rng), even) / 10};
}

LoraStart principal(const Decomposition& svd, double scale) {
    const at::Tensor root = (svd.s / scale).sqrt();
    return {root.unsqueeze(1) * svd.vt, svd.u * root};
}

} // namespace

const std::vector<std::string>& loraInitNames() {
    static const std::vector<std::string> names{"default",     "gaussian", "orthogonal", "pissa",
                                                "pissa_niter", "olora",    "eva"};
    return names;
}

LoraStart startLora(LoraInit init, const at::Tensor& weight, std::int64_t rank, double scale,
                    std::int64_t iterations, Rng& rng) {
    const at::NoGradGuard noGrad;
    const std::int64_t out = weight.size(0);
    const std::int64_t in = weight.size(1);
    switch (init) {
    case LoraInit::Gaussian:
        return {normalTensor({rank, in}, rng) / static_cast<double>(rank), at::zeros({out, rank})};
    case LoraInit::Orthogonal:
        return orthogonal(out, in, rank, rng);
    case LoraInit::Pissa:
        return principal(truncatedSvd(weight, rank), scale);
    case LoraInit::FastPissa:
        return principal(fastSvd(weight, rank, iterations, rng), scale);
    case LoraInit::Olora: {
        const auto [q, r] = at::linalg_qr(weight);
        return {r.narrow(0, 0, rank), q.narrow(1, 0, rank)};
    }
    case LoraInit::Plain:
    case LoraInit::Eva:
        break;
    }
    return {kaimingUniform(rank, in, rng), at::zeros({out, rank})};
}

} // namespace lathe
