#include "core/model/fused_decoder.h"

#include "core/base/contract.h"
#include "core/kernels/decode_ops.h"
#include "core/model/transformer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace lathe {

namespace {

/// So many multiplications are worth another thread.
constexpr std::int64_t kGrain = 1 << 17;

bool isCovered(const NormSpec& norm) { return norm.kind == NormSpec::Kind::Rms && norm.hasWeight; }
bool isCovered(const LinearSpec& linear) { return !linear.isTransposed; }

bool isCovered(const BlockSpec& block) {
    const AttentionSpec& attention = block.attention;
    const auto all = [](const auto& specs) {
        return std::all_of(specs.begin(), specs.end(), [](const auto& spec) { return isCovered(spec); });
    };
    return block.order == BlockSpec::Order::PreNorm && isCovered(block.attentionNorm) && block.mlpNorm &&
           isCovered(*block.mlpNorm) && !block.afterAttention && !block.afterMlp &&
           !block.hasNormedResidual && attention.inputs == AttentionSpec::Inputs::Separate &&
           all(attention.projections) && isCovered(attention.output) &&
           (!attention.queryNorm || isCovered(*attention.queryNorm)) &&
           (!attention.keyNorm || isCovered(*attention.keyNorm)) && attention.softcap == 0 &&
           block.mlp.isGated && block.mlp.activation == Activation::Silu && block.mlp.inputs.size() == 2 &&
           all(block.mlp.inputs) && isCovered(block.mlp.output);
}

bool isCovered(const ModelSpec& spec) {
    const EmbeddingSpec& embedding = spec.embedding;
    const bool isPlainInput = embedding.scale == 1 && embedding.positions.empty() &&
                              embedding.types.empty() && !embedding.norm && !embedding.projection;
    const bool isPlainHead = spec.head.kind == HeadKind::CausalLm && !spec.head.dense && !spec.head.norm &&
                             !spec.head.activation && spec.head.softcap == 0 && spec.head.scale == 1;
    const bool turnsByPosition = spec.rope && !spec.rope->isInterleaved &&
                                 spec.rope->type != RopeSpec::Type::Dynamic &&
                                 spec.rope->type != RopeSpec::Type::LongRope;
    return isPlainInput && isPlainHead && turnsByPosition && !spec.alibi && spec.isCausal && spec.finalNorm &&
           isCovered(*spec.finalNorm) && !spec.finalProjection && !spec.blocks.empty() &&
           std::all_of(spec.blocks.begin(), spec.blocks.end(),
                       [](const BlockSpec& block) { return isCovered(block); });
}

struct FastLinear {
    const float* weight = nullptr; // [out, in]
    const float* bias = nullptr;   // [out] or null
    std::int64_t in = 0, out = 0;
};

struct FastNorm {
    const float* weight = nullptr; // null: none
    double eps = 0;
};

struct FastLayer {
    FastNorm attentionNorm, mlpNorm, queryNorm, keyNorm;
    FastLinear q, k, v, output, gate, up, down;
    std::int64_t heads = 0, keyValueHeads = 0, d = 0, window = 0;
    float scale = 1;
};

const float* dataOf(const LanguageModel& model, const std::string& name) {
    return model.weight(name).const_data_ptr<float>();
}

FastLinear linearOf(const LanguageModel& model, const LinearSpec& spec) {
    return {dataOf(model, spec.name + ".weight"), spec.hasBias ? dataOf(model, spec.name + ".bias") : nullptr,
            spec.in, spec.out};
}

FastNorm normOf(const LanguageModel& model, const std::optional<NormSpec>& spec) {
    return spec ? FastNorm{dataOf(model, spec->name + ".weight"), spec->eps} : FastNorm{};
}

FastLayer layerOf(const LanguageModel& model, const BlockSpec& block) {
    const AttentionSpec& a = block.attention;
    return {normOf(model, block.attentionNorm),
            normOf(model, block.mlpNorm),
            normOf(model, a.queryNorm),
            normOf(model, a.keyNorm),
            linearOf(model, a.projections[0]),
            linearOf(model, a.projections[1]),
            linearOf(model, a.projections[2]),
            linearOf(model, a.output),
            linearOf(model, block.mlp.inputs[0]),
            linearOf(model, block.mlp.inputs[1]),
            linearOf(model, block.mlp.output),
            a.heads,
            a.keyValueHeads,
            a.headSize,
            a.window,
            static_cast<float>(a.scale)};
}

/// A layer's keys once more, with the tokens side by side, so that scores need no sums across a vector.
struct KeyColumns {
    std::vector<float> keys; // [B, K, d, room]
    std::int64_t room = 0;   // more than length by a whole vector at least
    std::int64_t length = 0;
};

/// Cosines and sines, a row a position; made as positions come.
class Turns {
public:
    explicit Turns(const RopeSpec& spec)
        : m_frequencies(ropeFrequencies(spec, 0)), m_factor(static_cast<float>(spec.attentionFactor)) {}

