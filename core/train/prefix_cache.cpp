#include "core/train/prefix_cache.h"

#include "core/base/contract.h"
#include "core/base/sha256.h"
#include "core/kernels/packed_weight.h"
#include "core/model/model_files.h"
#include "core/train/training_step.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

constexpr const char* kVersion = "activations 1";

template <typename T>
std::span<const std::byte> bytesOf(std::span<const T> values) {
    return std::as_bytes(values);
}

RowHash hashOf(std::span<const std::int32_t> ids, std::span<const std::uint8_t> types) {
    FastHash hash;
    hash.add(bytesOf(ids));
    if (std::ranges::any_of(types, [](std::uint8_t type) { return type != 0; }))
        hash.add(bytesOf(types));
    const auto lanes = hash.lanes();
    return {hash.short64(), mixSeed(mixSeed(lanes[0], lanes[1]), mixSeed(lanes[2], lanes[3]))};
}

std::string textOf(const FastHash& hash) {
    std::string text;
    for (const std::uint64_t lane : hash.lanes())
        text += std::to_string(lane) + " ";
    return text;
}

/// The weights themselves: a folder of the same name may hold others tomorrow.
void addWeights(Sha256& key, const TransformerModel& model, std::int64_t blocks) {
    const auto& specs = model.spec().blocks;
    for (const auto& [name, weight] : model.weights()) {
        const auto isOfUpper = [&, &each = name](const BlockSpec& block) {
            return each.starts_with(blockPath(block) + ".");
        };
        if (std::any_of(specs.begin() + blocks, specs.end(), isOfUpper) || weight.requires_grad())
            continue;
        FastHash hash;
        for (const RowRange& rows : unpackedTogether(weight)) {
            const DenseWeight dense(weight, rows);
            const at::Tensor plain = dense.tensor().detach().contiguous();
            hash.add({static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()});
        }
        key.add(name + " " + textOf(hash));
    }
}

/// Everything that the values of the rows depend on.
Result<std::string> keyOf(const TransformerModel& model, const PrefixCacheWish& wish, std::int64_t blocks,
                          const ActivationPlan& plan) {
    LATHE_ASSIGN(const nlohmann::json config, readModelConfig(wish.modelFolder));
    Sha256 key;
    key.add(std::string(kVersion) + " " + std::to_string(blocks) + " " + at::toString(model.dtype()) + " " +
            at::toString(model.streamDtype()) + " " + std::to_string(at::get_num_threads()) + " " +
            at::get_cpu_capability() + " " + config.dump());
    addWeights(key, model, blocks);
    for (const auto& [row, tokens] : plan.tokens)
        key.add(std::to_string(row.first) + " " + std::to_string(row.second) + " " + std::to_string(tokens) +
                "\n");
    return key.hexDigest();
}

void addRows(const ExampleList& rows, ActivationPlan& plan) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Example row = rows[i];
        plan.tokens.emplace(hashOf(row.ids, row.typeIds), row.ids.size());
    }
}

std::uint64_t tokensIn(const ExampleList& rows) {
    std::uint64_t tokens = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        tokens += rows.length(i);
    return tokens;
}

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 999'999) / 1'000'000) + " MB"; }

PrefixCacheAnswer nothing(const std::string& why) {
    return {nullptr, "the activations of frozen layers are not kept: " + why};
}

Result<std::shared_ptr<ActivationStore>> openStore(ActivationPlan plan, const PrefixCacheWish& wish) {
    const std::uint64_t bytes = plan.bytes();
    if (bytes <= wish.memoryBytes)
        return ActivationStore::inMemory(std::move(plan));
    const auto file = wish.folder.fileOf(plan.key);
    std::error_code problem;
    if (!std::filesystem::exists(file, problem) && !wish.folder.makeRoom(bytes))
        return inputError("the activations",
                          "take " + megabytes(bytes) + "; " + megabytes(wish.memoryBytes) +
                              " of memory and " +
                              megabytes(wish.folder.path.empty() ? 0 : wish.folder.maxBytes) +
                              " of a disk with room to spare are allowed");
    return ActivationStore::inFile(std::move(plan), file);
}

std::string noteOf(const PrefixCache& cache, std::size_t layers) {
    const ActivationStore& store = cache.store();
    return std::string(store.wasDamaged() ? "a damaged file of activations is made anew; " : "") +
           "the activations below layer " + std::to_string(cache.block()) + " of " + std::to_string(layers) +
           " are kept " + (store.isInFile() ? "on the disk" : "in memory") + ", " +
           megabytes(store.plan().bytes());
}

/// Why the model has nothing to keep; empty: it has.
std::string refusal(LanguageModel& model, const PrefixCacheWish& wish) {
    auto* transformer = dynamic_cast<TransformerModel*>(&model);
    if (transformer == nullptr)
        return "this architecture has none";
    if (!model.device().is_cpu())
        return "the model computes on another device than the CPU";
    if (const FrozenBlocks frozen = transformer->frozenBlocks(); frozen.count == 0)
        return frozen.why;
    return wish.epochs > 1 ? "" : "each row is read once";
}

} // namespace

