#include "core/train/step_frames.h"

#include "core/train/work_kinds.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace lathe {

namespace {

/// A stretch of a frame in which nothing inside of it runs.
struct Stretch {
    std::int64_t begin = 0, end = 0;
    std::size_t frame = 0;
};

struct Open {
    std::size_t frame = 0;
    std::optional<WorkKind> held; ///< what those inside are for
    std::int64_t since = 0;       ///< the stretch at hand
};

/// Goes through the frames in the order in which they began, each thread with its stack of open ones.
class Walk {
public:
    Walk(std::span<const Frame> frames, std::span<const NameFacts> names, bool trainsBase)
        : m_frames(frames), m_names(names), m_trainsBase(trainsBase), m_own(frames.size()) {}

    void run() {
        std::vector<std::size_t> order(m_frames.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        // Of two that look alike, the outer one was closed, and so written down, later.
        std::ranges::sort(order, [this](std::size_t a, std::size_t b) {
            const Frame &x = m_frames[a], &y = m_frames[b];
            return std::tuple(x.begin, -x.end, b) < std::tuple(y.begin, -y.end, a);
        });
        for (const std::size_t frame : order)
            enter(frame);
        for (auto& [thread, stack] : m_open)
            closeUntil(stack, std::numeric_limits<std::int64_t>::max());
    }
    void share();
    [[nodiscard]] std::vector<OwnTime> result() && { return std::move(m_own); }

private:
    using Stack = std::vector<Open>;

    void enter(std::size_t index) {
        const Frame& frame = m_frames[index];
        Stack& stack = m_open[frame.thread];
        closeUntil(stack, frame.begin);
        std::optional<WorkKind> held;
        if (!stack.empty()) {
            end(stack.back(), frame.begin);
            held = stack.back().held;
        }
        held = resolve(index, held);
        if (held && !frame.isNode && frame.sequence >= 0)
            m_made[{frame.thread, frame.sequence}] = *held;
        stack.push_back({index, held, frame.begin});
    }
    void closeUntil(Stack& stack, std::int64_t time) {
        while (!stack.empty() && m_frames[stack.back().frame].end <= time) {
            const std::int64_t closed = m_frames[stack.back().frame].end;
            end(stack.back(), closed);
            stack.pop_back();
            if (!stack.empty())
                stack.back().since = closed;
        }
    }
    void end(const Open& open, std::int64_t time) {
        if (time > open.since)
            m_stretches.push_back({open.since, time, open.frame});
    }
    /// Decides the frame's kind; returns what holds inside of it.
    std::optional<WorkKind> resolve(std::size_t index, std::optional<WorkKind> held) {
        const Frame& frame = m_frames[index];
        const NameFacts& name = m_names[frame.name];
        WorkKind& kind = m_own[index].kind;
        if (!held && frame.isNode) {
            const auto maker = m_made.find({frame.forwardThread, frame.sequence});
            held = maker == m_made.end() ? std::nullopt : std::optional(maker->second);
        }
        const bool isOpen = !held || *held == WorkKind::AdapterProducts || *held == WorkKind::BaseProducts;
        if (!isOpen) {
            kind = *held;
        } else if (name.isProduct) {
            kind = productKind(frame, name, held);
        } else if (name.kind) {
            kind = *name.kind;
            held = name.kind;
        } else if (held) {
            kind = *held;
        } else {
            kind = name.isElementwise ? WorkKind::Elementwise : WorkKind::Other;
        }
        return held;
    }
    [[nodiscard]] WorkKind productKind(const Frame& frame, const NameFacts& name,
                                       std::optional<WorkKind> held) const {
        if (frame.readsBase)
            return WorkKind::BaseProducts;
        if (held)
            return *held;
        if (name.isBatched)
            return WorkKind::Attention;
        return m_trainsBase ? WorkKind::BaseProducts : WorkKind::AdapterProducts;
    }

    std::span<const Frame> m_frames;
    std::span<const NameFacts> m_names;
    bool m_trainsBase;
    std::vector<OwnTime> m_own;
    std::map<std::uint64_t, Stack> m_open;                             // by thread
    std::map<std::pair<std::uint64_t, std::int64_t>, WorkKind> m_made; // by thread and sequence
    std::vector<Stretch> m_stretches;
};

/// Each moment to the frames that are at work in it, in equal parts.
void Walk::share() {
    struct Edge {
        std::int64_t time = 0;
        bool isBegin = false;
        std::size_t frame = 0;
    };
    std::vector<Edge> edges;
    for (const Stretch& stretch : m_stretches) {
        edges.push_back({stretch.begin, true, stretch.frame});
        edges.push_back({stretch.end, false, stretch.frame});
    }
    std::ranges::sort(edges, [](const Edge& a, const Edge& b) {
        return std::pair(a.time, a.isBegin) < std::pair(b.time, b.isBegin);
    });
    std::vector<std::size_t> active; // one a thread
    std::int64_t last = 0;
    for (const Edge& edge : edges) {
        const double part = active.empty() ? 0
                                           : 1e-9 * static_cast<double>(edge.time - last) /
                                                 static_cast<double>(active.size());
        for (const std::size_t frame : active)
            m_own[frame].seconds += part;
        last = edge.time;
        if (edge.isBegin)
            active.push_back(edge.frame);
        else
            active.erase(std::ranges::find(active, edge.frame));
    }
}

} // namespace

NameFacts::NameFacts(std::string_view name)
    : shown(operatorName(name)),
      kind(kindOf(name)),
      isProduct(lathe::isProduct(name)),
      isBatched(isBatchedProduct(name)),
      isElementwise(lathe::isElementwise(name)) {}

std::vector<OwnTime> ownTimes(std::span<const Frame> frames, std::span<const NameFacts> names,
                              bool trainsBase) {
    Walk walk(frames, names, trainsBase);
    walk.run();
    walk.share();
    return std::move(walk).result();
}

} // namespace lathe