    [[nodiscard]] std::int64_t size() const { return 2 * half(); }
    [[nodiscard]] const float* cos(std::int64_t position) {
        extend(position);
        return m_cos.data() + position * half();
    }
    [[nodiscard]] const float* sin(std::int64_t position) {
        extend(position);
        return m_sin.data() + position * half();
    }

private:
    [[nodiscard]] std::int64_t half() const { return static_cast<std::int64_t>(m_frequencies.size()); }
    void extend(std::int64_t position) {
        for (; m_positions <= position; ++m_positions)
            for (const double frequency : m_frequencies) {
                // In fp32, as the reference computes them.
                const float angle = static_cast<float>(m_positions) * static_cast<float>(frequency);
                m_cos.push_back(std::cos(angle) * m_factor);
                m_sin.push_back(std::sin(angle) * m_factor);
            }
    }

    std::vector<double> m_frequencies;
    float m_factor;
    std::int64_t m_positions = 0;
    std::vector<float> m_cos, m_sin;
};

} // namespace

struct FusedDecoder::Content {
    Content(const ModelSpec& spec, const LanguageModel& model, std::int64_t rowCount)
        : rows(rowCount),
          width(spec.width),
          turns(*spec.rope),
          embedding(dataOf(model, spec.embedding.tokens + ".weight")),
          finalNorm(normOf(model, spec.finalNorm)) {
        for (const BlockSpec& block : spec.blocks)
            layers.push_back(layerOf(model, block));
        const std::string name = spec.head.isTied ? spec.embedding.tokens : spec.head.output.name;
        const at::Tensor& weight = model.weight(name + ".weight");
        const std::string bias = !spec.head.biasName.empty() ? spec.head.biasName
                                 : spec.head.output.hasBias  ? spec.head.output.name + ".bias"
                                                             : std::string();
        head = {weight.const_data_ptr<float>(), bias.empty() ? nullptr : dataOf(model, bias), weight.size(1),
                weight.size(0)};
        vocabulary = model.weight(spec.embedding.tokens + ".weight").size(0);
        logits = at::empty({rows, head.out}, at::kFloat);
        const auto most = [this](auto&& size) {
            std::int64_t result = 0;
            for (const FastLayer& layer : layers)
                result = std::max(result, size(layer));
            return static_cast<std::size_t>(rows * result);
        };
        x.resize(static_cast<std::size_t>(rows * width));
        normed.resize(x.size());
        added.resize(x.size());
        q.resize(most([](const FastLayer& layer) { return layer.q.out; }));
        mixed.resize(q.size());
        gate.resize(most([](const FastLayer& layer) { return layer.gate.out; }));
        up.resize(gate.size());
        for (const FastLayer& layer : layers) {
            keys.push_back(at::empty({rows, layer.keyValueHeads, 1, layer.d}, at::kFloat));
            values.push_back(at::empty({rows, layer.keyValueHeads, 1, layer.d}, at::kFloat));
        }
        keyColumns.resize(layers.size());
    }

