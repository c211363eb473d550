#include "widgets/dialogs/template_dialog.h"

#include "widgets/forms/domain_editors.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::int64_t kFewestSeeds = 2;
constexpr std::int64_t kUsualSeeds = 5;

// clang-format off
ParamSchema templateFields(const std::vector<StudyTemplate>& offered) {
    ChoiceDomain templates;
    for (const StudyTemplate& one : offered) {
        templates.values.push_back(one.id);
        templates.labels.push_back(one.label);
    }
    const std::string first = templates.values.front();
    return {{"template", {}, QT_TRANSLATE_NOOP("ParamSchema", "Question"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "Each of its recipes is made from the recipe of the recipe page."),
             std::move(templates), first, {}, false, false},
            {"seeds", {}, QT_TRANSLATE_NOOP("ParamSchema", "Seeds"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "Each recipe is trained with so many seeds, the same ones for all."),
             IntDomain{kFewestSeeds, 100}, kUsualSeeds, {}, false, false},
            {"objective", {}, QT_TRANSLATE_NOOP("ParamSchema", "Compared by"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "The metric whose last value counts."),
             ChoiceDomain{{"eval_accuracy", "eval_loss"},
                          {QT_TRANSLATE_NOOP("ParamSchema", "Highest accuracy"),
                           QT_TRANSLATE_NOOP("ParamSchema", "Lowest evaluation loss")}},
             std::string("eval_accuracy"), {}, false, false}};
}
// clang-format on

} // namespace

TemplateDialog::TemplateDialog(std::vector<StudyTemplate> offered, QWidget* parent)
    : FormDialog(
          {tr("Compare recipes with controls"),
           tr("A study with its controls: every recipe of it is trained in full with the same seeds, and the "
              "study says which is better than which by more than chance."),
           tr("&Run them")},
          templateFields(offered), {}, parent),
      m_offered(std::move(offered)) {
    setObjectName("templateDialog");
    connect(this, &FormDialog::edited, this, &TemplateDialog::tellOutlook);
    tellOutlook();
}

void TemplateDialog::tellOutlook() {
    const ParamValues chosen = values();
    const auto asked = std::ranges::find(m_offered, chosen.text("template"), &StudyTemplate::id);
    if (asked == m_offered.end())
        return setOutlook({});
    const auto recipes = static_cast<std::int64_t>(asked->arms.size());
    const std::int64_t seeds = chosen.integer("seeds");
    setOutlook(schemaText(asked->help) + QLatin1Char('\n') +
               tr("%1 recipes, each with %2 seeds: %3 runs.").arg(recipes).arg(seeds).arg(recipes * seeds));
}

} // namespace lathe
