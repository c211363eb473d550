#include "widgets/pages/study_recipes.h"

#include "core/session/metric_label.h"
#include "core/session/study_trial_model.h"
#include "core/session/text.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace lathe {

namespace {

enum Column { Name, Count, Mean, Difference, PValue, Parameters, FirstSeed };
constexpr int kNameWidth = 260;

QString number(double value) { return QLocale().toString(value, 'g', 4); }

/// A choice by its label; anything else as it is.
QString traitText(const ParamSchema& schema, const RecipeTrait& trait) {
    const ParamSpec* spec = findSpec(schema, trait.key);
    const auto* choices = spec == nullptr ? nullptr : std::get_if<ChoiceDomain>(&spec->domain);
    const std::string text = toText(trait.value);
    if (choices != nullptr)
        if (const auto found = std::ranges::find(choices->values, text); found != choices->values.end())
            if (const auto place = static_cast<std::size_t>(found - choices->values.begin());
                place < choices->labels.size())
                return QCoreApplication::translate("ParamSchema", choices->labels[place].c_str());
    return StudyRecipes::tr("%1 %2", "a field and its value")
        .arg(parameterLabel(schema, trait.key), toQString(text));
}

std::vector<std::uint64_t> seedsOf(const RecipeComparison& comparison) {
    std::set<std::uint64_t> seeds;
    for (const RecipeResult& recipe : comparison.recipes)
        for (const SeededValue& value : recipe.values)
            seeds.insert(value.seed);
    return {seeds.begin(), seeds.end()};
}

QTableWidgetItem* makeItem(const QString& text, Qt::Alignment alignment = Qt::AlignRight) {
    auto* item = new QTableWidgetItem(text);
    item->setTextAlignment(alignment | Qt::AlignVCenter);
    item->setToolTip(text);
    return item;
}

} // namespace

StudyRecipes::StudyRecipes(const ParamSchema& recipe, QWidget* parent)
    : QWidget(parent),
      m_recipe(recipe),
      m_verdict(new QLabel(this)),
      m_note(new QLabel(this)),
      m_table(new QTableWidget(this)) {
    setObjectName("studyRecipes");
    m_verdict->setObjectName("recipesVerdictLabel");
    m_verdict->setTextFormat(Qt::PlainText);
    m_verdict->setWordWrap(true);
    setLook(m_verdict, Look::Heading);
    m_note->setObjectName("recipesNoteLabel");
    m_note->setWordWrap(true);
    setLook(m_note, Look::Muted);
    m_table->setObjectName("recipesTable");
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false); // Tab leaves the table
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_verdict);
    column->addWidget(m_table, 1);
    column->addWidget(m_note);
}

QString StudyRecipes::recipeName(const ParamSchema& schema, const RecipeResult& recipe) {
    if (!recipe.label.empty())
        return QCoreApplication::translate("ParamSchema", recipe.label.c_str());
    QStringList parts;
    for (const RecipeTrait& trait : recipe.traits)
        parts << traitText(schema, trait);
    return parts.join(QStringLiteral(", "));
}

void StudyRecipes::show(const std::optional<RecipeComparison>& comparison) {
    m_metric = comparison ? comparison->metric : std::string();
    retranslate();
    if (!comparison) {
        m_verdict->clear();
        m_table->setRowCount(0);
        return;
    }
    m_verdict->setText(verdict(*comparison));
    fillTable(*comparison);
}

