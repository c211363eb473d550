#include "core/base/registry.h"

#include <QtTest>

#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;

namespace {

struct Shape {
    virtual ~Shape() = default;
    virtual int corners() const = 0;
};
struct Square final : Shape {
    int corners() const override { return 4; }
};
struct Triangle final : Shape {
    int corners() const override { return 3; }
};

Registry<Shape> shapes() {
    Registry<Shape> registry;
    registry.add({"square", "Square", "Four corners."}, [] { return std::make_unique<Square>(); });
    registry.add({"triangle", "Triangle", "Three corners."}, [] { return std::make_unique<Triangle>(); });
    return registry;
}

/// True if `action` ends its process with an abort.
template <typename Action>
bool aborts(const Action& action) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL); // Qt Test's own handler runs a debugger
        ::prctl(PR_SET_DUMPABLE, 0);   // no core file
        ::close(STDERR_FILENO);
        action();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

} // namespace

class TestRegistry : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesThePartOfAnId() { QCOMPARE(shapes().make("triangle").value()->corners(), 3); }

    void everyCallMakesANewPart() {
        const Registry<Shape> registry = shapes();
        QVERIFY(registry.make("square").value().get() != registry.make("square").value().get());
    }

    void anUnknownIdNamesThoseThereAre() {
        const auto part = shapes().make("circle");
        QVERIFY(!part.has_value());
        QCOMPARE(part.error().kind, Error::Kind::Input);
        QCOMPARE(part.error().text(), std::string("circle: is not known; choose one of square, triangle"));
    }

    void listsInTheOrderOfRegistration() {
        const std::vector<PartInfo> infos = shapes().list();
        QCOMPARE(infos.size(), std::size_t{2});
        QCOMPARE(infos[0].id, std::string("square"));
        QCOMPARE(infos[1].label, std::string("Triangle"));
    }

    void theSameIdTwiceBreaksTheContract() {
        QVERIFY(aborts([] {
            Registry<Shape> registry = shapes();
            registry.add({"square", "Another", ""}, [] { return std::make_unique<Square>(); });
        }));
    }

    void theValueOfAnErrorBreaksTheContract() {
        QVERIFY(aborts([] { static_cast<void>(shapes().make("circle").value()); }));
    }
};

QTEST_GUILESS_MAIN(TestRegistry)
#include "tst_registry.moc"
