#include "core/adapter/gguf_lora.h"

#include "core/adapter/peft_patterns.h"
#include "core/base/files.h"
#include "core/base/text.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace lathe {

using nlohmann::json;

namespace {

/// What stands between the rows of a projection in Hugging Face's files and in llama.cpp's.
enum class RowOrder {
    Same,
    QueryPairs, ///< per head [2, d/2] becomes [d/2, 2]: rotated by neighbours, where HF rotates halves
    KeyPairs,   ///< the same with the number of key-value heads
    FusedHeads  ///< for each key-value head [its queries, key, value] becomes [all q; all k; all v]
};

struct Part {
    const char* module; ///< end of the site's name behind the layer's path
    const char* tensor; ///< llama.cpp's name behind "blk.N."
    RowOrder order = RowOrder::Same;
};

/// How llama.cpp calls an architecture and its tensors.
struct Naming {
    const char* architecture;
    const char* tokenTable;
    const char* head;
    std::vector<Part> parts;
};

std::vector<Part> gatedParts(RowOrder query, RowOrder key) {
    return {{"self_attn.q_proj", "attn_q", query}, {"self_attn.k_proj", "attn_k", key},
            {"self_attn.v_proj", "attn_v"},        {"self_attn.o_proj", "attn_output"},
            {"mlp.gate_proj", "ffn_gate"},         {"mlp.up_proj", "ffn_up"},
            {"mlp.down_proj", "ffn_down"}};
}

std::vector<Part> fusedParts() {
    return {{"query_key_value", "attn_qkv", RowOrder::FusedHeads},
            {"dense", "attn_output"},
            {"dense_h_to_4h", "ffn_up"},
            {"dense_4h_to_h", "ffn_down"}};
}

/// By Lathe's name of the architecture.
const std::map<std::string, Naming>& namings() {
    static const std::map<std::string, Naming> kNamings = [] {
        const auto plain = gatedParts(RowOrder::Same, RowOrder::Same);
        const Naming llama{"llama", "model.embed_tokens", "lm_head",
                           gatedParts(RowOrder::QueryPairs, RowOrder::KeyPairs)};
        const auto like = [&plain](const char* name) {
            return Naming{name, "model.embed_tokens", "lm_head", plain};
        };
        std::map<std::string, Naming> all{{"llama", llama},         {"mistral", llama},
                                          {"qwen2", like("qwen2")}, {"qwen3", like("qwen3")},
                                          {"gemma", like("gemma")}, {"gemma2", like("gemma2")}};
        all["phi"] = {"phi2",
                      "model.embed_tokens",
                      "lm_head",
                      {{"self_attn.q_proj", "attn_q"},
                       {"self_attn.k_proj", "attn_k"},
                       {"self_attn.v_proj", "attn_v"},
                       {"self_attn.dense", "attn_output"},
                       {"mlp.fc1", "ffn_up"},
                       {"mlp.fc2", "ffn_down"}}};
        all["phi3"] = {"phi3",
                       "model.embed_tokens",
                       "lm_head",
                       {{"self_attn.qkv_proj", "attn_qkv"},
                        {"self_attn.o_proj", "attn_output"},
                        {"mlp.gate_up_proj", "ffn_up"},
                        {"mlp.down_proj", "ffn_down"}}};
        all["gpt2"] = {"gpt2",
                       "transformer.wte",
                       "lm_head",
                       {{"attn.c_attn", "attn_qkv"},
                        {"attn.c_proj", "attn_output"},
                        {"mlp.c_fc", "ffn_up"},
                        {"mlp.c_proj", "ffn_down"}}};
        all["gpt_neox"] = {"gptneox", "gpt_neox.embed_in", "embed_out", fusedParts()};
        all["bloom"] = {"bloom", "transformer.word_embeddings", "lm_head", fusedParts()};
        all["falcon"] = {"falcon", "transformer.word_embeddings", "lm_head", fusedParts()};
        return all;
    }();
    return kNamings;
}

struct TensorName {
    std::string name; ///< without ".weight"
    RowOrder order = RowOrder::Same;
};

std::optional<TensorName> ggufName(const Naming& naming, const Site& site) {
    if (site.name == naming.tokenTable)
        return TensorName{"token_embd"};
    if (site.name == naming.head)
        return TensorName{"output"};
    for (const Part& part : naming.parts)
        if (site.layer >= 0 && site.name.ends_with(std::string(".") + part.module))
            return TensorName{"blk." + std::to_string(site.layer) + "." + part.tensor, part.order};
    return std::nullopt;
}

/// x: [out, R]. [heads, 2, d/2, R] -> [heads, d/2, 2, R], or back.
at::Tensor pairsOf(const at::Tensor& x, std::int64_t heads, bool isBack) {
    const std::int64_t half = x.size(0) / heads / 2;
    const at::Tensor split = isBack ? x.view({heads, half, 2, -1}) : x.view({heads, 2, half, -1});
    return split.transpose(1, 2).reshape(x.sizes());
}

/// x: [out, R], rows [K, G + 2, d] with G queries a key-value head -> [K·G; K; K] heads of d rows, or back.
at::Tensor fusedOf(const at::Tensor& x, const ModelSummary& model, bool isBack) {
    const std::int64_t keys = model.keyValueHeads;
    const std::int64_t group = model.heads / keys;
    const std::int64_t size = x.size(0) / (keys * (group + 2));
    if (!isBack) {
        const at::Tensor split = x.view({keys, group + 2, size, -1});
        const auto rows = [&](std::int64_t begin, std::int64_t count) {
            return split.narrow(1, begin, count).reshape({keys * count * size, -1});
        };
        return at::cat({rows(0, group), rows(group, 1), rows(group + 1, 1)});
    }
    const std::int64_t queries = keys * group * size;
    const auto part = [&](std::int64_t begin, std::int64_t count) {
        return x.narrow(0, begin, keys * count * size).view({keys, count, size, -1});
    };
    return at::cat({part(0, group), part(queries, 1), part(queries + keys * size, 1)}, 1).reshape(x.sizes());
}

/// B with its rows in llama.cpp's order, or back in Hugging Face's.
at::Tensor reordered(const at::Tensor& b, RowOrder order, const ModelSummary& model, bool isBack) {
    switch (order) {
    case RowOrder::QueryPairs:
        return pairsOf(b, model.heads, isBack);
    case RowOrder::KeyPairs:
        return pairsOf(b, model.keyValueHeads, isBack);
    case RowOrder::FusedHeads:
        return fusedOf(b, model, isBack);
    case RowOrder::Same:
        break;
    }
    return b;
}

bool saysNothing(const json& value) {
    return value.is_null() || value == false || value == "none" || value == "None" ||
           ((value.is_array() || value.is_object()) && value.empty());
}

/// Settings of PEFT that change what is computed and have no place in the file; a value that says nothing is
/// well.
constexpr std::array kUnrepresentable{"use_dora",
                                      "bias",
                                      "lora_bias",
                                      "modules_to_save",
                                      "trainable_token_indices",
                                      "target_parameters",
                                      "layer_replication",
                                      "alora_invocation_tokens",
                                      "use_qalora",
                                      "use_bdlora",
                                      "kasa_config",
                                      "velora_config",
                                      "monteclora_config",
                                      "arrow_config"};

/// Initialisations that take something out of the base's weights, which llama.cpp's base still has.
constexpr std::array kMovesBase{"pissa", "olora", "corda", "loftq", "lora_ga"};

double fileAlpha(const json& config) {
    const double alpha = config.value("lora_alpha", 8.0);
    return alpha == 0 ? 1 : alpha; // llama.cpp takes 0 for "no scale"
}

/// What B is multiplied with, so that alpha / rank of the file makes the adapter's own scale of it.
double foldedFactor(const json& config, const std::string& module, std::int64_t rank) {
    const double alpha = patternValue(config, "alpha_pattern", module, config.value("lora_alpha", 8.0));
    const auto r = static_cast<double>(rank);
    const double scale = config.value("use_rslora", false) ? alpha / std::sqrt(r) : alpha / r;
    return scale / (fileAlpha(config) / r);
}

/// A and B of a site as PEFT names them.
struct Pair {
    at::Tensor a; // [R, in]
    at::Tensor b; // [out, R]
};

Result<Pair> pairOf(const PeftFolder& adapter, const Site& site) {
    const bool isTable = site.kind == SiteKind::Embedding;
    Pair pair;
    for (const auto& [suffix, tensor] :
         {std::pair(isTable ? "lora_embedding_A" : "lora_A.weight", &pair.a),
          std::pair(isTable ? "lora_embedding_B" : "lora_B.weight", &pair.b)}) {
        const auto found = adapter.tensors().find(peftName(site, suffix));
        if (found == adapter.tensors().end())
            return inputError(adapter.tensorsPath(), "lacks the tensor " + peftName(site, suffix));
        *tensor = found->second.to(at::kFloat);
    }
    if (pair.a.dim() != 2 || pair.b.dim() != 2 || pair.a.size(1) != site.in || pair.b.size(0) != site.out ||
        pair.a.size(0) != pair.b.size(1))
        return inputError(adapter.tensorsPath(),
                          "the tensors of " + site.name + " have other shapes than the model asks for");
    return pair;
}

std::string settingObstacle(const json& config) {
    for (const char* key : kUnrepresentable)
        if (const json value = config.value(key, json()); !saysNothing(value))
            return std::string("llama.cpp's file has no place for ") + key + " (it is " + value.dump() +
                   "); export a merged model";
    const json start = config.value("init_lora_weights", json(true));
    if (start.is_string())
        for (const char* name : kMovesBase)
            if (start.get<std::string>().starts_with(name))
                return "it starts by " + start.get<std::string>() +
                       ", which changes the base's own weights; export a merged model";
    return {};
}

std::string siteObstacle(const ModelSummary& model, const Naming& naming, const Site& site) {
    if (!ggufName(naming, site))
        return "llama.cpp has no tensor of its own for " + site.name + "; export a merged model";
    if (site.kind == SiteKind::Head && model.hasTiedHead)
        return site.name + " shares its weight with the token table, and llama.cpp has no tensor for it";
    return {};
}

GgufFile header(const Naming& naming, double alpha, const std::string& name) {
    GgufFile file;
    file.values = {{"general.architecture", std::string(naming.architecture)},
                   {"general.type", std::string("adapter")},
                   {"adapter.type", std::string("lora")},
                   {"general.name", name},
                   {"general.file_type", std::uint32_t{0}}, // all F32
                   {"general.alignment", static_cast<std::uint32_t>(kGgufAlignment)},
                   {"adapter.lora.alpha", static_cast<float>(alpha)}};
    return file;
}

} // namespace

