#include "widgets/pages/evaluation_adapters.h"

#include "core/session/run_table_model.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>

namespace lathe {

namespace {

constexpr int kTrialRole = Qt::UserRole + 1;
constexpr int kListed = 20;
constexpr double kMostStrength = 4; ///< either way; 1 is as trained
constexpr int kBoxLetters = 10;
const QString kOther = QStringLiteral("\n"); ///< asks for a folder: no folder has this name

} // namespace

EvaluationAdapters::EvaluationAdapters(const RunTableModel& runs, QWidget* parent)
    : QWidget(parent),
      m_runs(runs),
      m_list(new QVBoxLayout),
      m_add(new QPushButton(themedIcon("plus"), {}, this)) {
    setObjectName("evaluationAdapters");
    m_list->setSpacing(6);
    m_add->setObjectName("addEvaluationAdapterButton");
    setLook(m_add, Look::QuietButton);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addLayout(m_list);
    column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QPushButton::clicked, this, [this] {
        addLine({});
        m_lines.last().folder->setFocus(Qt::OtherFocusReason);
    });
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&m_runs, signal, this, &EvaluationAdapters::fillAll);
    connect(&m_runs, &QAbstractItemModel::modelReset, this, &EvaluationAdapters::fillAll);
    connect(&m_runs, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex& from, const QModelIndex&) {
                if (from.column() <= RunTableModel::State) // not at every step of a training
                    fillAll();
            });
    addLine({});
    retranslate();
}

void EvaluationAdapters::addLine(const QString& folder) {
    auto* whole = new QWidget(this);
    auto* row = new QHBoxLayout(whole);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    auto* box = new ElidedComboBox(whole);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(kBoxLetters);
    box->setFocusPolicy(Qt::StrongFocus);
    box->setMaxVisibleItems(kListed);
    auto* strength = new NumberBox(RealDomain{-kMostStrength, kMostStrength}, whole);
    strength->show(1.0);
    strength->setMaximumWidth(strength->fontMetrics().averageCharWidth() * 12);
    auto* remove = new QToolButton(whole);
    remove->setIcon(themedIcon("close"));
    remove->setFocusPolicy(Qt::StrongFocus);
    row->addWidget(box, 1);
    row->addWidget(strength);
    row->addWidget(remove);
    m_list->addWidget(whole);
    m_lines.append({whole, box, strength, remove, folder});
    connect(box, &QComboBox::activated, this, [this, whole](int index) { chosen(whole, index); });
    connect(strength, &NumberBox::edited, this, &EvaluationAdapters::changed);
    connect(remove, &QToolButton::clicked, this, [this, whole] { removeLine(whole); });
    fill(m_lines.last());
    renumber();
    retranslate();
}

void EvaluationAdapters::removeLine(QWidget* whole) {
    if (m_lines.size() == 1) {
        setOnly({});
        return;
    }
    m_lines.removeIf([whole](const Line& line) { return line.whole == whole; });
    whole->deleteLater();
    whole->hide();
    renumber();
    m_lines.last().folder->setFocus(Qt::OtherFocusReason);
    Q_EMIT changed();
}

void EvaluationAdapters::renumber() {
    for (qsizetype i = 0; i < m_lines.size(); ++i) {
        m_lines[i].folder->setObjectName(QStringLiteral("evaluationAdapter%1Box").arg(i));
        m_lines[i].strength->setObjectName(QStringLiteral("evaluationAdapter%1StrengthEdit").arg(i));
        m_lines[i].remove->setObjectName(QStringLiteral("removeEvaluationAdapter%1Button").arg(i));
    }
}

void EvaluationAdapters::fillAll() {
    for (Line& line : m_lines)
        fill(line);
}

