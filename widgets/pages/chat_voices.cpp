#include "widgets/pages/chat_voices.h"

#include "core/session/background_job.h"
#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/shell/window_parts.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QThreadPool>

#include <algorithm>
#include <utility>

namespace lathe {

namespace {

constexpr int kRefillMs = 300;
constexpr int kListed = 20; ///< before the list of a box scrolls
constexpr int kTrialRole = Qt::UserRole + 1;
// No folder has such a name.
const QString kOther = QStringLiteral("\n");     ///< the item that asks for a folder
const QString kSeveral = QStringLiteral("\n\n"); ///< the item that stands for more than one adapter

QString textOf(const ParamValues& values, const char* key) {
    const ParamValue* value = values.find(key);
    return value == nullptr ? QString() : toQString(toText(*value));
}

/// What the run was trained with: a prompt template, or texts as they stand.
QString promptFormOf(const ParamValues& recipe) {
    const QString form = textOf(recipe, "prompt_template");
    if (textOf(recipe, "task") == QLatin1String("text"))
        return QStringLiteral("text");
    return form.isEmpty() ? QStringLiteral("auto") : form;
}

QString cleaned(const QString& folder) { return QDir::cleanPath(QDir(folder).absolutePath()); }

/// Names need not differ; the run's number does, and the command line takes it too.
QString nameOfRun(const RunRow& row) {
    return ChatVoices::tr("%1 (run %2)", "name and number of a run")
        .arg(row.studyName)
        .arg(row.trial.id.value);
}

/// "A × 0.5 + B" of those that count.
QString nameOfMix(const QVector<ChatAdapter>& adapters) {
    QStringList parts;
    for (const ChatAdapter& adapter : adapters)
        if (adapter.isOn && adapter.strength != 0)
            parts << (adapter.strength == 1
                          ? adapter.name
                          : ChatVoices::tr("%1 × %2", "adapter and its strength")
                                .arg(adapter.name, QLocale().toString(adapter.strength, 'g', 4)));
    return parts.join(QStringLiteral(" + "));
}

void select(QComboBox& box, const QString& data) {
    const int index = box.findData(data);
    box.setCurrentIndex(index);
    box.setToolTip(index < 0 || data.isEmpty()
                       ? QString()
                       : box.currentText() + QLatin1Char('\n') + QDir::toNativeSeparators(data));
}

} // namespace

ChatVoices::ChatVoices(const WindowParts& parts, QWidget* parent)
    : QWidget(parent),
      m_parts(parts),
      m_modelLabel(new QLabel(this)),
      m_models(new ElidedComboBox(this)),
      m_adapterLabel(new QLabel(this)),
      m_adapters(new ElidedComboBox(this)),
      m_compare(new QCheckBox(this)),
      m_model(parts.settings.chatModel.value()) {
    setUp();
    retranslate();
    const auto refillSoon = [this] {
        if (!m_refill.isActive())
            m_refill.start(kRefillMs);
    };
    m_refill.setSingleShot(true);
    connect(&m_refill, &QTimer::timeout, this, [this] {
        fillAdapters();
        if (modelName() != m_toldName) // the library has read the model meanwhile
            tell();
    });
    forgetLostModel();
    for (const QAbstractItemModel* model :
         std::initializer_list<const QAbstractItemModel*>{&parts.project.runs(), &parts.library.models()}) {
        connect(model, &QAbstractItemModel::rowsInserted, this, refillSoon);
        connect(model, &QAbstractItemModel::rowsRemoved, this, refillSoon);
        connect(model, &QAbstractItemModel::dataChanged, this, refillSoon);
        connect(model, &QAbstractItemModel::modelReset, this, refillSoon);
    }
    connect(&parts.library, &ModelLibrary::added, this, [this](const QString& folder) {
        if (std::exchange(m_isAdding, false))
            chooseModel(folder);
    });
    connect(&parts.library, &ModelLibrary::addFailed, this, [this](const QString& message) {
        if (std::exchange(m_isAdding, false))
            Q_EMIT failed(message);
    });
}

void ChatVoices::setUp() {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_models->setObjectName("chatModelBox");
    m_adapters->setObjectName("chatAdapterBox");
    m_compare->setObjectName("chatCompareCheckBox");
    m_modelLabel->setBuddy(m_models);
    m_adapterLabel->setBuddy(m_adapters);
    for (QComboBox* box : {m_models, m_adapters}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8); // so that the page fits a window of 1280
        box->setFocusPolicy(Qt::StrongFocus);
        box->setMaxVisibleItems(kListed);
    }
    row->addWidget(m_modelLabel);
    row->addWidget(m_models, 1);
    row->addSpacing(12);
    row->addWidget(m_adapterLabel);
    row->addWidget(m_adapters, 1);
    row->addSpacing(12);
    row->addWidget(m_compare);
    m_compare->setChecked(m_parts.settings.isChatComparing.value());
    connect(m_models, &QComboBox::activated, this, &ChatVoices::modelActivated);
    connect(m_adapters, &QComboBox::activated, this, &ChatVoices::adapterActivated);
    connect(m_compare, &QCheckBox::toggled, this, [this](bool isOn) {
        m_parts.settings.isChatComparing.set(isOn);
        tell();
    });
}

