#include "core/engine/thread_executor.h"
#include "tests/core/engine/scripted_task.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <new>
#include <stdexcept>

using namespace lathe;
using test::scripted;

namespace {

TrialOrder orderOf(std::int64_t id) {
    TrialOrder order;
    order.id = TrialId{id};
    order.seed = 99;
    return order;
}

Result<TrialResult> runNow(Executor& executor, TrialOrder order) {
    std::optional<Result<TrialResult>> answer;
    executor.submit(std::move(order), [&answer](Result<TrialResult> result) { answer = std::move(result); });
    return answer ? *answer : Error{Error::Kind::Internal, {}, "done was not called"};
}

/// "preparing running loss@1 loss@2": what an inbox got, as a sentence.
std::string story(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        std::string word = "other";
        if (const auto* change = std::get_if<TrialChange>(&event))
            word = toString(change->state);
        else if (const auto* point = std::get_if<MetricPoint>(&event))
            word = point->name + "@" + std::to_string(point->step);
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

template <typename Thrown>
test::ScriptedTask::Script throwing(Thrown thrown) {
    return [thrown](const ParamValues&, TrialContext&) -> Result<TrialResult> { throw thrown; };
}

} // namespace

class TestInlineExecutor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTaskSeesItsOrder() {
        const test::TempFolder folder;
        EventHub hub;
        ParamValues seen;
        TrialContext context;
        bool hadFolder = false;
        InlineExecutor executor(scripted([&](const ParamValues& values, TrialContext& given) {
                                    seen = values;
                                    context = given;
                                    hadFolder = std::filesystem::is_directory(given.folder);
                                    return TrialResult{{{"loss", 0.5}}, 3, 1.5, {}, false};
                                }),
                                hub);
        TrialOrder order = orderOf(7);
        order.values = {{"rank", std::int64_t{4}}};
        order.folder = folder / "trials/7";
        order.shouldResume = true;
        const Result<TrialResult> result = runNow(executor, order);
        QCOMPARE(result->steps, 3);
        QVERIFY(seen == order.values);
        QCOMPARE(context.id, TrialId{7});
        QCOMPARE(context.seed, std::uint64_t{99});
        QVERIFY(context.shouldResume);
        QVERIFY(hadFolder);
    }

    void runningIsPublishedBeforeTheFirstPoint() {
        EventHub hub;
        const auto inbox = hub.open();
        InlineExecutor executor(scripted([](const ParamValues& values, TrialContext& context) {
                                    return test::trainBriefly(values, context, 2);
                                }),
                                hub);
        QVERIFY(runNow(executor, orderOf(1)).has_value());
        QCOMPARE(story(inbox->drain()), std::string("preparing running loss@1 loss@2"));
    }

    void aTaskMaySayItselfThatItRuns() {
        EventHub hub;
        const auto inbox = hub.open();
        InlineExecutor executor(scripted([](const ParamValues& values, TrialContext& context) {
                                    context.publish(TrialChange{{}, TrialState::Running, {}});
                                    return test::trainBriefly(values, context, 1);
                                }),
                                hub);
        QVERIFY(runNow(executor, orderOf(1)).has_value());
        QCOMPARE(story(inbox->drain()), std::string("preparing running loss@1"));
    }

    void everyEventCarriesTheTrial() {
        EventHub hub;
        const auto inbox = hub.open();
        InlineExecutor executor(scripted([](const ParamValues&, TrialContext& context) {
                                    context.publish(LogLine{{}, LogLine::Level::Info, "hello"});
                                    context.publish(TrialProgress{});
                                    context.publish(SampleText{});
                                    context.report("loss", 1, 0.5, 2.0);
                                    return TrialResult{};
                                }),
                                hub);
        QVERIFY(runNow(executor, orderOf(5)).has_value());
        for (const Event& event : inbox->drain())
            QCOMPARE(std::visit([](const auto& content) { return content.trial; }, event), TrialId{5});
    }

