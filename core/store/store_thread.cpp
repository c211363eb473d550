#include "core/store/store_thread.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace lathe {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Request = std::function<void(StudyWriter&)>;

// With the longest wait and a slow commit, a killed process still loses no more than its last 250 ms.
constexpr std::chrono::milliseconds kShortestWait = 20ms;
constexpr std::chrono::milliseconds kLongestWait = 200ms;
constexpr std::chrono::milliseconds kRetryWait = 1000ms;
/// Rest this many times as long as the last commit took: the store takes at most a fifth of the time.
constexpr int kRestPerCommit = 4;
/// About 100 MB: hours of training on a full disk.
constexpr std::size_t kMostKeptEvents = 1'000'000;

bool isExpendable(const Event& event) {
    return std::holds_alternative<MetricPoint>(event) || std::holds_alternative<TrialProgress>(event);
}

} // namespace

struct StoreThread::Content {
    Content(std::filesystem::path file, std::shared_ptr<Inbox> opened)
        : path(std::move(file)), inbox(std::move(opened)) {}

    void run(std::promise<Status>& isOpen);
    void loop(StudyWriter& writer);
    bool waitForWork(std::chrono::milliseconds limit);
    void writeEvents(StudyWriter& writer);
    void runRequests(StudyWriter& writer);
    void limitKept();
    void setProblem(std::string text);

    const std::filesystem::path path;
    const std::shared_ptr<Inbox> inbox; // shared: the hub posts into it

    // Of the store's thread alone.
    std::vector<Event> kept; ///< drained and not committed yet
    std::size_t lost = 0;
    Status lastWrite = ok();

    mutable std::mutex mutex; // guards the three below
    std::deque<Request> requests;
    bool shouldStop = false;
    std::string problemText;

    std::condition_variable woken;
    std::jthread thread; // last: joined before what it uses is gone
};

void StoreThread::Content::run(std::promise<Status>& isOpen) {
    Result<StudyWriter> writer = StudyWriter::open(path);
    Status status = writer.has_value() ? writer->markInterrupted() : Status(writer.error());
    const bool canRun = status.has_value();
    isOpen.set_value(std::move(status)); // isOpen is gone from here on
    if (canRun)
        loop(*writer);
}

void StoreThread::Content::loop(StudyWriter& writer) {
    auto wait = kShortestWait;
    for (bool isLastRound = false; !isLastRound;) {
        isLastRound = waitForWork(wait);
        const auto begin = Clock::now();
        runRequests(writer);
        writeEvents(writer);
        const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        wait = lastWrite.has_value() ? std::clamp(kRestPerCommit * taken, kShortestWait, kLongestWait)
                                     : kRetryWait;
    }
}

/// Sleeps for `limit`, but not past a request or the end. True when it is time to end.
bool StoreThread::Content::waitForWork(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex);
    woken.wait_for(lock, limit, [this] { return shouldStop || !requests.empty(); });
    return shouldStop;
}

void StoreThread::Content::runRequests(StudyWriter& writer) {
    std::deque<Request> taken;
    {
        const std::lock_guard lock(mutex);
        taken.swap(requests);
    }
    for (const Request& request : taken) {
        writeEvents(writer); // what was posted before the request comes before it
        request(writer);
    }
}

void StoreThread::Content::writeEvents(StudyWriter& writer) {
    std::vector<Event> fresh = inbox->drain();
    kept.insert(kept.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    if (kept.empty())
        return;
    lastWrite = writer.append(kept);
    if (lastWrite.has_value()) {
        kept.clear();
        setProblem({});
        return;
    }
    limitKept();
    std::string text =
        lastWrite.error().text() + " (" + std::to_string(kept.size()) + " events wait to be written";
    text += lost == 0 ? ")" : ", " + std::to_string(lost) + " points are lost)";
    setProblem(std::move(text));
}

void StoreThread::Content::limitKept() {
    if (kept.size() <= kMostKeptEvents)
        return;
    std::size_t surplus = kept.size() - kMostKeptEvents;
    const std::size_t before = kept.size();
    std::erase_if(kept, [&surplus](const Event& event) {
        const bool goes = surplus > 0 && isExpendable(event);
        surplus -= goes ? 1 : 0;
        return goes;
    });
    lost += before - kept.size();
}

void StoreThread::Content::setProblem(std::string text) {
    const std::lock_guard lock(mutex);
    problemText = std::move(text);
}

StoreThread::StoreThread(std::unique_ptr<Content> content) : m_content(std::move(content)) {}

StoreThread::~StoreThread() {
    {
        const std::lock_guard lock(m_content->mutex);
        m_content->shouldStop = true;
    }
    m_content->woken.notify_all();
}

Result<std::unique_ptr<StoreThread>> StoreThread::start(const std::filesystem::path& database,
                                                        EventHub& hub) {
    auto content = std::make_unique<Content>(database, hub.open());
    std::promise<Status> isOpen;
    std::future<Status> opened = isOpen.get_future();
    Content& shared = *content;
    content->thread = std::jthread([&shared, &isOpen] { shared.run(isOpen); });
    LATHE_TRY(opened.get());
    return std::unique_ptr<StoreThread>(new StoreThread(std::move(content)));
}

void StoreThread::enqueue(std::function<void(StudyWriter&)> request) {
    {
        const std::lock_guard lock(m_content->mutex);
        m_content->requests.push_back(std::move(request));
    }
    m_content->woken.notify_all();
}

Status StoreThread::flush() {
    Content& content = *m_content;
    // Read on the store's thread, right after the events before it were written.
    return call<std::monostate>([&content](StudyWriter&) { return content.lastWrite; }).get();
}

std::string StoreThread::problem() const {
    const std::lock_guard lock(m_content->mutex);
    return m_content->problemText;
}

const std::filesystem::path& StoreThread::database() const { return m_content->path; }

} // namespace lathe
