// Publishes a point about each millisecond and notes when, until it is killed.
// Usage: store_victim DATABASE NOTES; the notes are pairs (step, nanoseconds of the monotonic clock).
//        store_victim DATABASE: only reads the studies and closes, as another program would.

#include "core/store/store_thread.h"
#include "core/store/study_reader.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace lathe;

namespace {

Result<TrialId> makeTrial(StudyWriter& writer) {
    LATHE_ASSIGN(const StudyId study, writer.createStudy(StudySpec{}));
    return writer.createTrial({study, 0, {}, 1});
}

int publishForever(const char* database, int notes) {
    EventHub hub;
    const auto store = StoreThread::start(database, hub);
    if (!store.has_value())
        return std::fprintf(stderr, "%s\n", store.error().text().c_str()), 1;
    const auto trial = (*store)->call<TrialId>(makeTrial).get();
    if (!trial.has_value())
        return 1;
    hub.publish(TrialChange{*trial, TrialState::Running, ""});
    for (std::int64_t step = 1;; ++step) {
        hub.publish(MetricPoint{*trial, "loss", step, 1.0 / static_cast<double>(step), 0});
        const std::int64_t now =
            std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
        const std::array<std::int64_t, 2> note{step, now};
        if (::write(notes, note.data(), sizeof note) != sizeof note)
            return 1;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

int lookOnce(const char* database) {
    const auto reader = StudyReader::open(database);
    return reader.has_value() && reader->studies().has_value() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2)
        return lookOnce(argv[1]);
    if (argc != 3)
        return 2;
    const int notes = ::open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return notes < 0 ? 1 : publishForever(argv[1], notes);
}
