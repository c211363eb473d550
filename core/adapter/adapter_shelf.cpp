#include "core/adapter/adapter_shelf.h"

#include "core/adapter/adapter_method.h"
#include "core/kernels/packed_weight.h"

#include <algorithm>
#include <set>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// Adapters that stay read: a conversation compares few.
constexpr std::size_t kMostKept = 8;

Error unfit(const fs::path& folder, const std::string& why) { return inputError(folder.string(), why); }

double largestDifference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
    LATHE_EXPECT(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, (a[i] - b[i]).abs().max().item<double>());
    return largest;
}

} // namespace

AdapterShelf::~AdapterShelf() { takeOff(); }

Status AdapterShelf::choose(const AdapterMix& mix) {
    if (m_mix == mix)
        return ok();
    const std::optional<AdapterMix> before = m_mix;
    takeOff();
    Status done = read(mix);
    if (done)
        done = putOn(mix);
    if (!done && before) {
        takeOff();
        const Status back = putOn(*before);
        LATHE_EXPECT(back.has_value());
    }
    if (done)
        forgetOldest();
    return done;
}

/// Everything is off, so that each adapter meets the base alone.
Status AdapterShelf::read(const AdapterMix& mix) {
    std::set<fs::path> seen;
    for (const AdapterChoice& choice : mix.adapters) {
        if (!seen.insert(choice.folder).second)
            return unfit(choice.folder, "is given twice; give it once, with the strengths added up");
        LATHE_ASSIGN([[maybe_unused]] const Adapter* adapter, fetch(choice.folder));
    }
    return ok();
}

Result<Adapter*> AdapterShelf::fetch(const fs::path& folder) {
    const auto known = std::ranges::find(m_kept, folder, &Kept::folder);
    if (known != m_kept.end()) {
        std::rotate(known, known + 1, m_kept.end());
        return m_kept.back().adapter.get();
    }
    auto loaded = loadAdapter(m_model, folder);
    if (!loaded)
        return unfit(folder, "does not fit this base model: " + loaded.error().text());
    LATHE_EXPECT((*loaded)->canDetach()); // only training goes without a way back
    (*loaded)->setAttached(false);
    m_kept.push_back({folder, std::move(*loaded)});
    return m_kept.back().adapter.get();
}

Status AdapterShelf::putOn(const AdapterMix& mix) {
    for (const AdapterChoice& choice : mix.adapters)
        if (choice.strength != 0)
            LATHE_TRY(put(choice, mix.isMerged));
    m_mix = mix;
    return ok();
}

Status AdapterShelf::put(const AdapterChoice& choice, bool isMerged) {
    LATHE_ASSIGN(Adapter * adapter, fetch(choice.folder));
    LATHE_TRY(checkBeside(choice, *adapter));
    if (adapter->canScale())
        adapter->setStrength(choice.strength);
    adapter->setAttached(true);
    m_on.push_back(adapter);
    if (!isMerged)
        return ok();
    const Status merged = adapter->merge();
    return merged.has_value() ? ok() : Status(unfit(choice.folder, merged.error().text()));
}

Status AdapterShelf::checkBeside(const AdapterChoice& choice, const Adapter& adapter) const {
    if (choice.strength != 1 && !adapter.canScale())
        return unfit(
            choice.folder,
            "cannot be made weaker or stronger: it trains whole weights of the base or tokens in front "
            "of the text; its strength is 1, or 0 to leave it off");
    for (const Adapter* other : m_on) {
        if (adapter.hasVirtualTokens() && other->hasVirtualTokens())
            return unfit(choice.folder,
                         "cannot be on together with another adapter that puts tokens in front "
                         "of the text; choose one of them");
        if (adapter.replacesWeightOf(*other))
            return unfit(choice.folder, "cannot be on together with another adapter that has its own version "
                                        "of the same weight of the base; choose one of them");
    }
    return ok();
}

/// In the reverse order: what came last lies on what was there before.
void AdapterShelf::takeOff() {
    m_mix.reset();
    while (!m_on.empty()) {
        if (m_on.back()->isMerged())
            m_on.back()->unmerge();
        m_on.back()->setAttached(false);
        m_on.pop_back();
    }
}

void AdapterShelf::forgetOldest() {
    const auto isOn = [this](const Kept& one) {
        return std::ranges::find(m_on, one.adapter.get()) != m_on.end();
    };
    while (m_kept.size() > kMostKept) {
        const auto oldest = std::ranges::find_if_not(m_kept, isOn);
        if (oldest == m_kept.end())
            return;
        m_kept.erase(oldest);
    }
}

Result<MergeCheck> AdapterShelf::checkMerge(const Answer& answer) {
    LATHE_EXPECT(m_mix.has_value());
    const AdapterMix asked = *m_mix;
    const auto answerWith = [&](const AdapterMix& mix) -> Result<std::vector<at::Tensor>> {
        LATHE_TRY(choose(mix));
        return answer();
    };
    const auto compare = [&]() -> Result<MergeCheck> {
        LATHE_ASSIGN(const auto base, answerWith({}));
        LATHE_ASSIGN(const auto beside, answerWith({asked.adapters, false}));
        LATHE_ASSIGN(const auto inside, answerWith({asked.adapters, true}));
        LATHE_ASSIGN(const auto again, answerWith({}));
        const bool isSame = std::ranges::equal(
            base, again, [](const at::Tensor& one, const at::Tensor& other) { return one.equal(other); });
        return MergeCheck{largestDifference(beside, inside), isSame, {}};
    };
    auto check = compare();
    LATHE_TRY(choose(asked));
    return check;
}

Result<at::Tensor> AdapterShelf::mergedWeight(const std::string& name) const {
    TensorSource below = [this](const std::string& wanted) -> Result<at::Tensor> {
        return denseOf(m_model.weight(wanted));
    };
    for (const Adapter* adapter : m_on)
        below = [adapter, below = std::move(below)](const std::string& wanted) {
            return adapter->mergedWeight(wanted, below);
        };
    return below(name);
}

} // namespace lathe
