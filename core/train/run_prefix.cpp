#include "core/train/training_run.h"

/// What a run keeps of the frozen layers below its adapter.

namespace lathe {

namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

std::uint64_t bytesOf(const ParamValues& recipe, const char* key) {
    return static_cast<std::uint64_t>(recipe.integer(key)) * kMegabyte;
}

} // namespace

void TrainingRun::openActivations() {
    if (m_recipe.text("prefix_cache") == "off")
        return;
    if (simplex() != nullptr) { // which counts the texts that pass, wherever its vertices are
        log(LogLine::Level::Info,
            "the activations of frozen layers are not kept: a simplex draws a point for each text");
        return;
    }
    const double batches = static_cast<double>(m_schedule.total) * static_cast<double>(m_view.accumulation);
    PrefixCacheWish wish{m_data, m_view.modelFolder};
    wish.epochs = batches / static_cast<double>(m_batches->batchesPerEpoch());
    wish.memoryBytes = bytesOf(m_recipe, "prefix_cache_memory");
    if (!m_tokenCache.folder.empty())
        wish.folder = {m_tokenCache.folder.parent_path() / "activations",
                       bytesOf(m_recipe, "prefix_cache_disk")};
    wish.shelf = m_desk != nullptr ? &m_desk->activations() : nullptr;
    PrefixCacheAnswer answer = openPrefixCache(*m_model, wish);
    m_prefix = std::move(answer.cache);
    log(LogLine::Level::Info, answer.note);
}

/// An allocation or a schedule of an adapter's own may have moved parameters below: then it is over.
PrefixCache* TrainingRun::activations() {
    auto* transformer = dynamic_cast<TransformerModel*>(m_model.get());
    if (m_prefix && (transformer == nullptr || !m_prefix->holdsFor(*transformer))) {
        log(LogLine::Level::Info, "the activations of frozen layers are not kept any more: they are trained");
        m_prefix.reset();
    }
    return m_prefix.get();
}

} // namespace lathe
