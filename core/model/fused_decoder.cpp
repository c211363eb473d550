#include "core/model/fused_decoder.h"

#include "core/base/contract.h"
#include "core/kernels/batch_decode_ops.h"
#include "core/kernels/packed_weight.h"
#include "core/model/fused_step.h"
#include "core/model/transformer.h"

#include <algorithm>

namespace lathe {

FusedDecoder::FusedDecoder(std::unique_ptr<FusedStep> step, std::int64_t layers, std::int64_t rows,
                           std::int64_t vocabulary)
    : m_step(std::move(step)),
      m_layers(layers),
      m_vocabulary(vocabulary),
      m_positions(static_cast<std::size_t>(rows)) {}

FusedDecoder::~FusedDecoder() = default;

bool FusedDecoder::covers(const LanguageModel& model, std::int64_t rows) {
    const auto* transformer = dynamic_cast<const TransformerModel*>(&model);
    return transformer != nullptr && rows >= 1 && rows <= kBatchRows && !transformer->isAdapted() &&
           isFusable(transformer->spec()) && std::ranges::all_of(model.weights(), [](const auto& entry) {
               const at::Tensor& weight = entry.second;
               return packedIn(weight) == nullptr && weight.is_cpu() && weight.scalar_type() == at::kFloat &&
                      weight.is_contiguous();
           });
}

std::unique_ptr<FusedDecoder> FusedDecoder::make(const LanguageModel& model, std::int64_t rows) {
    if (!covers(model, rows))
        return nullptr;
    FusedModel fused = fusedModelOf(static_cast<const TransformerModel&>(model).spec(), model);
    const auto layers = static_cast<std::int64_t>(fused.layers.size());
    const std::int64_t vocabulary = fused.vocabulary;
    auto step = rows == 1 ? fusedRow(std::move(fused)) : fusedBatch(std::move(fused), rows);
    return std::unique_ptr<FusedDecoder>(new FusedDecoder(std::move(step), layers, rows, vocabulary));
}

void FusedDecoder::takeFrom(const KeyValueCache& cache, std::int64_t tokens) {
    LATHE_EXPECT(m_length == 0);
    m_step->reserve(tokens);
    for (std::int64_t layer = 0; layer < m_layers && cache.length() > 0; ++layer) {
        const auto [keys, values] = cache.kept(layer);
        m_step->put(static_cast<std::size_t>(layer), keys, values);
    }
    m_length = cache.length();
}

KeyValueCache FusedDecoder::given() const {
    KeyValueCache cache;
    for (std::int64_t layer = 0; layer < m_layers; ++layer) {
        const auto [keys, values] = m_step->taken(static_cast<std::size_t>(layer), m_length);
        cache.append(layer, keys, values);
    }
    return cache;
}

void FusedDecoder::takeRows(std::span<const std::int64_t> rows) {
    LATHE_EXPECT(rows.size() == m_positions.size());
    m_step->takeRows(rows, m_length);
}

void FusedDecoder::read(std::span<const std::int64_t> tokens, const at::Tensor& positions,
                        const at::Tensor& mask) {
    LATHE_EXPECT(tokens.size() == m_positions.size());
    for (const std::int64_t token : tokens)
        LATHE_EXPECT(token >= 0 && token < m_vocabulary);
    if (positions.defined())
        std::copy_n(positions.const_data_ptr<std::int64_t>(), m_positions.size(), m_positions.begin());
    else
        std::fill(m_positions.begin(), m_positions.end(), m_length);
    m_step->read(m_length, tokens, m_positions, mask);
    ++m_length;
}

at::Tensor FusedDecoder::logits() { return m_step->logits(); }

std::span<const std::int64_t> FusedDecoder::likeliest() { return m_step->likeliest(); }

} // namespace lathe
