#include "core/session/recipe_comparison.h"
#include "core/session/study_templates.h"

#include <QtTest>

#include <array>
#include <set>

using namespace lathe;

namespace {

constexpr std::array<std::uint64_t, 3> kSeeds{1, 2, 3};

ParamSpec field(const char* key, Domain domain, ParamValue value) {
    return {key, {}, key, "", "", std::move(domain), std::move(value), {}, false, true};
}
ParamSpec choice(const char* key, std::vector<std::string> values) {
    const std::string first = values.front();
    return field(key, ChoiceDomain{std::move(values), {}}, first);
}

/// The fields that templates speak of, and two more.
ParamSchema schemaOfMethods() {
    return {choice("method", {"lora", "heterolora", "prefix_subspace"}),
            field("rank", IntDomain{1, 64}, std::int64_t{8}),
            field("target_modules", TextDomain{}, std::string("auto")),
            choice("allocation", {"dynamic", "static", "ranks", "uniform"}),
            choice("proxy", {"grad_norm", "snip", "constant"}),
            field("learning_rate", RealDomain{0, 1}, 0.005),
            choice("budget_unit", {"modules", "parameters"}),
            field("budget_parameters", IntDomain{0, 1000000}, std::int64_t{0}),
            field("vertices", IntDomain{1, 10}, std::int64_t{3}),
            choice("simplex_head", {"mixed", "plain"}),
            choice("alpha_scope", {"observation_layer", "observation", "batch_layer", "batch"}),
            choice("val_mode", {"midpoint", "stochastic", "ensemble"}),
            field("batch_size", IntDomain{1, 64}, std::int64_t{16})};
}

/// A head of 50, 100 for each rank of LoRA, 300 of the uniform control.
Result<std::int64_t> count(const ParamValues& recipe) {
    if (recipe.text("method") == "lora")
        return 50 + 100 * recipe.integer("rank");
    return recipe.text("allocation") == "uniform" ? std::int64_t{350} : std::int64_t{1250};
}

StudySpec base() {
    StudySpec spec;
    spec.name = "question";
    spec.fixed = {{"batch_size", std::int64_t{4}}};
    spec.objective = {"eval_accuracy", true};
    return spec;
}

Result<ConfirmationPlan> planned(const char* id, const StudySpec& from = base()) {
    return planTemplate(*findTemplate(schemaOfMethods(), id), schemaOfMethods(), from, kSeeds, count);
}

/// As if every trial had come to the same.
std::vector<TrialRecord> run(const ConfirmationPlan& plan) {
    std::vector<TrialRecord> trials;
    for (const NewTrial& trial : plan.trials) {
        TrialRecord record;
        record.number = trial.number;
        record.values = trial.values;
        record.seed = trial.seed;
        record.state = TrialState::Complete;
        record.lastValues["eval_accuracy"] = 0.5;
        trials.push_back(std::move(record));
    }
    return trials;
}

} // namespace

