#pragma once

#include "core/base/inbox.h"
#include "core/store/study_writer.h"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace lathe {

/// The thread that owns the writing connection: drains its inbox every 20–200 ms, one transaction a batch,
/// and runs requests of other threads in between. A batch that cannot be written (disk full) is kept and
/// tried again; see problem(). The destructor runs the requests and writes the events that are still there.
class StoreThread {
public:
    /// Opens (and migrates) the database on the new thread and waits for it; trials that an ended process
    /// left active become Interrupted.
    [[nodiscard]] static Result<std::unique_ptr<StoreThread>> start(const std::filesystem::path& database,
                                                                    EventHub& hub);
    ~StoreThread();

    /// Runs `request` on the store's thread, after everything posted before, in the order of the calls. The
    /// future carries its answer. Any thread; does not block.
    template <typename T>
    std::future<Result<T>> call(std::function<Result<T>(StudyWriter&)> request);
    /// Blocks until everything published before has been committed, or has failed to be: then the reason.
    [[nodiscard]] Status flush();
    /// Why events cannot be written at present, for the user to read (training pauses); empty when all is
    /// well, again too. Any thread; does not block.
    [[nodiscard]] std::string problem() const;
    [[nodiscard]] const std::filesystem::path& database() const;

private:
    struct Content;
    explicit StoreThread(std::unique_ptr<Content> content);
    void enqueue(std::function<void(StudyWriter&)> request);
    std::unique_ptr<Content> m_content;
};

template <typename T>
std::future<Result<T>> StoreThread::call(std::function<Result<T>(StudyWriter&)> request) {
    auto promise = std::make_shared<std::promise<Result<T>>>(); // shared: std::function must be copyable
    auto answer = promise->get_future();
    enqueue([promise, request = std::move(request)](StudyWriter& writer) {
        promise->set_value(request(writer));
    });
    return answer;
}

} // namespace lathe