    void apply(const FastLinear& linear, const std::vector<float>& from, float* to) const {
        decodeLinear(from.data(), rows, linear.weight, linear.bias, linear.in, linear.out, to);
    }
    void normalize(const FastNorm& norm) {
        decodeRmsNorm(x.data(), rows, norm.weight, width, norm.eps, normed.data());
    }
    void addToStream(const FastLinear& linear, const std::vector<float>& from) {
        apply(linear, from, added.data());
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] += added[i];
    }
    void turnHeads(const FastLayer& layer, std::size_t number, std::span<const std::int64_t> positions);
    void turnKeys(const at::Tensor& all, KeyColumns& columns) const;
    void attend(const FastLayer& layer, std::size_t number, const at::Tensor& mask, KeyValueCache& cache);

    std::int64_t rows, width;
    std::int64_t vocabulary = 0;
    Turns turns;
    const float* embedding; // [V, D]
    std::vector<FastLayer> layers;
    FastNorm finalNorm;
    FastLinear head;
    at::Tensor logits;                     // [B, V]
    std::vector<at::Tensor> keys, values;  // of the new tokens, by layer: [B, K, 1, d]
    std::vector<float> x, normed, added;   // [B, D]
    std::vector<float> q, mixed, gate, up; // [B, H d], [B, F]
    std::vector<KeyColumns> keyColumns;    // by layer
    std::vector<float> scores;             // [B, H, S padded]
};

void FusedDecoder::Content::turnHeads(const FastLayer& layer, std::size_t number,
                                      std::span<const std::int64_t> positions) {
    float* k = keys[number].data_ptr<float>();
    if (layer.queryNorm.weight != nullptr)
        decodeRmsNorm(q.data(), rows * layer.heads, layer.queryNorm.weight, layer.d, layer.queryNorm.eps,
                      q.data());
    if (layer.keyNorm.weight != nullptr)
        decodeRmsNorm(k, rows * layer.keyValueHeads, layer.keyNorm.weight, layer.d, layer.keyNorm.eps, k);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t position = positions[static_cast<std::size_t>(row)];
        const float* cos = turns.cos(position);
        const float* sin = turns.sin(position);
        decodeRotate(q.data() + row * layer.q.out, layer.heads, layer.d, cos, sin, turns.size());
        decodeRotate(k + row * layer.k.out, layer.keyValueHeads, layer.d, cos, sin, turns.size());
    }
}

void FusedDecoder::Content::turnKeys(const at::Tensor& all, KeyColumns& columns) const {
    const std::int64_t length = all.size(2);
    const std::int64_t heads = rows * all.size(1);
    const std::int64_t d = all.size(3);
    if (columns.room < length + decodePadded(1)) { // a window may begin anywhere in a vector
        columns.room = decodePadded(2 * length) + decodePadded(1);
        columns.length = 0;
        columns.keys.assign(static_cast<std::size_t>(heads * d * columns.room), 0.0F);
    }
    const float* from = all.const_data_ptr<float>();
    for (std::int64_t one = 0; one < heads; ++one) {
        const float* keysOfHead =
            from + one / all.size(1) * all.stride(0) + one % all.size(1) * all.stride(1);
        for (std::int64_t s = columns.length; s < length; ++s)
            for (std::int64_t i = 0; i < d; ++i)
                columns.keys[static_cast<std::size_t>((one * d + i) * columns.room + s)] =
                    keysOfHead[s * all.stride(2) + i];
    }
    columns.length = length;
}

