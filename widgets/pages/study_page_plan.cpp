#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/form_dialog.h"
#include "widgets/pages/study_page.h"

#include <QLabel>

#include <algorithm>
#include <numeric>

/// What changes the plan of a study: trials by hand, its budget, its finalists.
namespace lathe {

namespace {

constexpr std::int64_t kMostTrials = 100000;
constexpr double kMostHours = 10000;
constexpr double kSecondsAnHour = 3600;
constexpr std::int64_t kUsualFinalists = 3;
constexpr std::int64_t kUsualSeeds = 5;

/// The fields that the study searches, each with the range it is searched over. Conditions on other fields
/// are met or not by the recipe, whatever is chosen here.
ParamSchema searchedFields(const StudySpec& study, const ParamSchema& recipe) {
    const auto isSearched = [&](const Condition::Term& term) {
        return std::ranges::find(study.space, term.key, &SearchDimension::key) != study.space.end();
    };
    ParamSchema fields;
    for (const SearchDimension& dimension : study.space) {
        const ParamSpec* known = findSpec(recipe, dimension.key);
        if (known == nullptr)
            continue;
        ParamSpec field = *known;
        if (!std::holds_alternative<ChoiceDomain>(dimension.domain) ||
            std::holds_alternative<ChoiceDomain>(field.domain))
            field.domain = dimension.domain;
        std::erase_if(field.activeIf.terms, [&](const Condition::Term& term) { return !isSearched(term); });
        fields.push_back(std::move(field));
    }
    return fields;
}

ParamSpec numberField(const char* key, const char* label, const char* unit, const char* help, Domain domain,
                      ParamValue value) {
    return {key, {}, label, unit, help, std::move(domain), std::move(value), {}, false, false};
}

// clang-format off
ParamSchema budgetFields() {
    return {numberField("trials", QT_TRANSLATE_NOOP("ParamSchema", "Trials"), "",
                        QT_TRANSLATE_NOOP("ParamSchema", "Those already made included."),
                        IntDomain{1, kMostTrials, 1, true}, std::int64_t{1}),
            numberField("steps", QT_TRANSLATE_NOOP("ParamSchema", "Steps in all"), QT_TRANSLATE_NOOP("ParamSchema", "steps"),
                        QT_TRANSLATE_NOOP("ParamSchema", "Of all trials together; 0: no limit."),
                        IntDomain{0, 1'000'000'000}, std::int64_t{0}),
            numberField("hours", QT_TRANSLATE_NOOP("ParamSchema", "Hours"), "",
                        QT_TRANSLATE_NOOP("ParamSchema", "No trial is started once they are over; 0: no limit."),
                        RealDomain{0, kMostHours}, 0.0)};
}

ParamSchema finalistFields() {
    return {numberField("finalists", QT_TRANSLATE_NOOP("ParamSchema", "Finalists"), "",
                        QT_TRANSLATE_NOOP("ParamSchema", "So many of the best trials with different values are run again."),
                        IntDomain{1, 100}, kUsualFinalists),
            numberField("seeds", QT_TRANSLATE_NOOP("ParamSchema", "Seeds"), "",
                        QT_TRANSLATE_NOOP("ParamSchema", "Each finalist is run with so many seeds, the same ones for all."),
                        IntDomain{2, 100}, kUsualSeeds)};
}
// clang-format on

} // namespace

void StudyPage::bindPlanActions() {
    m_actions.bind(u"study.addTrial", this, [this] { askForTrial(nullptr); });
    m_actions.bind(u"study.cloneTrial", this, [this] {
        if (chosen().isValid() && m_board.snapshot() != nullptr)
            askForTrial(&m_board.snapshot()->records[static_cast<std::size_t>(chosen().row())]);
    });
    m_actions.bind(u"study.trialEarlier", this, [this] { shiftTrial(-1); });
    m_actions.bind(u"study.trialLater", this, [this] { shiftTrial(1); });
    m_actions.bind(u"study.budget", this, [this] { askForBudget(); });
    m_actions.bind(u"study.confirm", this, [this] { askForFinalists(); });
}

/// The session of the study that is shown, once its history is there.
void StudyPage::withSession(const std::function<void(StudySession&)>& use) {
    StudySession* session = m_parts.project.openStudy(m_board.shown());
    if (session->phase() == StudySession::Phase::Loading)
        connect(
            session, &StudySession::historyLoaded, this, [session, use] { use(*session); },
            Qt::SingleShotConnection);
    else
        use(*session);
}

/// `origin`: the trial to start from; nullptr: the recipe of the study.
void StudyPage::askForTrial(const TrialRecord* origin) {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr)
        return;
    const ParamValues base = origin != nullptr ? origin->values : snapshot->study.spec.fixed;
    const QString title =
        origin != nullptr ? tr("Clone %1").arg(toQString(trialName(origin->number))) : tr("Add a trial");
    auto* dialog = new FormDialog(
        {title, tr("The trial is run before any new point is searched for, and counts like the others."),
         tr("&Add")},
        searchedFields(snapshot->study.spec, m_parts.project.recipeSchema()), base, this);
    dialog->setObjectName("trialDialog");
    connect(dialog, &FormDialog::chosen, this,
            [this, base, id = origin != nullptr ? origin->id : TrialId{}](const ParamValues& values) {
                addTrial(values, base, id);
            });
    dialog->open();
}

void StudyPage::addTrial(const ParamValues& values, const ParamValues& base, TrialId origin) {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr)
        return;
    ParamValues changes;
    for (const auto& [key, value] : values.map())
        if (const ParamValue* before = base.find(key); before == nullptr || *before != value)
            changes.set(key, value);
    const Result<ParamValues> recipe = manualRecipe(snapshot->study.spec, base, changes);
    if (!recipe.has_value()) {
        m_problem->setText(toQString(recipe.error().text()));
        m_problem->show();
        return;
    }
    withSession([wish = TrialWish{*recipe, origin}](StudySession& session) { session.addTrial(wish); });
}

void StudyPage::askForBudget() {
    const StudySnapshot* snapshot = m_board.snapshot();
    if (snapshot == nullptr)
        return;
    const StudyBudget now = budgetOf(snapshot->study.spec);
    auto* dialog = new FormDialog(
        {tr("Budget of the study"),
         tr("Trials that run go on; a smaller budget only starts fewer. A study that is over goes on by “Go "
            "on”."),
         tr("&Set")},
        budgetFields(),
        {{"trials", now.trials}, {"steps", now.steps}, {"hours", now.seconds / kSecondsAnHour}}, this);
    dialog->setObjectName("budgetDialog");
    connect(dialog, &FormDialog::chosen, this, [this](const ParamValues& values) {
        const StudyBudget budget{values.integer("trials"), values.integer("steps"),
                                 values.real("hours") * kSecondsAnHour};
        withSession([budget](StudySession& session) { session.changeBudget(budget); });
    });
    dialog->open();
}

/// The queue as it is shown, with one trial in another place.
void StudyPage::moveTrial(std::int64_t number, std::int64_t turn) {
    const StudySnapshot* snapshot = m_board.snapshot();
    const int row = m_board.trials().rowOf(number);
    if (snapshot == nullptr || row < 0)
        return;
    std::vector<TrialId> order = snapshot->queue;
    const TrialId trial = snapshot->records[static_cast<std::size_t>(row)].id;
    if (std::erase(order, trial) == 0)
        return; // it has begun meanwhile
    const auto last = static_cast<std::int64_t>(order.size()) + 1;
    order.insert(order.begin() + (std::clamp<std::int64_t>(turn, 1, last) - 1), trial);
    withSession([order](StudySession& session) { session.orderQueue(order); });
}

void StudyPage::shiftTrial(std::int64_t by) {
    const QModelIndex index = chosen();
    const std::int64_t turn = index.data(StudyTrialModel::PlaceRole).toLongLong();
    if (turn > 0)
        moveTrial(index.data(StudyTrialModel::NumberRole).toLongLong(), turn + by);
}

void StudyPage::askForFinalists() {
    auto* dialog = new FormDialog(
        {tr("Confirm the finalists"),
         tr("The best trials are run again in full, each with every seed, as a study of their own. It says "
            "which of them beats which, or that chance explains the difference."),
         tr("&Run them")},
        finalistFields(), {}, this);
    dialog->setObjectName("confirmDialog");
    connect(dialog, &FormDialog::chosen, this, [this](const ParamValues& values) {
        std::vector<std::uint64_t> seeds(static_cast<std::size_t>(values.integer("seeds")));
        std::iota(seeds.begin(), seeds.end(), std::uint64_t{1});
        m_parts.project.confirmFinalists(m_board.shown(), values.integer("finalists"), seeds);
    });
    dialog->open();
}

} // namespace lathe
