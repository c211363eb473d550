#pragma once

#include "core/base/files.h"
#include "core/model/language_model.h"

#include <QString>

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace lathe::test {

/// Numbers that the reference stack (transformers, PEFT) computed: golden.json, and golden.safetensors beside
/// it.
class Oracle {
public:
    explicit Oracle(const std::filesystem::path& folder)
        : golden(nlohmann::json::parse(readFile(folder / "golden.json").value())),
          m_arrays(TensorFile::open(folder / "golden.safetensors").value()) {}

    [[nodiscard]] bool has(const std::string& name) const { return m_arrays.entries().contains(name); }
    [[nodiscard]] at::Tensor array(const std::string& name) const { return m_arrays.tensor(name).value(); }

    nlohmann::json golden;

private:
    TensorFile m_arrays;
};

/// Rows of integers as a tensor: [rows, length] int64.
inline at::Tensor integers(const nlohmann::json& rows) {
    std::vector<std::int64_t> flat;
    for (const auto& row : rows)
        for (const auto& value : row)
            flat.push_back(value.get<std::int64_t>());
    return at::tensor(flat, at::kLong).view({static_cast<std::int64_t>(rows.size()), -1});
}

/// The input of a golden case: input_ids, attention_mask and, where there are some, position_ids.
inline ModelInput inputOf(const nlohmann::json& data) {
    ModelInput input;
    input.ids = integers(data.at("input_ids"));
    input.mask = integers(data.at("attention_mask")).to(at::kBool);
    if (data.contains("position_ids"))
        input.positions = integers(data.at("position_ids"));
    return input;
}

/// Mean cross entropy of each label given the tokens before it; labels of -100 do not count, nor do those
/// behind padding: what a model says there means nothing. (The `left` losses of golden files count them, so
/// left-padded cases have to give the loss of the right-padded ones.) With vectors of a prompt in front,
/// which have logits too, the last of them predicts the first label, as in PEFT.
inline at::Tensor lossOf(const at::Tensor& logits, const nlohmann::json& data) {
    at::Tensor labels = integers(data.at("labels"));
    at::Tensor mask =
        data.contains("attention_mask") ? integers(data.at("attention_mask")) : at::ones_like(labels);
    const std::int64_t inFront = logits.size(1) - labels.size(1);
    labels = at::constant_pad_nd(labels, {inFront, 0}, -100);
    mask = at::constant_pad_nd(mask, {inFront, 0}, 1);
    const std::int64_t length = logits.size(1) - 1;
    labels = labels.narrow(1, 1, length).masked_fill(mask.narrow(1, 0, length) == 0, -100);
    return at::cross_entropy_loss(logits.narrow(1, 0, length).flatten(0, 1), labels.flatten());
}

/// Empty if |actual - expected| <= absolute + relative · |expected| everywhere (where `mask` [B, T] is true,
/// if given); else how far they are apart.
inline QString mismatch(const at::Tensor& actual, const at::Tensor& expected, double absolute,
                        double relative = 0, const at::Tensor& mask = {}) {
    if (actual.sizes() != expected.sizes())
        return QStringLiteral("shapes differ in %1 and %2 dimensions or their sizes")
            .arg(actual.dim())
            .arg(expected.dim());
    at::Tensor difference = (actual.detach().to(at::kDouble) - expected.to(at::kDouble)).abs();
    at::Tensor excess = difference - relative * expected.to(at::kDouble).abs();
    if (mask.defined()) {
        difference = difference.index({mask});
        excess = excess.index({mask});
    }
    const double worst = excess.numel() == 0 ? 0 : excess.max().item<double>();
    if (worst <= absolute) // false for NaN
        return {};
    return QStringLiteral("differs by up to %1, %2 beyond the relative part, allowed is %3")
        .arg(difference.max().item<double>())
        .arg(worst)
        .arg(absolute);
}

/// The same for two numbers.
inline QString mismatch(double actual, double expected, double absolute, double relative = 0) {
    return mismatch(at::tensor(actual, at::kDouble), at::tensor(expected, at::kDouble), absolute, relative);
}

/// Each gradient's norm and first four entries against `grads` of a golden file: relative 1e-4 as its notes
/// give for norms; entries, which may cancel, within that share of the norm. Returns the first mismatch.
inline QString gradientMismatch(const std::vector<NamedTensor>& parameters, const nlohmann::json& grads,
                                const std::function<std::string(const std::string&)>& goldenName) {
    if (parameters.size() != grads.size())
        return QStringLiteral("%1 parameters, expected %2").arg(parameters.size()).arg(grads.size());
    for (const auto& [name, parameter] : parameters) {
        const nlohmann::json& expected = grads.at(goldenName(name));
        const double norm = expected.at("norm").get<double>();
        QString problem = mismatch(parameter.grad().norm().item<double>(), norm, 1e-7, 1e-4);
        const auto first = expected.at("first").get<std::vector<double>>();
        if (problem.isEmpty())
            problem =
                mismatch(parameter.grad().flatten().narrow(0, 0, static_cast<std::int64_t>(first.size())),
                         at::tensor(first, at::kDouble), 1e-4 * norm + 1e-7);
        if (!problem.isEmpty())
            return QString::fromStdString(name) + ": " + problem;
    }
    return {};
}

} // namespace lathe::test

/// Fails with the message of a mismatch(), which is empty where all is well.
#define LATHE_MATCHES(...)                                                                                   \
    do {                                                                                                     \
        const QString latheProblem = (__VA_ARGS__);                                                          \
        QVERIFY2(latheProblem.isEmpty(), qPrintable(latheProblem));                                          \
    } while (false)