bool ChatVoices::isBaseAdded() const {
    return m_compare->isChecked() && !m_columns.front().adapters.isEmpty();
}

QVector<ChatVoice> ChatVoices::voices() const {
    if (m_model.isEmpty())
        return {};
    QVector<ChatVoice> all;
    if (isBaseAdded())
        all.append(voiceFor({}));
    for (const ChatColumn& column : m_columns)
        all.append(voiceFor(column));
    return all;
}

int ChatVoices::voiceOf(qsizetype column) const { return static_cast<int>(column) + (isBaseAdded() ? 1 : 0); }

ChatVoice ChatVoices::voiceFor(const ChatColumn& column) const {
    const QString name = nameOfMix(column.adapters);
    if (column.isWhole)
        return {name, column.adapters.front().folder, {}};
    return {name.isEmpty() ? modelName() : name, m_model, column.adapters, column.isMerged};
}

void ChatVoices::setColumns(const QVector<ChatColumn>& columns) {
    if (columns == m_columns)
        return;
    m_columns = columns;
    tell();
}

QString ChatVoices::nameOfFolder(const QString& folder) { return QDir(folder).dirName(); }

QVector<ChatAdapter> ChatVoices::trainedAdapters() const {
    QVector<ChatAdapter> all;
    const RunTableModel& runs = m_parts.project.runs();
    for (int row = 0; row < runs.rowCount(); ++row) {
        const TrialRecord& trial = runs.row(row).trial;
        if (!trial.adapterFolder.empty() && textOf(trial.values, "method") != QLatin1String("full") &&
            cleaned(textOf(trial.values, "model")) == m_model)
            all.append({nameOfRun(runs.row(row)), pathText(trial.adapterFolder)});
    }
    return all;
}

QString ChatVoices::nameOfAdapter(const QString& folder) const {
    const RunTableModel& runs = m_parts.project.runs();
    for (int row = 0; row < runs.rowCount(); ++row)
        if (pathText(runs.row(row).trial.adapterFolder) == folder)
            return nameOfRun(runs.row(row));
    return nameOfFolder(folder);
}

QString ChatVoices::shownAdapter() const {
    const QVector<ChatAdapter>& adapters = m_columns.front().adapters;
    return adapters.isEmpty() ? QString() : adapters.size() > 1 ? kSeveral : adapters.front().folder;
}

QString ChatVoices::modelName() const {
    const int row = m_parts.library.models().rowOf(m_model);
    return row < 0 ? nameOfFolder(m_model) : m_parts.library.models().row(row).name;
}

bool ChatVoices::isBuiltIn() const {
    const int row = m_parts.library.models().rowOf(m_model);
    return row >= 0 && m_parts.library.models().row(row).source == ModelEntry::Source::BuiltIn;
}

void ChatVoices::fillModels() {
    const ModelTableModel& models = m_parts.library.models();
    const QSignalBlocker silent(m_models);
    m_models->clear();
    for (int row = 0; row < models.rowCount(); ++row) {
        const ModelEntry& entry = models.row(row);
        const bool isUsable =
            entry.state == ModelEntry::State::Ready || entry.state == ModelEntry::State::Reading;
        if (isUsable || entry.folder == m_model)
            m_models->addItem(entry.name, entry.folder);
    }
    if (m_model.isEmpty() && m_models->count() > 0) { // the built-in one comes first
        m_model = m_models->itemData(0).toString();
        QMetaObject::invokeMethod(this, &ChatVoices::changed, Qt::QueuedConnection);
    }
    if (!m_model.isEmpty() && m_models->findData(m_model) < 0)
        m_models->addItem(nameOfFolder(m_model), m_model);
    m_models->insertSeparator(m_models->count());
    m_models->addItem(tr("Choose a folder…"), kOther);
    select(*m_models, m_model);
}

void ChatVoices::fillAdapters() {
    fillModels();
    for (ChatColumn& column : m_columns)
        for (ChatAdapter& adapter : column.adapters) // its run may have another name now
            adapter.name = nameOfAdapter(adapter.folder);
    const QSignalBlocker silent(m_adapters);
    m_adapters->clear();
    m_adapters->addItem(tr("None", "adapter"), QString());
    const RunTableModel& runs = m_parts.project.runs();
    for (int row = 0; row < runs.rowCount(); ++row) {
        const RunRow& run = runs.row(row);
        if (run.trial.adapterFolder.empty())
            continue;
        m_adapters->addItem(nameOfRun(run), pathText(run.trial.adapterFolder));
        m_adapters->setItemData(m_adapters->count() - 1, qlonglong{run.trial.id.value}, kTrialRole);
    }
    const QString shown = shownAdapter();
    if (m_adapters->findData(shown) < 0) {
        const QString several = nameOfMix(m_columns.front().adapters);
        m_adapters->addItem(shown != kSeveral   ? nameOfFolder(shown)
                            : several.isEmpty() ? tr("All off")
                                                : several,
                            shown);
    }
    m_adapters->insertSeparator(m_adapters->count());
    m_adapters->addItem(tr("Choose a folder…"), kOther);
    select(*m_adapters, shown);
    m_compare->setEnabled(!m_columns.front().adapters.isEmpty());
}

