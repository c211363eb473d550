#include "core/model/llama2c_file.h"

#include "core/model/quoted.h"

#include <ATen/Functions.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

namespace lathe {

namespace {

constexpr std::uint32_t kMagic = 0x616b3432; // "ak42", in front since version 1
constexpr std::uint32_t kNewestVersion = 2;
constexpr std::size_t kLegacyHeaderSize = 28;
constexpr std::size_t kHeaderSize = 256;
constexpr std::size_t kTiedAt = 36;         // u8
constexpr std::size_t kGroupSizeAt = 37;    // i32
constexpr std::int64_t kMaxLayers = 10'000; // far above any model; each takes nine entries of memory
constexpr const char* kAgain = "; the file is damaged or not one of llama2.c, get it again";

// A product of sizes, which are below 2^31 each, and a sum of such cannot overflow this.
using Wide = __int128;

/// A kind of tensor in the file: all layers' tensors of it lie together.
struct Part {
    std::string_view name; // what follows "model.layers.N." or, where it is not in layers, all of it
    bool isInLayers = true;
    bool isNorm = false;
    std::int64_t rows = 0; // 1 for a vector
    std::int64_t columns = 0;
};

std::string sizesText(const std::array<std::int32_t, 7>& sizes) {
    constexpr std::array kNames{"dim",        "hidden_dim", "n_layers", "n_heads",
                                "n_kv_heads", "vocab_size", "seq_len"};
    std::string text;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::string(kNames[i]) + " " + std::to_string(sizes[i]);
    return text;
}

} // namespace

/// Lays the tensors out over the file.
class Llama2cReader {
public:
    explicit Llama2cReader(Llama2cModel& model) : m_model(model), m_bytes(model.m_bytes->all()) {}

    Status read() {
        const auto magic = value<std::uint32_t>(0);
        const std::size_t sizesAt = magic == kMagic ? 8 : 0;
        m_model.m_version = magic == kMagic ? value<std::uint32_t>(4) : 0;
        if (m_model.m_version > kNewestVersion || (magic == kMagic && m_model.m_version == 0))
            return error("is of version " + std::to_string(m_model.m_version) + ", supported are 0, 1 and 2");
        const std::size_t headerSize = magic == kMagic ? kHeaderSize : kLegacyHeaderSize;
        if (m_bytes.size() < headerSize)
            return error("has " + std::to_string(m_bytes.size()) + " bytes, its header alone " +
                         std::to_string(headerSize));
        LATHE_TRY(readSizes(sizesAt));
        LATHE_TRY(readFlags(magic == kMagic));
        return layOut(headerSize);
    }

private:
    using Shape = Llama2cModel::Shape;

    [[nodiscard]] Error error(const std::string& message) const {
        return inputError(m_model.m_bytes->name(), message + kAgain);
    }

    template <typename T>
    [[nodiscard]] T value(std::size_t at) const {
        T result{};
        LATHE_EXPECT(at + sizeof result <= m_bytes.size());
        std::memcpy(&result, m_bytes.data() + at, sizeof result);
        return result;
    }

    Status readSizes(std::size_t at) {
        std::array<std::int32_t, 7> sizes{};
        std::memcpy(sizes.data(), m_bytes.data() + at, sizeof sizes);
        const bool isUntiedLegacy = m_model.m_version == 0 && sizes[5] < 0;
        m_model.m_isTied = !isUntiedLegacy;
        Shape& shape = m_model.m_shape;
        shape = {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]};
        if (isUntiedLegacy)
            shape.vocabulary = -shape.vocabulary;
        for (const std::int64_t size : {shape.width, shape.hidden, shape.layers, shape.heads,
                                        shape.keyValueHeads, shape.vocabulary, shape.positions})
            if (size <= 0)
                return error("has a size that is not above 0 (" + sizesText(sizes) + ")");
        if (shape.layers > kMaxLayers)
            return error("claims " + std::to_string(shape.layers) + " layers, at most " +
                         std::to_string(kMaxLayers) + " can be");
        if (shape.width % shape.heads != 0 || shape.width / shape.heads % 2 != 0 ||
            shape.heads % shape.keyValueHeads != 0)
            return error("has sizes that do not fit each other (" + sizesText(sizes) + ")");
        return ok();
    }