std::string ggufObstacle(const ModelSummary& model, const PeftFolder& adapter) {
    if (adapter.peftType() != "LORA")
        return "llama.cpp loads LoRA adapters alone, and this one is of the type " + adapter.peftType();
    const auto naming = namings().find(model.architecture);
    if (naming == namings().end()) {
        std::vector<std::string> known;
        for (const auto& [name, unused] : namings())
            known.push_back(name);
        return "no loader of llama.cpp for adapters of " + model.architecture +
               " models is known to work; these are: " + joined(known);
    }
    if (model.head != HeadKind::CausalLm)
        return "llama.cpp loads adapters of models that write text, and this one has another head";
    const json& config = adapter.config();
    if (std::string obstacle = settingObstacle(config); !obstacle.empty())
        return obstacle;
    const auto sites = peftTargetSites(config, model, adapter.configPath());
    if (!sites.has_value())
        return sites.error().text();
    for (const Site& site : sites.value())
        if (std::string obstacle = siteObstacle(model, naming->second, site); !obstacle.empty())
            return obstacle;
    return {};
}

Result<GgufFile> ggufOfLora(const ModelSummary& model, const PeftFolder& adapter, const std::string& name) {
    if (const std::string obstacle = ggufObstacle(model, adapter); !obstacle.empty())
        return inputError(adapter.configPath(), "cannot be written for llama.cpp: " + obstacle);
    const at::NoGradGuard noGrad;
    const json& config = adapter.config();
    const Naming& naming = namings().at(model.architecture);
    LATHE_ASSIGN(const std::vector<Site> sites, peftTargetSites(config, model, adapter.configPath()));
    GgufFile file = header(naming, fileAlpha(config), name);
    for (const Site& site : sites) {
        LATHE_ASSIGN(const Pair pair, pairOf(adapter, site));
        const auto tensor = ggufName(naming, site);
        const bool isTable = site.kind == SiteKind::Embedding; // ggml looks rows of A up
        const at::Tensor b = pair.b * foldedFactor(config, site.name, pair.a.size(0));
        file.tensors.emplace_back(tensor->name + ".weight.lora_a",
                                  (isTable ? pair.a.t() : pair.a).contiguous());
        file.tensors.emplace_back(tensor->name + ".weight.lora_b",
                                  reordered(b, tensor->order, model, false).contiguous());
    }
    return file;
}