    void everyExceptionBecomesAnError_data() {
        QTest::addColumn<int>("index");
        for (int i = 0; i < 5; ++i)
            QTest::addRow("%d", i) << i;
    }

    void everyExceptionBecomesAnError() {
        const std::vector<std::tuple<test::ScriptedTask::Script, Error::Kind, std::string>> cases{
            {throwing(std::bad_alloc()), Error::Kind::Memory, "There was not enough memory"},
            {throwing(std::runtime_error("shapes 3 and 4 differ\nframe #0: stack")), Error::Kind::Internal,
             "shapes 3 and 4 differ"},
            {throwing(std::runtime_error("CUDA out of memory. Tried 2 GiB\nframe #0")), Error::Kind::Memory,
             "CUDA out of memory. Tried 2 GiB"},
            {throwing(std::runtime_error("DefaultCPUAllocator: can't allocate memory")), Error::Kind::Memory,
             "DefaultCPUAllocator: can't allocate memory"},
            {throwing(3), Error::Kind::Internal, "unknown type"}};
        QFETCH(int, index);
        const auto& [script, kind, words] = cases[static_cast<std::size_t>(index)];
        EventHub hub;
        InlineExecutor executor(scripted(script), hub);
        const Result<TrialResult> result = runNow(executor, orderOf(1));
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().kind, kind);
        QVERIFY2(result.error().message.find(words) != std::string::npos, result.error().message.c_str());
        QVERIFY(result.error().message.find('\n') == std::string::npos);
    }

    void anExceptionOfTheFactoryEndsTheTrialToo() {
        EventHub hub;
        InlineExecutor executor([]() -> std::unique_ptr<TrialTask> { throw std::runtime_error("no device"); },
                                hub);
        QCOMPARE(runNow(executor, orderOf(1)).error().message, std::string("no device"));
    }

    void aFolderThatCannotBeWrittenEndsTheTrialBeforeItBegins() {
        const test::TempFolder folder;
        folder.write("file", "x");
        EventHub hub;
        bool hasRun = false;
        InlineExecutor executor(scripted([&hasRun](const ParamValues&, TrialContext&) {
                                    hasRun = true;
                                    return TrialResult{};
                                }),
                                hub);
        TrialOrder order = orderOf(1);
        order.folder = folder / "file/trial";
        QCOMPARE(runNow(executor, order).error().kind, Error::Kind::Io);
        QVERIFY(!hasRun);
    }

    void thePruneQuestionReachesTheTask() {
        EventHub hub;
        InlineExecutor executor(scripted([](const ParamValues& values, TrialContext& context) {
                                    return test::trainBriefly(values, context, 10);
                                }),
                                hub);
        TrialOrder order = orderOf(1);
        order.shouldPrune = [](std::string_view metric, std::int64_t step, double) {
            return metric == "loss" && step == 3 ? Verdict::Prune : Verdict::Continue;
        };
        const Result<TrialResult> result = runNow(executor, order);
        QVERIFY(result->wasPruned);
        QCOMPARE(result->steps, 3);
    }

    void aTrialMayBeCancelledFromItsOwnReport() {
        EventHub hub;
        InlineExecutor executor(scripted([](const ParamValues& values, TrialContext& context) {
                                    return test::trainBriefly(values, context, 10);
                                }),
                                hub);
        TrialOrder order = orderOf(1);
        order.shouldPrune = [&executor](std::string_view, std::int64_t step, double) {
            if (step == 2)
                executor.cancel(TrialId{1});
            return Verdict::Continue;
        };
        const auto inbox = hub.open();
        QCOMPARE(runNow(executor, order).error().kind, Error::Kind::Cancelled);
        QCOMPARE(story(inbox->drain()), std::string("preparing running loss@1 loss@2"));
        executor.cancel(TrialId{1});
        executor.setPaused(TrialId{1}, true);
    }
};

QTEST_GUILESS_MAIN(TestInlineExecutor)
#include "tst_inline_executor.moc"
