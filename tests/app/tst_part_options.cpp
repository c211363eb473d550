#include "app/cli/part_options.h"

#include <QtTest>

using namespace lathe;

namespace {

ParamSchema schema() {
    ParamSpec count;
    count.key = "startup_trials";
    count.domain = IntDomain{1, 100, 1, false};
    count.fallback = std::int64_t{5};
    ParamSpec share;
    share.key = "percentile";
    share.domain = RealDomain{0, 100};
    share.fallback = 25.0;
    return {count, share};
}

Result<ParamValues> read(std::vector<std::string> texts, const ParamSchema& options = schema()) {
    return partOptions("--pruner-option", "median", options, texts);
}

std::string errorOf(std::vector<std::string> texts, const ParamSchema& options = schema()) {
    const auto values = read(std::move(texts), options);
    return values.has_value() ? "no error" : values.error().text();
}

} // namespace

class TestPartOptions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWhatIsGivenIsAnswered() {
        QVERIFY(read({}).value() == ParamValues());
        QVERIFY(read({"percentile=40", "startup_trials=2"}).value() ==
                (ParamValues{{"percentile", 40.0}, {"startup_trials", std::int64_t{2}}}));
    }

    void whatIsWrongIsNamed() {
        QCOMPARE(errorOf({"percentile"}),
                 std::string("--pruner-option: \"percentile\" has no value; write KEY=VALUE"));
        QCOMPARE(errorOf({"percentil=4"}),
                 std::string("--pruner-option: \"percentil\" is not an option of median; "
                             "did you mean percentile?"));
        QCOMPARE(errorOf({"x=4"}, {}), std::string("--pruner-option: median has no options; leave it out"));
        QVERIFY(errorOf({"startup_trials=few"}).find("startup_trials") != std::string::npos);
        QVERIFY(errorOf({"percentile=101"}).find("--pruner-option: percentile 101 is above 100") == 0);
    }
};

QTEST_APPLESS_MAIN(TestPartOptions)
#include "tst_part_options.moc"