    Status readFlags(bool hasMagic) {
        if (!hasMagic)
            return ok();
        const auto tied = value<std::uint8_t>(kTiedAt);
        if (tied > 1)
            return error("has " + std::to_string(tied) + " where it says whether the output is tied, 0 or 1");
        m_model.m_isTied = tied == 1;
        if (m_model.m_version < 2)
            return ok();
        m_model.m_groupSize = value<std::int32_t>(kGroupSizeAt);
        if (m_model.m_groupSize <= 0)
            return error("has a group size of " + std::to_string(m_model.m_groupSize));
        return ok();
    }

    [[nodiscard]] std::vector<Part> parts() const {
        const Shape& s = m_model.m_shape;
        const std::int64_t narrow = s.width / s.heads * s.keyValueHeads;
        const Part embedding{"model.embed_tokens.weight", false, false, s.vocabulary, s.width};
        const Part attentionNorm{"input_layernorm.weight", true, true, 1, s.width};
        const Part mlpNorm{"post_attention_layernorm.weight", true, true, 1, s.width};
        const Part lastNorm{"model.norm.weight", false, true, 1, s.width};
        const std::vector<Part> attention{{"self_attn.q_proj.weight", true, false, s.width, s.width},
                                          {"self_attn.k_proj.weight", true, false, narrow, s.width},
                                          {"self_attn.v_proj.weight", true, false, narrow, s.width},
                                          {"self_attn.o_proj.weight", true, false, s.width, s.width}};
        const std::vector<Part> mlp{{"mlp.gate_proj.weight", true, false, s.hidden, s.width},
                                    {"mlp.down_proj.weight", true, false, s.width, s.hidden},
                                    {"mlp.up_proj.weight", true, false, s.hidden, s.width}};
        std::vector<Part> all = m_model.m_version == 0
                                    ? std::vector<Part>{embedding, attentionNorm}
                                    : std::vector<Part>{attentionNorm, mlpNorm, lastNorm, embedding};
        all.insert(all.end(), attention.begin(), attention.end());
        if (m_model.m_version == 0)
            all.push_back(mlpNorm);
        all.insert(all.end(), mlp.begin(), mlp.end());
        if (m_model.m_version == 0) {
            all.push_back(lastNorm);
            all.push_back({{}, false, false, s.positions, s.width / s.heads}); // tables of cosines and sines
        }
        if (!m_model.m_isTied)
            all.push_back({"lm_head.weight", false, false, s.vocabulary, s.width});
        return all;
    }

    /// Bytes of one tensor of a part. Nothing if its groups do not come out even.
    [[nodiscard]] Wide bytesOf(const Part& part) const {
        const Wide count = Wide{part.rows} * part.columns;
        return isQuantized(part) ? count + count / m_model.m_groupSize * Wide{sizeof(float)}
                                 : count * Wide{sizeof(float)};
    }
    [[nodiscard]] bool isQuantized(const Part& part) const { return m_model.m_version == 2 && !part.isNorm; }
    [[nodiscard]] std::int64_t copies(const Part& part) const {
        return part.isInLayers ? m_model.m_shape.layers : 1;
    }

    Status layOut(std::size_t headerSize) {
        const auto all = parts();
        Wide size = headerSize;
        for (const Part& part : all) {
            if (isQuantized(part) && Wide{part.rows} * part.columns % m_model.m_groupSize != 0)
                return error("has groups of " + std::to_string(m_model.m_groupSize) +
                             " elements, which do not divide " + std::string(part.name));
            size += bytesOf(part) * copies(part);
        }
        if (size != Wide{static_cast<std::int64_t>(m_bytes.size())})
            return error("has " + std::to_string(m_bytes.size()) + " bytes, its header asks for " +
                         (size > Wide{INT64_MAX} ? "more than a file can have"
                                                 : std::to_string(static_cast<std::int64_t>(size))));
        std::uint64_t at = headerSize;
        for (const Part& part : all)
            for (std::int64_t layer = 0; layer < copies(part); ++layer) {
                add(part, layer, at);
                at += static_cast<std::uint64_t>(bytesOf(part));
            }
        return ok();
    }

