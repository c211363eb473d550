#include "core/model/quantised_files.h"

#include "core/base/contract.h"
#include "core/model/model_files.h"

#include <ATen/ops/isfinite.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace lathe {

using nlohmann::json;

namespace {

constexpr const char* kState = ".quant_state.bitsandbytes__nf4";

bool says(const json& config, const char* key) {
    const auto it = config.find(key);
    return it != config.end() && it->is_boolean() && it->get<bool>();
}

std::string text(const json& config, const char* key, const char* fallback) {
    const auto it = config.find(key);
    return it != config.end() && it->is_string() ? it->get<std::string>() : fallback;
}

/// "m.SCB" of "m.weight", or "m.weight.SCB"; empty where neither is there.
std::string beside(const TensorEntries& entries, const std::string& name, const std::string& part) {
    const std::string module = name.substr(0, name.rfind('.') + 1) + part;
    if (entries.contains(module))
        return module;
    return entries.contains(name + "." + part) ? name + "." + part : std::string();
}

Error misfit(const std::string& name, const std::string& what) {
    return inputError(name, what + "; take the checkpoint as its publisher wrote it");
}

std::optional<at::ScalarType> dtypeNamed(const std::string& name) {
    if (name == "float32")
        return at::kFloat;
    if (name == "bfloat16")
        return at::kBFloat16;
    return name == "float16" ? std::optional(at::kHalf) : std::nullopt;
}

/// What the JSON beside NF4 codes says, checked as far as it goes by itself.
struct Nf4State {
    std::int64_t block = 0, nestedBlock = 0;
    double offset = 0;
    at::ScalarType dtype = at::kFloat;
};

Result<Nf4State> parseState(const at::Tensor& bytes, const std::string& name, std::int64_t out,
                            std::int64_t in, bool isNested) {
    const at::Tensor flat = bytes.contiguous();
    const auto* begin = flat.const_data_ptr<std::uint8_t>();
    const json state = json::parse(begin, begin + flat.numel(), nullptr, false);
    if (!state.is_object())
        return misfit(name + kState, "is not the JSON of an NF4 weight");
    const auto whole = [&state](const char* key) {
        const auto it = state.find(key);
        return it != state.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
    };
    Nf4State result{whole("blocksize"), isNested ? whole("nested_blocksize") : kStatisticsBlock};
    const auto isBlock = [](std::int64_t size) { return size >= 32 && size <= 4096 && size % 2 == 0; };
    if (!isBlock(result.block) || !isBlock(result.nestedBlock))
        return misfit(name + kState, "has the block sizes " + std::to_string(result.block) + " and " +
                                         std::to_string(result.nestedBlock) +
                                         "; even ones from 32 to 4096 are needed");
    if (const json shape = state.value("shape", json()); shape != json{out, in})
        return misfit(name + kState,
                      "has the shape " + shape.dump() + ", but config.json asks for " + json{out, in}.dump());
    const auto dtype = dtypeNamed(text(state, "dtype", ""));
    if (!dtype)
        return misfit(name + kState, "has the dtype \"" + text(state, "dtype", "") +
                                         "\"; float32, bfloat16 or float16 is needed");
    result.dtype = *dtype;
    const auto offset = state.find("nested_offset");
    if (isNested && (offset == state.end() || !offset->is_number()))
        return misfit(name + kState, "has no nested_offset");
    result.offset = isNested ? offset->get<double>() : 0;
    return result;
}

/// Names a part that is missing or no such tensor.
Status requirePart(const std::string& name, const at::Tensor& part, at::ScalarType dtype,
                   std::int64_t count) {
    if (part.scalar_type() != dtype || part.numel() != count)
        return misfit(name, "has " + std::to_string(part.numel()) + " numbers of " +
                                at::toString(part.scalar_type()) + "; " + std::to_string(count) + " of " +
                                at::toString(dtype) + " are needed");
    if (at::isFloatingType(dtype) && !at::isfinite(part).all().item<bool>())
        return misfit(name, "has numbers that are not finite");
    return ok();
}

Result<at::Tensor> partOf(const TensorSource& tensors, const std::string& name, at::ScalarType dtype,
                          std::int64_t count) {
    LATHE_ASSIGN(const at::Tensor part, tensors(name));
    LATHE_TRY(requirePart(name, part, dtype, count));
    return part.contiguous().flatten();
}

std::int64_t blocksIn(std::int64_t count, std::int64_t size) { return (count + size - 1) / size; }

Result<std::shared_ptr<const PackedWeight>> readNf4(const TensorEntries& entries, const TensorSource& tensors,
                                                    const std::string& name, std::int64_t out,
                                                    std::int64_t in, std::shared_ptr<ScratchPool> scratch) {
    const bool isNested = entries.contains(name + ".nested_absmax");
    LATHE_ASSIGN(const at::Tensor described, tensors(name + kState));
    LATHE_ASSIGN(const Nf4State state, parseState(described, name, out, in, isNested));
    LATHE_ASSIGN(const at::Tensor stored, tensors(name));
    const at::Tensor codes = stored.contiguous().flatten().view(at::kByte); // whatever dtype holds the bytes
    LATHE_TRY(requirePart(name, codes, at::kByte, (out * in + 1) / 2));
    Nf4Parts parts;
    parts.codes = codes;
    parts.block = state.block;
    parts.nestedBlock = state.nestedBlock;
    parts.offset = static_cast<float>(state.offset);
    parts.rounding = state.dtype;
    const std::int64_t blocks = blocksIn(out * in, state.block);
    LATHE_ASSIGN(parts.levels, partOf(tensors, name + ".quant_map", at::kFloat, 16));
    LATHE_ASSIGN(parts.absmax, partOf(tensors, name + ".absmax", isNested ? at::kByte : at::kFloat, blocks));
    if (isNested) {
        LATHE_ASSIGN(parts.nestedAbsmax, partOf(tensors, name + ".nested_absmax", at::kFloat,
                                                blocksIn(blocks, state.nestedBlock)));
        LATHE_ASSIGN(parts.nestedLevels, partOf(tensors, name + ".nested_quant_map", at::kFloat, 256));
    }
    return std::make_shared<const PackedWeight>(out, in, std::move(parts), std::move(scratch));
}

Result<std::shared_ptr<const PackedWeight>> readInt8(const TensorEntries& entries,
                                                     const TensorSource& tensors, const std::string& name,
                                                     std::int64_t out, std::int64_t in,
                                                     std::shared_ptr<ScratchPool> scratch) {
    if (const std::string format = beside(entries, name, "weight_format"); !format.empty()) {
        LATHE_ASSIGN(const at::Tensor layout, tensors(format));
        if (layout.numel() != 1 || layout.to(at::kLong).item<std::int64_t>() != 0)
            return inputError(format, "keeps the numbers in a GPU's own order; save the model again with a "
                                      "newer bitsandbytes, which keeps rows");
    }
    LATHE_ASSIGN(const at::Tensor codes, partOf(tensors, name, at::kChar, out * in));
    LATHE_ASSIGN(const at::Tensor scale, partOf(tensors, beside(entries, name, "SCB"), at::kFloat, out));
    return std::make_shared<const PackedWeight>(Int8Codes{codes.view({out, in}), scale}, std::move(scratch));
}

} // namespace