Result<std::shared_ptr<ActivationStore>>
ActivationShelf::storeFor(const std::string& key,
                          const std::function<Result<std::shared_ptr<ActivationStore>>()>& open) {
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<ActivationStore> store = m_stores[key].lock();
    if (!store) {
        m_latest.reset(); // before another takes memory
        LATHE_ASSIGN(store, open());
        m_stores[key] = store;
    }
    m_latest = store;
    return store;
}

PrefixCacheAnswer openPrefixCache(LanguageModel& model, const PrefixCacheWish& wish) {
    if (const std::string why = refusal(model, wish); !why.empty())
        return nothing(why);
    auto& transformer = dynamic_cast<TransformerModel&>(model);
    ActivationPlan plan;
    plan.bytesPerToken =
        static_cast<std::size_t>(transformer.spec().width) * c10::elementSize(transformer.streamDtype());
    const std::uint64_t atMost = (tokensIn(wish.data.train) + tokensIn(wish.data.eval)) * plan.bytesPerToken;
    if (atMost > std::max(wish.memoryBytes, wish.folder.path.empty() ? 0 : wish.folder.maxBytes))
        return nothing("they take up to " + megabytes(atMost) + ", more than is allowed");
    addRows(wish.data.train, plan);
    addRows(wish.data.eval, plan);
    const std::int64_t blocks = transformer.frozenBlocks().count;
    const auto key = keyOf(transformer, wish, blocks, plan);
    if (!key.has_value())
        return nothing(key.error().text());
    plan.key = *key;
    const auto open = [&] { return openStore(plan, wish); };
    auto store = wish.shelf != nullptr ? wish.shelf->storeFor(*key, open) : open();
    if (!store.has_value())
        return nothing(store.error().text());
    auto cache = std::make_unique<PrefixCache>(blocks, std::move(*store));
    std::string note = noteOf(*cache, transformer.spec().blocks.size());
    return {std::move(cache), std::move(note)};
}

namespace {

/// A text by itself, [T, D]; a short one several times side by side, so that the products are those of a
/// batch.
at::Tensor computed(TransformerModel& model, std::int64_t block, std::span<const std::int32_t> ids,
                    std::span<const std::uint8_t> types) {
    const at::NoGradGuard noGrad;
    const auto length = static_cast<std::int64_t>(ids.size());
    const std::int64_t copies = (kRowsOfOneOrder + length - 1) / length;
    ModelInput input;
    const auto row = [copies](const at::Tensor& own) {
        return own.to(at::kLong).repeat({copies}).unsqueeze(0); // [1, copies · T]
    };
    input.ids = row(at::tensor(at::ArrayRef<std::int32_t>(ids.data(), ids.size()), at::kInt));
    if (!types.empty())
        input.types = row(at::tensor(at::ArrayRef<std::uint8_t>(types.data(), types.size()), at::kByte));
    input.lengths.assign(static_cast<std::size_t>(copies), length);
    return model.inputOf(block, input).select(0, 0).narrow(0, 0, length).contiguous();
}

} // namespace

at::Tensor PrefixCache::rowOf(TransformerModel& model, const Batch& batch, std::size_t row) {
    const std::size_t first = row * batch.length;
    const auto mask = std::span(batch.mask).subspan(first, batch.length);
    const auto length = static_cast<std::size_t>(std::ranges::count(mask, std::uint8_t{1}));
    const auto ids = std::span(batch.ids).subspan(first, length);
    const auto types = batch.typeIds.empty() ? std::span<const std::uint8_t>()
                                             : std::span(batch.typeIds).subspan(first, length);
    const RowHash hash = hashOf(ids, types);
    const auto options = at::TensorOptions(model.streamDtype());
    if (const auto found = m_store->find(hash); !found.empty()) {
        ++m_found;
        return at::from_blob(const_cast<std::byte*>(found.data()),
                             {static_cast<std::int64_t>(length), model.spec().width}, options);
    }
    ++m_computed;
    const at::Tensor fresh = computed(model, m_block, ids, types);
    m_store->put(hash, {static_cast<const std::byte*>(fresh.const_data_ptr()), fresh.nbytes()});
    return fresh;
}

BlockStart PrefixCache::startOf(LanguageModel& model, const Batch& batch, BatchLayout layout) {
    auto* transformer = dynamic_cast<TransformerModel*>(&model);
    LATHE_EXPECT(transformer != nullptr && model.device().is_cpu());
    std::vector<at::Tensor> rows;
    for (std::size_t row = 0; row < batch.rows; ++row) {
        rows.push_back(rowOf(*transformer, batch, row));
        const std::int64_t padding = static_cast<std::int64_t>(batch.length) - rows.back().size(0);
        if (layout == BatchLayout::Padded && padding > 0)
            rows.push_back(at::zeros({padding, rows.back().size(1)}, rows.back().options()));
    }
    const at::Tensor all = at::cat(rows); // a copy: what is trained above never writes to the store
    const std::int64_t width = all.size(1);
    return {m_block, layout == BatchLayout::Padded
                         ? all.view({static_cast<std::int64_t>(batch.rows), -1, width})
                         : all.unsqueeze(0)};
}

} // namespace lathe
