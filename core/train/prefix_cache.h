#pragma once

#include "core/model/block_start.h"
#include "core/model/transformer.h"
#include "core/train/activation_store.h"
#include "core/train/training_data.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace lathe {

enum class BatchLayout;

/// Stores that the trials of a process share: the one that was opened last stays, for the trials after this
/// one; others go with the last trial that uses them. Any thread.
class ActivationShelf {
public:
    /// The store of this key; `open` makes it where there is none.
    [[nodiscard]] Result<std::shared_ptr<ActivationStore>>
    storeFor(const std::string& key, const std::function<Result<std::shared_ptr<ActivationStore>>()>& open);

private:
    std::mutex m_mutex; // guards the members below, and that each store is opened once
    std::map<std::string, std::weak_ptr<ActivationStore>> m_stores;
    std::shared_ptr<ActivationStore> m_latest; // shared: with the trials that use it
};

/// Fewer rows than this go through other matrix products, whose sums have another order (measured with
/// LibTorch 2.15 in fp32).
inline constexpr std::int64_t kRowsOfOneOrder = 16;

/// Where all that is trained sits in upper layers, what the layers below make of a text is the same in every
/// epoch: computed once for each text, by itself, and kept. Equal to what a batch gives bit for bit where a
/// product's rows do not depend on the others' number: in bf16, and in fp32 with one thread and batches of at
/// least kRowsOfOneOrder tokens; else to within the rounding of fp32. Belongs to one thread, its store may be
/// shared.
class PrefixCache {
public:
    PrefixCache(std::int64_t block, std::shared_ptr<ActivationStore> store)
        : m_block(block), m_store(std::move(store)) {}

    /// How many blocks are left out.
    [[nodiscard]] std::int64_t block() const { return m_block; }
    /// Whether these blocks of the model are still what they were when the cache was opened.
    [[nodiscard]] bool holdsFor(TransformerModel& model) const {
        return model.frozenBlocks().count >= m_block;
    }
    /// What block block() reads of a batch, out of the store; rows that are not there yet are computed. The
    /// model's frozen blocks are those the cache was opened for, whoever's adapters are above them. Contract:
    /// a TransformerModel on the CPU.
    [[nodiscard]] BlockStart startOf(LanguageModel& model, const Batch& batch, BatchLayout layout);

    [[nodiscard]] const ActivationStore& store() const { return *m_store; }
    /// Rows that were computed, and rows that were there.
    [[nodiscard]] std::int64_t computedRows() const { return m_computed; }
    [[nodiscard]] std::int64_t foundRows() const { return m_found; }

private:
    [[nodiscard]] at::Tensor rowOf(TransformerModel& model, const Batch& batch, std::size_t row);

    std::int64_t m_block;
    std::shared_ptr<ActivationStore> m_store; // shared: by the trials of a study
    std::int64_t m_computed = 0;
    std::int64_t m_found = 0;
};

/// What a run wants to keep, and where it may.
struct PrefixCacheWish {
    const TrainingData& data;
    std::filesystem::path modelFolder;
    double epochs = 1; ///< planned
    std::uint64_t memoryBytes = 0;
    ActivationFolder folder = {};
    ActivationShelf* shelf = nullptr; ///< null: the store is this run's alone
};

struct PrefixCacheAnswer {
    std::unique_ptr<PrefixCache> cache; ///< null: nothing is kept, and `note` says why
    std::string note;                   ///< for the log
};
/// A cache for the training and evaluation rows, where it is exact, pays and fits: in memory, else on the
/// disk. Whatever goes wrong costs time, never the run.
[[nodiscard]] PrefixCacheAnswer openPrefixCache(LanguageModel& model, const PrefixCacheWish& wish);

} // namespace lathe