void ChatVoices::tell() {
    m_parts.settings.chatModel.set(m_model);
    m_toldName = modelName();
    fillAdapters();
    Q_EMIT changed();
}

void ChatVoices::modelActivated(int index) {
    const QString folder = m_models->itemData(index).toString();
    select(*m_models, m_model);
    if (folder == kOther)
        askForFolder(tr("Chat with the model in this folder"), "chatModelDialog",
                     [this](const QString& path) { addModel(path); });
    else if (folder != m_model)
        chooseModel(folder);
}

void ChatVoices::addModel(const QString& path) {
    m_isAdding = true;
    m_parts.library.add(path);
}

/// The model chatted with last may have gone, as the built-in one does when the program moves. Then the first
/// of the library answers, unless the library still hopes for it or the user has chosen meanwhile.
void ChatVoices::forgetLostModel() {
    if (m_model.isEmpty() || m_parts.settings.modelFolders.value().contains(m_model))
        return;
    runInBackground(
        *QThreadPool::globalInstance(), *this,
        [folder = toPath(m_model)] {
            std::error_code problem;
            return std::filesystem::is_directory(folder, problem);
        },
        [this, folder = m_model](bool isThere) {
            if (isThere || folder != m_model || m_parts.library.models().rowOf(folder) >= 0)
                return;
            m_model.clear();
            fillAdapters();
        });
}

/// An adapter fits the model it was trained on.
void ChatVoices::chooseModel(const QString& folder) {
    m_model = folder;
    m_columns = QVector<ChatColumn>(1);
    setAdapter({}, {});
}

void ChatVoices::adapterActivated(int index) {
    const QString folder = m_adapters->itemData(index).toString();
    const TrialId trial{m_adapters->itemData(index, kTrialRole).toLongLong()};
    const QString shown = shownAdapter();
    select(*m_adapters, shown);
    if (folder == kOther)
        askForFolder(tr("Chat with the adapter in this folder"), "chatAdapterDialog",
                     [this](const QString& path) { chooseAdapter(path); });
    else if (folder != shown && !(trial.isValid() && chooseRun(trial)))
        setAdapter(folder, {});
}

void ChatVoices::chooseAdapter(const QString& folder, const QString& model) {
    if (!model.isEmpty() && cleaned(model) != m_model) {
        m_model = cleaned(model);
        m_columns = QVector<ChatColumn>(1);
    }
    setAdapter(cleaned(folder), {});
}

bool ChatVoices::chooseRun(TrialId trial) {
    const RunTableModel& runs = m_parts.project.runs();
    const int row = runs.rowOf(trial);
    if (row < 0 || runs.row(row).trial.adapterFolder.empty())
        return false;
    const ParamValues& recipe = runs.row(row).trial.values;
    const QString model = cleaned(textOf(recipe, "model"));
    if (model != m_model)
        m_columns = QVector<ChatColumn>(1);
    m_model = model;
    setAdapter(pathText(runs.row(row).trial.adapterFolder), trial,
               textOf(recipe, "method") == QLatin1String("full"));
    return true;
}

/// In place of what the first column had.
void ChatVoices::setAdapter(const QString& folder, TrialId trial, bool isWhole) {
    m_columns.front() = {};
    if (!folder.isEmpty())
        m_columns.front() = {{{nameOfAdapter(folder), folder}}, false, isWhole};
    const RunTableModel& runs = m_parts.project.runs();
    const int row = trial.isValid() ? runs.rowOf(trial) : -1;
    tell();
    Q_EMIT promptFormWanted(row < 0 ? QStringLiteral("auto") : promptFormOf(runs.row(row).trial.values));
}

void ChatVoices::askForFolder(const QString& title, const char* name,
                              const std::function<void(const QString&)>& take) {
    auto* dialog = new QFileDialog(this, title);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, take);
    dialog->open();
}

void ChatVoices::retranslate() {
    m_modelLabel->setText(tr("Model"));
    m_models->setAccessibleName(tr("Model"));
    m_adapterLabel->setText(tr("Adapter"));
    m_adapters->setAccessibleName(tr("Adapter"));
    m_compare->setText(tr("Compare with base"));
    m_compare->setToolTip(tr("Both answer the same question with the same seed, side by side"));
    fillAdapters();
}

} // namespace lathe