Result<Quantisation> quantisationOf(const json& config) {
    const auto it = config.find("quantization_config");
    if (it == config.end() || !it->is_object())
        return Quantisation::None;
    const bool isInt8 = says(*it, "load_in_8bit");
    const bool isFourBit = says(*it, "load_in_4bit");
    const std::string method = text(*it, "quant_method", isInt8 || isFourBit ? "bitsandbytes" : "quantized");
    if (method != "bitsandbytes")
        return inputError("quantization_config", "asks for \"" + method +
                                                     "\" weights, which are not supported; take the "
                                                     "unquantized model, or one of bitsandbytes");
    const std::string type = text(*it, "bnb_4bit_quant_type", "fp4");
    if (isFourBit && type != "nf4")
        return inputError("quantization_config",
                          "asks for 4-bit weights of the type \"" + type + "\"; nf4 is supported");
    return isFourBit ? Quantisation::Nf4 : isInt8 ? Quantisation::Int8 : Quantisation::None;
}

Result<Quantisation> storedQuantisation(const std::filesystem::path& model) {
    LATHE_ASSIGN(const json config, readModelConfig(model));
    return quantisationOf(config);
}

std::string quantisationName(Quantisation kind) {
    return kind == Quantisation::Nf4 ? "nf4" : kind == Quantisation::Int8 ? "int8" : "none";
}

std::string quantisationName(const BaseQuantisation& quantisation) {
    const std::string name = quantisationName(quantisation.projections);
    return quantisation.tokens == Quantisation::None
               ? name
               : name + " with tokens in " + quantisationName(quantisation.tokens);
}

Quantisation quantisationNamed(const std::string& name) {
    LATHE_EXPECT(name == "none" || name == "nf4" || name == "int8");
    return name == "nf4" ? Quantisation::Nf4 : name == "int8" ? Quantisation::Int8 : Quantisation::None;
}

Quantisation packedKind(const TensorEntries& entries, const std::string& name) {
    if (entries.contains(name + kState))
        return Quantisation::Nf4;
    const auto entry = entries.find(name);
    const bool isInt8 = entry != entries.end() && entry->second.dtype == at::kChar;
    return isInt8 && !beside(entries, name, "SCB").empty() ? Quantisation::Int8 : Quantisation::None;
}

Status checkPacked(const TensorEntries& entries, const std::string& name, std::int64_t out, std::int64_t in,
                   const std::string& where) {
    const TensorEntry& entry = entries.at(name);
    const bool isNf4 = packedKind(entries, name) == Quantisation::Nf4;
    if (isNf4)
        for (const char* part : {".absmax", ".quant_map"})
            if (!entries.contains(name + part))
                return inputError(where,
                                  "lacks the tensor " + name + part + ", which belongs to NF4 weights");
    if (isNf4 && entries.contains(name + ".nested_absmax") && !entries.contains(name + ".nested_quant_map"))
        return inputError(where,
                          "lacks the tensor " + name + ".nested_quant_map, which belongs to NF4 weights");
    std::int64_t count = static_cast<std::int64_t>(at::elementSize(entry.dtype));
    for (const std::int64_t size : entry.shape)
        count *= size;
    const std::int64_t needed = isNf4 ? (out * in + 1) / 2 : out * in;
    if (count != needed)
        return inputError(where, "tensor " + name + " has " + std::to_string(count) +
                                     " bytes of codes, but " + std::to_string(needed) + " hold the " +
                                     std::to_string(out) + " x " + std::to_string(in) +
                                     " numbers that config.json asks for");
    return ok();
}

Result<std::shared_ptr<const PackedWeight>> readPacked(const TensorEntries& entries,
                                                       const TensorSource& tensors, const std::string& name,
                                                       std::int64_t out, std::int64_t in,
                                                       std::shared_ptr<ScratchPool> scratch) {
    return packedKind(entries, name) == Quantisation::Nf4
               ? readNf4(entries, tensors, name, out, in, std::move(scratch))
               : readInt8(entries, tensors, name, out, in, std::move(scratch));
}

} // namespace lathe