void EvaluationAdapters::fill(Line& line) {
    const QSignalBlocker silent(line.folder);
    line.folder->clear();
    line.folder->addItem(tr("None", "adapter"), QString());
    for (int row = 0; row < m_runs.rowCount(); ++row) {
        const RunRow& run = m_runs.row(row);
        if (run.trial.adapterFolder.empty())
            continue;
        line.folder->addItem(
            tr("%1 (run %2)", "name and number of a run").arg(run.studyName).arg(run.trial.id.value),
            pathText(run.trial.adapterFolder));
        line.folder->setItemData(line.folder->count() - 1, qlonglong{run.trial.id.value}, kTrialRole);
    }
    if (line.folder->findData(line.chosen) < 0)
        line.folder->addItem(QDir(line.chosen).dirName(), line.chosen);
    line.folder->insertSeparator(line.folder->count());
    line.folder->addItem(tr("Choose a folder…"), kOther);
    line.folder->setCurrentIndex(line.folder->findData(line.chosen));
    line.strength->setEnabled(!line.chosen.isEmpty());
}

EvaluationAdapters::Line* EvaluationAdapters::lineOf(QWidget* whole) {
    for (Line& line : m_lines)
        if (line.whole == whole)
            return &line;
    return nullptr;
}

void EvaluationAdapters::chosen(QWidget* whole, int index) {
    Line* line = lineOf(whole);
    const QString folder = line->folder->itemData(index).toString();
    if (folder == kOther) {
        line->folder->setCurrentIndex(line->folder->findData(line->chosen));
        askForFolder(whole);
        return;
    }
    line->chosen = folder;
    line->strength->setEnabled(!folder.isEmpty());
    const TrialId trial{line->folder->itemData(index, kTrialRole).toLongLong()};
    if (trial.isValid() && m_lines.size() == 1)
        Q_EMIT runChosen(trial);
    Q_EMIT changed();
}

void EvaluationAdapters::askForFolder(QWidget* whole) {
    auto* dialog = new QFileDialog(this, tr("Choose an adapter's folder"));
    dialog->setObjectName("evaluationAdapterDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, whole, [this, whole](const QString& folder) {
        if (Line* line = lineOf(whole)) {
            line->chosen = QDir::cleanPath(folder);
            fill(*line);
            Q_EMIT changed();
        }
    });
    dialog->open();
}

std::vector<AdapterChoice> EvaluationAdapters::adapters() const {
    std::vector<AdapterChoice> chosen;
    for (const Line& line : m_lines) {
        if (line.chosen.isEmpty())
            continue;
        double strength = 1;
        if (const auto number = line.strength->number())
            strength = std::holds_alternative<double>(*number)
                           ? std::get<double>(*number)
                           : static_cast<double>(std::get<std::int64_t>(*number));
        chosen.push_back({toPath(line.chosen), strength});
    }
    return chosen;
}

QString EvaluationAdapters::firstName() const {
    for (const Line& line : m_lines)
        if (!line.chosen.isEmpty())
            return line.folder->currentText();
    return {};
}

void EvaluationAdapters::setOnly(const QString& folder) {
    while (m_lines.size() > 1) {
        m_lines.last().whole->hide();
        m_lines.last().whole->deleteLater();
        m_lines.removeLast();
    }
    m_lines.first().chosen = folder;
    m_lines.first().strength->show(1.0);
    fill(m_lines.first());
    Q_EMIT changed();
}

void EvaluationAdapters::retranslate() {
    m_add->setText(tr("Add an adapter"));
    m_add->setToolTip(tr("Puts another adapter on beside those above; the first is nearest to the base"));
    for (qsizetype i = 0; i < m_lines.size(); ++i) {
        m_lines[i].folder->setAccessibleName(tr("Adapter %1").arg(i + 1));
        m_lines[i].strength->setAccessibleName(tr("Strength of adapter %1").arg(i + 1));
        m_lines[i].strength->setToolTip(tr("Strength: 1 as trained, 0 as if it were not there"));
        m_lines[i].remove->setAccessibleName(tr("Take adapter %1 off").arg(i + 1));
        m_lines[i].remove->setToolTip(tr("Take it off"));
    }
    fillAll();
}

} // namespace lathe
