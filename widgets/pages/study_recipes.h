#pragma once

#include "core/params/param_schema.h"
#include "core/session/recipe_comparison.h"

#include <QWidget>

#include <optional>
#include <span>
#include <string>
#include <vector>

class QLabel;
class QTableWidget;

namespace lathe {

/// The recipes of a study that repeats each over seeds: what the first one is worth against the others in
/// words, and a table of all results.
class StudyRecipes : public QWidget {
    Q_OBJECT
public:
    explicit StudyRecipes(const ParamSchema& recipe, QWidget* parent = nullptr);

    /// Nothing: the study is of another kind.
    void show(const std::optional<RecipeComparison>& comparison);
    void retranslate();

    /// "Method HeteroLoRA, Mode dynamic": the fields in which it differs, in the user's language.
    [[nodiscard]] static QString recipeName(const ParamSchema& schema, const RecipeResult& recipe);

private:
    void fillTable(const RecipeComparison& comparison);
    void fillRow(int row, const RecipeComparison& comparison, std::span<const std::uint64_t> seeds);
    [[nodiscard]] QString names(const RecipeComparison& comparison,
                                const std::vector<std::size_t>& places) const;
    [[nodiscard]] QString verdict(const RecipeComparison& comparison) const;

    const ParamSchema& m_recipe;
    QLabel* m_verdict;
    QLabel* m_note;
    QTableWidget* m_table;
    std::string m_metric; ///< RecipeComparison::metric of what is shown
};

} // namespace lathe
