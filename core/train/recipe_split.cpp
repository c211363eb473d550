#include "core/data/splits.h"
#include "core/train/recipe_parts.h"

namespace lathe {

namespace {

constexpr std::int64_t kMany = 1'000'000'000;
/// The largest seed that every reader of a recipe file holds exactly (2^53).
constexpr std::int64_t kLargestSeed = std::int64_t{1} << 53;

/// Where the training file is divided, in one of these ways.
Condition dividedBy(std::vector<std::string> kinds) {
    return {{{"eval_file", {""}}, {"split", std::move(kinds)}}};
}

Condition and_(Condition condition, std::string key, std::vector<std::string> values) {
    condition.terms.push_back({std::move(key), std::move(values)});
    return condition;
}

ParamSpec field(const char* key, const char* label, const char* unit, const char* help, Domain domain,
                ParamValue fallback, Condition condition) {
    return {key,  "data", label, unit, help, std::move(domain), std::move(fallback), std::move(condition),
            true, false};
}

ParamSpec searched(ParamSpec spec) {
    spec.isSearchable = true;
    return spec;
}

void addShotFields(ParamSchema& schema) {
    const Condition isFewShot = dividedBy({"few_shot"});
    schema.push_back(searched(field("shots", "Shots", "rows", "Rows in all, or of each label.",
                                    IntDomain{1, kMany, 1, true}, std::int64_t{100}, isFewShot)));
    schema.push_back(field("shots_of", "Shots count", "", "The rows in all, or those of each label.",
                           ChoiceDomain{{"all", "label"}, {"In all", "Of each label"}}, std::string("all"),
                           isFewShot));
    schema.push_back(
        field("shot_dev", "Evaluate on", "",
              "A share of the shots, as scarce as the training rows, or many other rows, which "
              "few people have who have few rows.",
              ChoiceDomain{{"scarce_dev", "large_dev"}, {"Some of the shots", "Many other rows"}},
              std::string("scarce_dev"), isFewShot));
    schema.push_back(field("shot_train_share", "Share trained on", "",
                           "Share of the shots that trains; the others evaluate.",
                           RealDomain{0, 1, false, true}, 0.5, and_(isFewShot, "shot_dev", {"scarce_dev"})));
    schema.push_back(field("dev_rows", "Rows to evaluate on", "rows",
                           "How many of the rows that are no shots evaluate.", IntDomain{1, kMany, 1, true},
                           std::int64_t{1000}, and_(isFewShot, "shot_dev", {"large_dev"})));
}

} // namespace

void addSplitPart(ParamSchema& schema) {
    schema.push_back(field("split", "How to divide", "",
                           "How rows are put aside from the training data: at random, by a column, in folds, "
                           "or so that only a few train.",
                           choiceOf(splitKinds()), std::string("ratio"), {{{"eval_file", {""}}}}));
    schema.push_back(field("split_column", "Column to divide by", "",
                           "Of groups that stay together, of labels, or of the words train, dev and test. "
                           "Empty: the label column, where there is one.",
                           TextDomain{TextDomain::Kind::Plain, true}, std::string(),
                           dividedBy({"stratified", "group", "column", "folds", "few_shot"})));
    schema.push_back(
        field("test_file", "Test data", "",
              "Rows that are measured once, when training is over. Empty: there are none, unless "
              "a share is put aside.",
              TextDomain{TextDomain::Kind::File, true}, std::string(), {}));
    schema.push_back(field("test_fraction", "Share for the test", "",
                           "Share of the training rows that is measured once, when training is over.",
                           RealDomain{0, 0.9}, 0.0,
                           and_(dividedBy({"ratio", "stratified", "group", "folds"}), "test_file", {""})));
    schema.push_back(searched(
        field("data_seed", "Seed of the split", "",
              "The same seed divides the same data in the same way, whatever else differs. 0: the run's own "
              "seed (folds have one for all runs).",
              IntDomain{0, kLargestSeed}, std::int64_t{0},
              dividedBy({"ratio", "stratified", "group", "folds", "few_shot"}))));
    schema.push_back(field("folds", "Folds", "", "Equal parts, of which one evaluates and the others train.",
                           IntDomain{2, 1000}, std::int64_t{5}, dividedBy({"folds"})));
    schema.push_back(searched(field("fold", "Fold", "", "Which part evaluates, counted from 0.",
                                    IntDomain{0, 999}, std::int64_t{0}, dividedBy({"folds"}))));
    addShotFields(schema);
    schema.push_back(field("data_fixes", "Rows to leave out", "",
                           "Names of fixes, separated by commas, such as remove_duplicates, drop_empty or "
                           "drop_conflicts: what they find in the training data is left out.",
                           TextDomain{TextDomain::Kind::Plain, true}, std::string(), {}));
    schema.push_back(field("max_bad_rows", "Bad rows allowed", "",
                           "Largest share of a file's rows that may be unusable; with more a run does not "
                           "start.",
                           RealDomain{0, 1}, 0.05, {}));
}

} // namespace lathe