void FusedDecoder::Content::attend(const FastLayer& layer, std::size_t number, const at::Tensor& mask,
                                   KeyValueCache& cache) {
    const auto [allKeys, allValues] =
        cache.append(static_cast<std::int64_t>(number), keys[number], values[number]);
    KeyColumns& columns = keyColumns[number];
    turnKeys(allKeys, columns);
    const std::int64_t length = allKeys.size(2);
    const std::int64_t first = layer.window > 0 ? std::max<std::int64_t>(0, length - layer.window) : 0;
    const DecodeAttention shape{layer.heads / layer.keyValueHeads,
                                layer.d,
                                length - first,
                                columns.room,
                                allValues.stride(2),
                                layer.scale};
    const std::int64_t scratch = shape.copies * decodePadded(length);
    scores.resize(std::max(scores.size(), static_cast<std::size_t>(rows * layer.keyValueHeads * scratch)));
    const float* v = allValues.const_data_ptr<float>() + first * shape.valueStride;
    const std::int64_t rowStride = allValues.stride(0);
    const std::int64_t headStride = allValues.stride(1);
    const bool* seen = mask.defined() ? mask.const_data_ptr<bool>() + first : nullptr;
    const std::int64_t maskStride = mask.defined() ? mask.stride(0) : 0;
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (2 * shape.copies * length * shape.d));
    at::parallel_for(0, rows * layer.keyValueHeads, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t row = i / layer.keyValueHeads;
            decodeAttention(shape, q.data() + i * shape.copies * shape.d,
                            columns.keys.data() + i * layer.d * columns.room + first,
                            v + row * rowStride + i % layer.keyValueHeads * headStride,
                            seen == nullptr ? nullptr : seen + row * maskStride, scores.data() + i * scratch,
                            mixed.data() + i * shape.copies * shape.d);
        }
    });
}

FusedDecoder::FusedDecoder(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
FusedDecoder::~FusedDecoder() = default;

std::unique_ptr<FusedDecoder> FusedDecoder::make(const LanguageModel& model, std::int64_t rows) {
    const auto* transformer = dynamic_cast<const TransformerModel*>(&model);
    if (transformer == nullptr || rows < 1 || rows > kDecodeRows || transformer->isAdapted() ||
        !isCovered(transformer->spec()))
        return nullptr;
    for (const auto& [name, weight] : model.weights())
        if (!weight.is_cpu() || weight.scalar_type() != at::kFloat || !weight.is_contiguous())
            return nullptr;
    return std::unique_ptr<FusedDecoder>(
        new FusedDecoder(std::make_unique<Content>(transformer->spec(), model, rows)));
}

void FusedDecoder::forgetKeys() {
    for (KeyColumns& columns : m_content->keyColumns)
        columns.length = 0;
}

at::Tensor FusedDecoder::read(std::span<const std::int64_t> tokens, const at::Tensor& positions,
                              const at::Tensor& mask, KeyValueCache& cache) {
    Content& c = *m_content;
    LATHE_EXPECT(static_cast<std::int64_t>(tokens.size()) == c.rows);
    std::vector<std::int64_t> places(tokens.size(), cache.length());
    if (positions.defined())
        std::copy_n(positions.const_data_ptr<std::int64_t>(), places.size(), places.begin());
    for (std::size_t row = 0; row < tokens.size(); ++row) {
        LATHE_EXPECT(tokens[row] >= 0 && tokens[row] < c.vocabulary);
        std::copy_n(c.embedding + tokens[row] * c.width, c.width,
                    c.x.data() + static_cast<std::int64_t>(row) * c.width);
    }
    for (std::size_t number = 0; number < c.layers.size(); ++number) {
        const FastLayer& layer = c.layers[number];
        c.normalize(layer.attentionNorm);
        c.apply(layer.q, c.normed, c.q.data());
        c.apply(layer.k, c.normed, c.keys[number].data_ptr<float>());
        c.apply(layer.v, c.normed, c.values[number].data_ptr<float>());
        c.turnHeads(layer, number, places);
        c.attend(layer, number, mask, cache);
        c.addToStream(layer.output, c.mixed);
        c.normalize(layer.mlpNorm);
        c.apply(layer.gate, c.normed, c.gate.data());
        c.apply(layer.up, c.normed, c.up.data());
        decodeSwiglu(c.gate.data(), c.up.data(), c.rows * layer.gate.out, c.gate.data());
        c.addToStream(layer.down, c.gate);
    }
    c.normalize(c.finalNorm);
    c.apply(c.head, c.normed, c.logits.data_ptr<float>());
    return c.logits;
}

} // namespace lathe
