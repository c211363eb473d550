#include "core/engine/study_controller.h"
#include "core/search/point.h"

namespace lathe {

namespace {

std::string inWords(const StudyBudget& budget) {
    return std::to_string(budget.trials) + " trials" +
           (budget.steps > 0 ? ", " + std::to_string(budget.steps) + " steps" : "") +
           (budget.seconds > 0 ? ", " + toText(budget.seconds) + " seconds" : "");
}

} // namespace

void StudyRunner::Content::applyBudget(const StudyBudget& budget) {
    const Status saved = services.saveBudget ? services.saveBudget(budget) : ok();
    if (!saved.has_value())
        return log({}, LogLine::Level::Error, "The budget cannot be stored: " + saved.error().text());
    spec = withBudget(std::move(spec), budget);
    spent.clear();
    log({}, LogLine::Level::Info, "The study's budget is now " + inWords(budget));
}

void StudyRunner::Content::applyWish(TrialBook& book, const TrialWish& wish) {
    if (const Status made = makeWished(book, wish); !made.has_value())
        log({}, LogLine::Level::Error, "A trial cannot be added: " + made.error().text());
}

Status StudyRunner::Content::makeWished(TrialBook& book, const TrialWish& wish) {
    LATHE_ASSIGN(ParamValues point, searchedValues(spec, wish.recipe));
    LATHE_TRY(checkPoint(spec, point));
    const std::int64_t number = book.nextNumber();
    const std::uint64_t seed = mixSeed(spec.seed, static_cast<std::uint64_t>(number));
    LATHE_ASSIGN(const TrialId trial, services.createTrial({number, wish.recipe, seed, wish.origin}));
    book.add(trial, number, std::move(point));
    book.queue({trial, number, wish.recipe, seed, TrialState::Queued, std::nullopt});
    desk.add(trial, number, {});
    return ok();
}

void StudyRunner::Content::applyOrder(TrialBook& book, std::span<const TrialId> first) {
    book.orderQueue(first);
    const Status saved = services.saveQueue ? services.saveQueue(book.queued()) : ok();
    if (!saved.has_value())
        log({}, LogLine::Level::Error, "The order of the queue cannot be stored: " + saved.error().text());
}

bool StudyRunner::setBudget(const StudyBudget& budget) {
    LATHE_EXPECT(checkBudget(budget).has_value());
    return m_content->shared->command(
        [content = m_content.get(), budget](TrialBook&) { content->applyBudget(budget); });
}

bool StudyRunner::addTrial(TrialWish wish) {
    return m_content->shared->command([content = m_content.get(), wish = std::move(wish)](TrialBook& book) {
        content->applyWish(book, wish);
    });
}

bool StudyRunner::orderQueue(std::vector<TrialId> first) {
    return m_content->shared->command([content = m_content.get(), first = std::move(first)](TrialBook& book) {
        content->applyOrder(book, first);
    });
}

} // namespace lathe