    void add(const Part& part, std::int64_t layer, std::uint64_t at) {
        if (part.name.empty())
            return;
        const auto count = static_cast<std::uint64_t>(part.rows) * static_cast<std::uint64_t>(part.columns);
        TensorEntry entry;
        entry.shape = part.isNorm ? std::vector{part.columns} : std::vector{part.rows, part.columns};
        entry.begin = at;
        entry.end = at + count * (isQuantized(part) ? 1 : sizeof(float));
        std::string name(part.name);
        if (part.isInLayers)
            name = "model.layers." + std::to_string(layer) + "." + name;
        m_model.m_entries.emplace(std::move(name), std::move(entry));
    }

    Llama2cModel& m_model;
    std::span<const std::byte> m_bytes;
};

std::string Llama2cModel::configJson() const {
    nlohmann::ordered_json config{{"architectures", {"LlamaForCausalLM"}},
                                  {"model_type", "llama"},
                                  {"vocab_size", m_shape.vocabulary},
                                  {"hidden_size", m_shape.width},
                                  {"intermediate_size", m_shape.hidden},
                                  {"num_hidden_layers", m_shape.layers},
                                  {"num_attention_heads", m_shape.heads},
                                  {"num_key_value_heads", m_shape.keyValueHeads},
                                  {"head_dim", m_shape.width / m_shape.heads},
                                  {"max_position_embeddings", m_shape.positions},
                                  {"rms_norm_eps", 1e-5},
                                  {"rope_theta", 10000.0},
                                  {"hidden_act", "silu"},
                                  {"attention_bias", false},
                                  {"mlp_bias", false},
                                  {"tie_word_embeddings", m_isTied},
                                  {"bos_token_id", 1},
                                  {"eos_token_id", 2},
                                  {"torch_dtype", "float32"}};
    return config.dump(2) + "\n";
}

Result<at::Tensor> Llama2cModel::tensor(const std::string& name) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        return inputError(m_bytes->name(), "has no tensor " + inQuotes(name));
    const TensorEntry& entry = found->second;
    const auto count =
        static_cast<std::int64_t>(tensorBytes(entry.shape, at::kFloat).value() / sizeof(float));
    const bool isQuantized = entry.end - entry.begin == static_cast<std::uint64_t>(count);
    LATHE_ASSIGN(
        at::Tensor tensor,
        tensorAt(m_bytes, {isQuantized ? at::kChar : at::kFloat, entry.shape, {}, entry.begin}, name));
    if (isQuantized) {
        LATHE_ASSIGN(const at::Tensor scales,
                     tensorAt(m_bytes, {at::kFloat, {count / m_groupSize, 1}, {}, entry.end}, name));
        tensor = (tensor.view({-1, m_groupSize}).to(at::kFloat) * scales).view(entry.shape);
    }
    const bool isQuery = name.ends_with("q_proj.weight");
    if (!isQuery && !name.ends_with("k_proj.weight"))
        return tensor;
    const std::int64_t heads = isQuery ? m_shape.heads : m_shape.keyValueHeads;
    // Rows 2k and 2k + 1 of a head turn together there, rows k and k + half here.
    return tensor.view({heads, -1, 2, m_shape.width}).transpose(1, 2).reshape(entry.shape);
}

Result<Llama2cModel> openLlama2c(const std::filesystem::path& file) {
    LATHE_ASSIGN(auto bytes, FileBytes::map(file, "a model of llama2.c", kLegacyHeaderSize));
    return openLlama2c(std::move(bytes));
}

Result<Llama2cModel> openLlama2c(FileBytes::Shared bytes) {
    if (bytes->all().size() < kLegacyHeaderSize)
        return inputError(bytes->name(), "has " + std::to_string(bytes->all().size()) +
                                             " bytes, a model of llama2.c has at least " +
                                             std::to_string(kLegacyHeaderSize) + kAgain);
    Llama2cModel model;
    model.m_bytes = std::move(bytes);
    LATHE_TRY(Llama2cReader(model).read());
    return model;
}

} // namespace lathe