namespace {

Result<double> alphaOf(const GgufFile& file, const Naming& naming) {
    const auto says = [&file](const char* key, const std::string& value) {
        const GgufValue* found = file.find(key);
        const auto* text = found == nullptr ? nullptr : std::get_if<std::string>(found);
        return text != nullptr && *text == value;
    };
    for (const auto& [key, value] : {std::pair<const char*, std::string>("general.type", "adapter"),
                                     std::pair<const char*, std::string>("adapter.type", "lora"),
                                     {"general.architecture", naming.architecture}})
        if (!says(key, value))
            return inputError(key, "is not \"" + value + "\", so the file is no LoRA adapter of this model");
    const GgufValue* alpha = file.find("adapter.lora.alpha");
    if (alpha == nullptr || !std::holds_alternative<float>(*alpha))
        return inputError("adapter.lora.alpha", "is missing");
    return static_cast<double>(std::get<float>(*alpha));
}

} // namespace

Status writeLoraOfGguf(const GgufFile& file, const ModelSummary& model, const AdapterOrigin& origin,
                       const std::filesystem::path& folder) {
    const auto naming = namings().find(model.architecture);
    if (naming == namings().end())
        return inputError(model.architecture, "has no adapters of llama.cpp that could be read");
    LATHE_ASSIGN(const double alpha, alphaOf(file, naming->second));
    std::map<std::string, at::Tensor> left(file.tensors.begin(), file.tensors.end());
    std::vector<NamedTensor> tensors;
    std::vector<std::string> targets;
    json ranks = json::object();
    for (const Site& site : model.sites) {
        const auto name = ggufName(naming->second, site);
        const auto a = name ? left.extract(name->name + ".weight.lora_a") : decltype(left)::node_type();
        const auto b = name ? left.extract(name->name + ".weight.lora_b") : decltype(left)::node_type();
        if (a.empty() && b.empty())
            continue;
        const bool isTable = site.kind == SiteKind::Embedding;
        if (a.empty() || b.empty() || a.mapped().dim() != 2 || b.mapped().dim() != 2 ||
            b.mapped().size(0) != site.out || a.mapped().size(isTable ? 0 : 1) != site.in)
            return inputError(name->name, "lacks its lora_a or lora_b, or has another shape than the model");
        const at::Tensor down = isTable ? a.mapped().t() : a.mapped();
        targets.push_back(site.name);
        ranks[site.name] = down.size(0);
        tensors.emplace_back(peftName(site, isTable ? "lora_embedding_A" : "lora_A.weight"), down);
        tensors.emplace_back(peftName(site, isTable ? "lora_embedding_B" : "lora_B.weight"),
                             reordered(b.mapped(), name->order, model, true));
    }
    if (targets.empty() || !left.empty())
        return inputError(left.empty() ? "the file" : left.begin()->first,
                          left.empty() ? "has no tensor of an adapter" : "fits no tensor of the model");
    const json config{{"peft_type", "LORA"},
                      {"r", ranks.front()},
                      {"lora_alpha", alpha},
                      {"rank_pattern", ranks},
                      {"target_modules", targets}};
    LATHE_TRY(ensureWritableFolder(folder));
    return writePeftFolder(folder, origin, config, tensors, json());
}

} // namespace lathe