class TestStudyTemplates : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theAblationPresetMakesFiveArmsWithEqualSeedsSplitsAndBudget() {
        const auto plan = planned("few_shot");
        QVERIFY(plan.has_value());
        QCOMPARE(plan->trials.size(), 15U);
        for (std::size_t i = 0; i < 15; ++i) {
            QCOMPARE(plan->trials[i].seed, kSeeds[i / 5]); // each seed goes to all five
            QCOMPARE(plan->trials[i].values.integer("batch_size"), 4);
        }
        const auto arm = [&plan](std::size_t i) {
            const ParamValues& values = plan->trials[i].values;
            return std::to_string(values.integer("vertices")) + " " + values.text("simplex_head") + " " +
                   values.text("alpha_scope") + " " + values.text("val_mode");
        };
        QCOMPARE(arm(0), std::string("1 plain observation_layer midpoint"));
        QCOMPARE(arm(1), std::string("3 mixed observation_layer midpoint"));
        QCOMPARE(arm(2), std::string("3 mixed observation_layer stochastic"));
        QCOMPARE(arm(3), std::string("3 plain observation_layer stochastic"));
        QCOMPARE(arm(4), std::string("3 mixed batch stochastic"));
    }

    void loraIsARivalOfPrefixesAtARateOfItsOwn() {
        const auto plan = planned("few_shot_lora");
        QVERIFY(plan.has_value());
        QCOMPARE(plan->trials.size(), 12U);
        QCOMPARE(plan->trials[2].values.text("val_mode"), std::string("stochastic"));
        QCOMPARE(plan->trials[2].values.real("learning_rate"), 0.005);
        QCOMPARE(plan->trials[3].values.text("method"), std::string("lora"));
        QCOMPARE(plan->trials[3].values.real("learning_rate"), 0.001);
    }

    void theControlsOfAnAllocationAreThere() {
        const auto plan = planned("allocation");
        QVERIFY(plan.has_value());
        QCOMPARE(plan->trials.size(), 15U);
        const auto& trials = plan->trials;
        QCOMPARE(trials[0].values.text("allocation"), std::string("dynamic"));
        QCOMPARE(trials[1].values.text("allocation"), std::string("static"));
        QCOMPARE(trials[1].values.text("proxy"), std::string("snip"));
        QCOMPARE(trials[2].values.text("allocation"), std::string("uniform"));
        QCOMPARE(trials[3].values.text("proxy"), std::string("constant"));
        QVERIFY(trials[4].values.text("target_modules") != trials[2].values.text("target_modules"));
    }

    void valuesOnlyGetTheBudgetOfTheUniformControlWithoutTheHead() {
        QCOMPARE(planned("allocation")->trials[4].values.integer("budget_parameters"), 300);
    }

    /// GPT-2's queries, keys and values are one weight.
    void aModelWithoutValueProjectionsIsExplained() {
        const auto fused = [](const ParamValues& recipe) -> Result<std::int64_t> {
            if (recipe.text("target_modules") != "auto")
                return inputError("target_modules", "the pattern fits no module of the model");
            return count(recipe);
        };
        const auto plan = planTemplate(*findTemplate(schemaOfMethods(), "allocation"), schemaOfMethods(),
                                       base(), kSeeds, fused);
        QVERIFY(!plan.has_value());
        QCOMPARE(plan.error().where, std::string("LoRA, values only"));
        for (const char* part : {"queries, keys and values in one weight", "c_attn", "choose a base model"})
            QVERIFY2(plan.error().message.find(part) != std::string::npos, plan.error().text().c_str());
    }

    void anArmThatTheModelRefusesIsNamed() {
        const auto refusing = [](const ParamValues& recipe) -> Result<std::int64_t> {
            if (recipe.text("allocation") == "static")
                return inputError("rank", "rank 8 exceeds the width 4");
            return count(recipe);
        };
        const auto plan = planTemplate(*findTemplate(schemaOfMethods(), "allocation"), schemaOfMethods(),
                                       base(), kSeeds, refusing);
        QVERIFY(!plan.has_value());
        QCOMPARE(plan.error().text(),
                 std::string("HeteroLoRA, static by SNIP: rank: rank 8 exceeds the width 4"));
    }

    void whatTheArmsDifferInIsTheSpace() {
        const auto plan = planned("allocation");
        std::vector<std::string> keys;
        for (const SearchDimension& dimension : plan->spec.space)
            keys.push_back(dimension.key);
        QCOMPARE(keys, (std::vector<std::string>{"target_modules", "allocation", "proxy", "budget_unit",
                                                 "budget_parameters"}));
        QCOMPARE(plan->spec.trialCount, 15);
        QVERIFY(plan->spec.prunerId == "none" && plan->spec.mayRepeat);
    }

    void armsKeepTheirLabelsInTheResults() {
        for (const char* id : {"allocation", "few_shot", "few_shot_lora"}) {
            const auto plan = planned(id);
            const auto found = compareRecipes(plan->spec, run(*plan));
            QVERIFY(found.has_value());
            const StudyTemplate wanted = *findTemplate(schemaOfMethods(), id);
            for (std::size_t i = 0; i < wanted.arms.size(); ++i)
                QCOMPARE(found->recipes[i].name, wanted.arms[i].label);
        }
    }

    void otherRecipesHaveNoLabels() {
        const auto plan = planned("allocation");
        std::vector<ParamValues> recipes{plan->trials[0].values, plan->trials[1].values};
        QCOMPARE(armLabels(recipes).size(), 2U);
        recipes[1].set("method", std::string("lora"));
        QVERIFY(armLabels(recipes).empty());
    }

    void twoArmsThatAreOneAreRefused() {
        StudySpec from = base();
        from.fixed.set("proxy", std::string("constant"));
        const auto plan = planned("allocation", from);
        QVERIFY(!plan.has_value());
        QCOMPARE(plan.error().where, std::string("Random allocation"));
        QVERIFY(plan.error().message.find("\"HeteroLoRA, dynamic\"") != std::string::npos);
    }

    void anArmThatIsRefusedIsNamed() {
        StudySpec from = base();
        from.fixed.set("batch_size", std::int64_t{1000});
        QCOMPARE(planned("few_shot", from).error().where, std::string("Prefix tuning"));
    }

    void aControlThatCannotBeCountedIsNamed() {
        const auto refused = [](const ParamValues& recipe) -> Result<std::int64_t> {
            if (recipe.text("allocation") == "uniform")
                return inputError("budget_share", "is not enough");
            return count(recipe);
        };
        const auto plan = planTemplate(*findTemplate(schemaOfMethods(), "allocation"), schemaOfMethods(),
                                       base(), kSeeds, refused);
        QCOMPARE(plan.error().text(), std::string("LoRA, uniform: budget_share: is not enough"));
    }

    void oneSeedIsTooFew() {
        const StudyTemplate wanted = *findTemplate(schemaOfMethods(), "few_shot");
        constexpr std::array<std::uint64_t, 1> one{1};
        constexpr std::array<std::uint64_t, 2> twice{1, 1};
        QVERIFY(!planTemplate(wanted, schemaOfMethods(), base(), one, count).has_value());
        QVERIFY(!planTemplate(wanted, schemaOfMethods(), base(), twice, count).has_value());
    }

    void aTemplateWhoseMethodIsMissingIsNotOffered() {
        ParamSchema schema = schemaOfMethods();
        schema.front() = choice("method", {"lora", "prefix_subspace"});
        QCOMPARE(studyTemplates(schema).size(), 2U);
        QCOMPARE(findTemplate(schema, "allocation").error().text(),
                 std::string("template: \"allocation\" is unknown; choose one of few_shot, few_shot_lora"));
    }
};

QTEST_GUILESS_MAIN(TestStudyTemplates)
#include "tst_study_templates.moc"