void StudyRecipes::fillTable(const RecipeComparison& comparison) {
    const std::vector<std::uint64_t> seeds = seedsOf(comparison);
    QStringList headers{tr("Recipe"),    tr("Runs"),
                        tr("Mean ± SD"), tr("Against the first (95 %)"),
                        tr("p"),         tr("Parameters", "trained")};
    for (const std::uint64_t seed : seeds)
        headers << tr("Seed %1").arg(seed);
    m_table->setColumnCount(static_cast<int>(headers.size()));
    m_table->setHorizontalHeaderLabels(headers);
    m_table->setRowCount(static_cast<int>(comparison.recipes.size()));
    for (int row = 0; row < m_table->rowCount(); ++row)
        fillRow(row, comparison, seeds);
    for (int column = 0; column < m_table->columnCount(); ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(
            (column == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(Name, std::max(kNameWidth, m_table->columnWidth(Name)));
}

void StudyRecipes::fillRow(int row, const RecipeComparison& comparison,
                           std::span<const std::uint64_t> seeds) {
    const RecipeResult& recipe = comparison.recipes[static_cast<std::size_t>(row)];
    const Summary& summary = recipe.summary;
    m_table->setItem(row, Name, makeItem(recipeName(m_recipe, recipe), Qt::AlignLeft));
    m_table->setItem(row, Count, makeItem(QLocale().toString(qulonglong{summary.count})));
    QString mean = summary.count == 0 ? QStringLiteral("–") : number(summary.mean);
    if (summary.count > 1)
        mean = tr("%1 ± %2").arg(mean, number(summary.deviation));
    m_table->setItem(row, Mean, makeItem(mean));
    QString difference;
    QString chance;
    if (row > 0) {
        const SeedComparison& against = comparison.comparisons[static_cast<std::size_t>(row) - 1];
        if (against.outcome != SeedComparison::Outcome::TooFew) {
            // As this row less the first one, so that a sign says who is higher.
            difference = tr("%1 ± %2").arg(number(-against.difference), number(against.halfWidth));
            chance = QLocale().toString(against.pValue, 'g', 2);
        }
    }
    m_table->setItem(row, Difference, makeItem(difference));
    m_table->setItem(row, PValue, makeItem(chance));
    m_table->setItem(
        row, Parameters,
        makeItem(recipe.parameters ? QLocale().toString(std::llround(*recipe.parameters)) : QString()));
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        const auto found = std::ranges::find(recipe.values, seeds[i], &SeededValue::seed);
        m_table->setItem(row, FirstSeed + static_cast<int>(i),
                         makeItem(found == recipe.values.end() ? QStringLiteral("–") : number(found->value)));
    }
}

QString StudyRecipes::names(const RecipeComparison& comparison,
                            const std::vector<std::size_t>& places) const {
    QStringList names;
    for (const std::size_t place : places)
        names << recipeName(m_recipe, comparison.recipes[place + 1]);
    return names.join(QStringLiteral("; "));
}

/// None is called better unless the interval of the difference excludes zero.
QString StudyRecipes::verdict(const RecipeComparison& comparison) const {
    const RecipeVerdict found = verdictOf(comparison);
    const QString first = recipeName(m_recipe, comparison.recipes.front());
    QStringList lines;
    if (!found.beaten.empty())
        lines << tr("%1 is better than: %2.", "recipes").arg(first, names(comparison, found.beaten));
    if (!found.ahead.empty())
        lines << tr("%1 is worse than: %2.", "recipes").arg(first, names(comparison, found.ahead));
    if (!found.open.empty()) {
        QString line = tr("Nothing shows that %1 differs from: %2.", "recipes")
                           .arg(first, names(comparison, found.open));
        if (found.seedsNeeded)
            line += QLatin1Char(' ') +
                    tr("About %1 seeds for each would tell differences as small as these from chance.")
                        .arg(*found.seedsNeeded);
        lines << line;
    }
    if (!found.few.empty())
        lines << tr("Too few runs yet to compare %1 with: %2.", "recipes")
                     .arg(first, names(comparison, found.few));
    if (comparison.missing > 0)
        lines << tr("%1 runs are missing.").arg(comparison.missing);
    return lines.join(QLatin1Char('\n'));
}

void StudyRecipes::retranslate() {
    m_table->setAccessibleName(tr("Results of the recipes"));
    const QString judged = m_metric.empty() ? QString() : tr("Compared: %1.").arg(metricLabel(m_metric));
    m_note->setText(
        (judged + QLatin1Char(' ') +
         tr("Mean and standard deviation (n − 1) over the seeds. The difference is that to the "
            "first recipe with its 95 % interval, paired by seed where both have the same ones; p "
            "is of no difference, two-sided, and not corrected for several comparisons."))
            .trimmed());
}

} // namespace lathe
