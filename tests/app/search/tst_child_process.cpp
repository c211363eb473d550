#include "app/search/child_process.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <cerrno>
#include <fstream>
#include <sys/wait.h>

using namespace lathe;

namespace {

constexpr int kLimitMs = 10'000; // a start takes milliseconds, seconds on a machine that is busy

ChildProcess started(const std::string& command, const std::vector<std::string>& environment = {}) {
    return std::move(ChildProcess::start(command, environment)).value();
}

/// An orphan that was killed may stay a zombie for as long as its new parent likes.
bool isAlive(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    return std::getline(file, line) && line.find(") Z") == std::string::npos;
}

} // namespace

class TestChildProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void outputAndErrorsComeApart() {
        ChildProcess process =
            started("echo \"out $NAME\"; echo err >&2; cat", {"NAME=value", "PATH=/usr/bin:/bin"});
        QTRY_VERIFY_WITH_TIMEOUT(process.hasEnded(), kLimitMs); // its input is empty: cat ends
        QCOMPARE(process.takeOutput(), std::string("out value\n"));
        QCOMPARE(process.takeErrors(), std::string("err\n"));
        QCOMPARE(process.outputPipe(), -1);
        QCOMPARE(process.finish(), std::string());
    }

    void theWayItEndedIsTold() {
        ChildProcess failed = started("exit 3");
        QCOMPARE(failed.finish(), std::string("exit code 3"));
        ChildProcess killed = started("kill -9 $$");
        QVERIFY(killed.finish().find("killed by signal 9") == 0);
        ChildProcess unknown = started("no_such_program_anywhere");
        QCOMPARE(unknown.finish(), std::string("exit code 127"));
    }

    void moreOutputThanAPipeHoldsIsRead() {
        ChildProcess process = started("head -c 300000 /dev/zero", {"PATH=/usr/bin:/bin"});
        std::size_t count = 0;
        const auto isRead = [&] {
            const bool hasEnded = process.hasEnded();
            count += process.takeOutput().size();
            return hasEnded;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isRead(), kLimitMs);
        QCOMPARE(count, std::size_t{300000});
    }

    void aStopReachesTheWholeGroup() {
        ChildProcess process =
            started("trap 'echo stopped; exit 0' TERM; sleep 60 & echo $!; wait", {"PATH=/usr/bin:/bin"});
        std::string output;
        QTRY_VERIFY_WITH_TIMEOUT((output += process.takeOutput()).find('\n') != std::string::npos, kLimitMs);
        const auto grandchild = static_cast<pid_t>(std::stol(output));
        QVERIFY(isAlive(grandchild));
        process.askToStop();
        QTRY_VERIFY_WITH_TIMEOUT(process.hasEnded(), kLimitMs);
        QTRY_VERIFY_WITH_TIMEOUT(!isAlive(grandchild), kLimitMs);
        QCOMPARE(process.takeOutput(), std::string("stopped\n"));
    }

    void theOwnersEndIsTheGroupsEnd() {
        const test::TempFolder folder;
        pid_t grandchild = 0;
        {
            ChildProcess process = started("trap '' TERM; sleep 60 & echo $!; wait", {"PATH=/usr/bin:/bin"});
            std::string output;
            QTRY_VERIFY_WITH_TIMEOUT((output += process.takeOutput()).find('\n') != std::string::npos,
                                     kLimitMs);
            grandchild = static_cast<pid_t>(std::stol(output));
            ChildProcess moved = std::move(process);
        }
        QTRY_VERIFY_WITH_TIMEOUT(!isAlive(grandchild), kLimitMs);
        QCOMPARE(::waitpid(-1, nullptr, WNOHANG), pid_t{-1}); // no zombie is left
        QCOMPARE(errno, ECHILD);
    }
};

QTEST_GUILESS_MAIN(TestChildProcess)
#include "tst_child_process.moc"
