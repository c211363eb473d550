#include "widgets/dialogs/combine_dialog.h"

#include "core/session/text.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/param_form.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kWidth = 620;
constexpr int kHeight = 640;
constexpr int kListHeight = 150;
constexpr int kAskMs = 200;
constexpr int kSteps = 1000; ///< of the progress bar
constexpr double kHeaviest = 100;

QString small(double number) { return QString::number(number, 'g', 3); }

QString phaseText(const QString& phase) {
    if (phase == QLatin1String("combining"))
        return CombineDialog::tr("Combining…");
    return phase == QLatin1String("comparing") ? CombineDialog::tr("Comparing the answers…") : phase;
}

/// What the forecast says, a sentence each.
QStringList sentences(const CombineForecast& forecast) {
    QStringList lines;
    lines << CombineDialog::tr("Rank %1, %2 parameters.")
                 .arg(QLocale().toString(qlonglong{forecast.rank}),
                      QLocale().toString(qlonglong{forecast.parameters}));
    lines << (forecast.isExact ? CombineDialog::tr("By the mathematics it does what all do at once.")
                               : CombineDialog::tr("It approximates what all do at once."));
    return lines;
}

} // namespace

CombineDialog::CombineDialog(CombineParts parts, const QVector<ChatAdapter>& offered,
                             const QString& suggestion, QWidget* parent)
    : QDialog(parent),
      m_combiner(std::move(parts)),
      m_fields(new QWidget(this)),
      m_list(new QVBoxLayout),
      m_form(new ParamForm(this)),
      m_target(new QLineEdit(this)),
      m_note(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_progress(new QProgressBar(this)) {
    setObjectName("combineDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Combine adapters"));
    auto* explanation = new QLabel(tr("Makes one adapter out of several of the same base model, as a folder "
                                      "that PEFT can load too, and compares it with all of them at once."),
                                   this);
    explanation->setWordWrap(true);
    m_form->setObjectName("combineForm");
    m_form->setSchema(m_combiner.schema());
    m_form->setGroupTitle(QStringLiteral("combination"), tr("How"));
    auto* fields = new QVBoxLayout(m_fields);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(12);
    fields->addWidget(makeList(), 1);
    fields->addWidget(m_form);
    fields->addWidget(makeTarget(suggestion));
    m_note->setObjectName("combineNoteLabel");
    setLook(m_note, Look::Muted);
    m_problem->setObjectName("combineProblemLabel");
    setLook(m_problem, Look::Problem);
    for (QLabel* label : {m_note, m_problem}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        label->hide();
    }
    m_progress->setObjectName("combineProgressBar");
    m_progress->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(12);
    layout->addWidget(explanation);
    layout->addWidget(m_fields, 1);
    layout->addWidget(m_note);
    layout->addWidget(m_problem);
    layout->addWidget(m_progress);
    layout->addWidget(makeButtons());
    resize(kWidth, kHeight);
    for (const ChatAdapter& adapter : offered)
        addRow(adapter);
    follow();
    edited();
    if (!m_rows.isEmpty())
        m_rows.first().isOn->setFocus();
}

QWidget* CombineDialog::makeList() {
    auto* card = new QFrame(m_fields);
    setLook(card, Look::Card);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(18, 14, 18, 16);
    auto* title = new QLabel(tr("Adapters and their weights"), card);
    setLook(title, Look::Heading);
    auto* scroll = new QScrollArea(card);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setMinimumHeight(kListHeight);
    auto* content = new QWidget(scroll);
    auto* rows = new QVBoxLayout(content);
    rows->setContentsMargins(0, 0, 6, 0);
    rows->addLayout(m_list);
    rows->addStretch(1);
    scroll->setWidget(content);
    auto* add = new QPushButton(themedIcon("folder"), tr("&Add a folder…"), card);
    add->setObjectName("combineAddButton");
    add->setAutoDefault(false);
    connect(add, &QPushButton::clicked, this, &CombineDialog::addFolder);
    column->addWidget(title);
    column->addWidget(scroll, 1);
    column->addWidget(add, 0, Qt::AlignLeft);
    return card;
}

QWidget* CombineDialog::makeTarget(const QString& suggestion) {
    auto* line = new QWidget(m_fields);
    auto* caption = new QLabel(tr("&Folder to write:"), line);
    caption->setBuddy(m_target);
    m_target->setObjectName("combineTargetEdit");
    m_target->setText(suggestion);
    auto* look = new QPushButton(tr("&Browse…"), line);
    look->setObjectName("combineBrowseButton");
    look->setAutoDefault(false);
    connect(look, &QPushButton::clicked, this, &CombineDialog::browse);
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(caption);
    row->addWidget(m_target, 1);
    row->addWidget(look);
    return line;
}

QDialogButtonBox* CombineDialog::makeButtons() {
    auto* buttons = new QDialogButtonBox(this);
    m_combine = buttons->addButton(tr("&Combine"), QDialogButtonBox::ActionRole);
    m_combine->setObjectName("combineButton");
    m_combine->setDefault(true);
    setLook(m_combine, Look::PrimaryButton);
    m_chat = buttons->addButton(tr("C&hat with it"), QDialogButtonBox::ActionRole);
    m_chat->setObjectName("combineChatButton");
    m_stop = buttons->addButton(tr("&Stop"), QDialogButtonBox::ActionRole);
    m_stop->setObjectName("combineStopButton");
    m_close = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
    m_close->setObjectName("combineCloseButton");
    m_close->setAutoDefault(false);
    for (QPushButton* button : {m_chat, m_stop}) // the box shows all when the next one comes
        button->hide();
    connect(m_combine, &QPushButton::clicked, this, &CombineDialog::begin);
    connect(m_stop, &QPushButton::clicked, &m_combiner, &AdapterCombiner::stop);
    connect(m_chat, &QPushButton::clicked, this, [this] {
        Q_EMIT chatWanted(m_model, m_made);
        close();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &CombineDialog::reject);
    return buttons;
}

void CombineDialog::follow() {
    m_ask.setSingleShot(true);
    m_ask.setInterval(kAskMs);
    connect(&m_ask, &QTimer::timeout, this, &CombineDialog::askForecast);
    connect(m_form, &ParamForm::valueEdited, this, &CombineDialog::edited);
    connect(m_form, &ParamForm::problemsChanged, this, &CombineDialog::edited);
    connect(m_target, &QLineEdit::textChanged, this, &CombineDialog::edited);
    connect(&m_combiner, &AdapterCombiner::forecastReady, this, &CombineDialog::showForecast);
    connect(&m_combiner, &AdapterCombiner::refused, this, &CombineDialog::showProblem);
    connect(&m_combiner, &AdapterCombiner::progressed, this, &CombineDialog::showProgress);
    connect(&m_combiner, &AdapterCombiner::finished, this, &CombineDialog::showOutcome);
    connect(&m_combiner, &AdapterCombiner::failed, this, [this](const QString& message) {
        setRunning(false);
        showProblem(message.isEmpty() ? tr("Stopped; nothing was written.") : message);
    });
}

void CombineDialog::addRow(const ChatAdapter& adapter) {
    auto* line = new QWidget(this);
    const QString name = QStringLiteral("combine%1").arg(m_rows.size());
    Row row;
    row.folder = adapter.folder;
    row.isOn = new QCheckBox(QString(adapter.name).replace(QLatin1Char('&'), QLatin1String("&&")), line);
    row.isOn->setObjectName(name + QStringLiteral("CheckBox"));
    row.isOn->setChecked(adapter.isOn);
    row.isOn->setToolTip(QDir::toNativeSeparators(adapter.folder));
    row.weight = new NumberBox(RealDomain{-kHeaviest, kHeaviest}, line);
    row.weight->setObjectName(name + QStringLiteral("WeightEdit"));
    row.weight->setAccessibleName(tr("Weight of %1").arg(adapter.name));
    row.weight->setToolTip(tr("How much it counts: 1 as trained; below 0 takes away"));
    row.weight->show(adapter.strength);
    row.weight->setEnabled(adapter.isOn);
    auto* layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(row.isOn, 1);
    layout->addWidget(row.weight);
    connect(row.isOn, &QCheckBox::toggled, row.weight, &QWidget::setEnabled);
    connect(row.isOn, &QCheckBox::toggled, this, &CombineDialog::edited);
    connect(row.weight, &NumberBox::edited, this, &CombineDialog::edited);
    m_list->addWidget(line);
    m_rows.append(row);
}

void CombineDialog::addFolder() {
    auto* dialog = new QFileDialog(this, tr("Combine the adapter in this folder"));
    dialog->setObjectName("combineFolderDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        const QString folder = QDir::cleanPath(QDir(path).absolutePath());
        const auto known = std::ranges::find(m_rows, folder, &Row::folder);
        if (known != m_rows.end())
            known->isOn->setChecked(true);
        else
            addRow({QDir(folder).dirName(), folder});
        m_rows.last().isOn->setFocus(Qt::OtherFocusReason);
        edited();
    });
    dialog->open();
}

void CombineDialog::browse() {
    auto* dialog = new QFileDialog(this, windowTitle(), m_target->text());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, m_target, &QLineEdit::setText);
    dialog->open();
}

CombineOrder CombineDialog::order() const {
    CombineOrder order;
    for (const Row& row : m_rows)
        if (row.isOn->isChecked()) {
            const ParamValue weight = row.weight->number().value_or(ParamValue{1.0});
            const double number = std::holds_alternative<double>(weight)
                                      ? std::get<double>(weight)
                                      : static_cast<double>(std::get<std::int64_t>(weight));
            order.adapters.push_back({toPath(row.folder), number});
        }
    order.options = m_form->values();
    order.target = toPath(QDir::home().absoluteFilePath(m_target->text().trimmed()));
    return order;
}

QString CombineDialog::problem() const {
    if (order().adapters.size() < 2)
        return tr("Choose at least two adapters.");
    for (const Row& row : m_rows)
        if (row.isOn->isChecked() && !row.weight->number())
            return tr("“%1” is no weight; give a number.").arg(row.weight->shownText());
    if (!m_form->problems().empty())
        return tr("A field above is not right yet.");
    if (m_target->text().trimmed().isEmpty())
        return tr("Name a folder to write to.");
    const QDir target(QDir::home().absoluteFilePath(m_target->text().trimmed()));
    if (target.exists() && !target.isEmpty())
        return tr("The folder to write to is there already and not empty; name another one.");
    return {};
}

void CombineDialog::edited() {
    m_combiner.forgetForecast();
    m_chat->hide();
    m_combine->setEnabled(false);
    m_problem->hide();
    const QString lacking = problem();
    m_note->setText(lacking.isEmpty() ? tr("Looking at the adapters…") : lacking);
    m_note->show();
    if (lacking.isEmpty())
        m_ask.start();
    else
        m_ask.stop();
}

void CombineDialog::askForecast() {
    if (!m_combiner.isBusy())
        m_combiner.requestForecast(order());
}

void CombineDialog::showForecast(const CombineForecast& forecast) {
    QStringList lines{sentences(forecast).join(QLatin1Char(' '))};
    for (const std::string& note : forecast.notes)
        lines << toQString(note);
    m_note->setText(lines.join(QLatin1Char('\n')));
    m_combine->setEnabled(!m_combiner.isBusy());
}

void CombineDialog::showProblem(const QString& message) {
    m_note->hide();
    m_problem->setText(message);
    m_problem->show();
}

void CombineDialog::begin() {
    m_ask.stop();
    m_combiner.forgetForecast();
    setRunning(true);
    m_combiner.start(order());
}

void CombineDialog::setRunning(bool isRunning) {
    m_fields->setEnabled(!isRunning);
    m_combine->setVisible(!isRunning);
    m_combine->setEnabled(false);
    m_stop->setVisible(isRunning);
    m_progress->setVisible(isRunning);
    m_progress->setRange(0, 0);
    m_problem->hide();
    if (isRunning)
        m_stop->setFocus(Qt::OtherFocusReason);
    if (!isRunning && m_isClosing)
        deleteLater();
}

void CombineDialog::showProgress(const QString& phase, double share) {
    if (!m_combiner.isBusy())
        return;
    m_note->setText(phaseText(phase));
    m_note->show();
    m_progress->setRange(0, share < 0 ? 0 : kSteps);
    m_progress->setValue(static_cast<int>(share * kSteps));
}

void CombineDialog::showOutcome(const CombineOutcome& outcome) {
    m_model = pathText(outcome.forecast.model);
    m_made = pathText(outcome.folder);
    setRunning(false);
    const QString where = tr("Written to %1.").arg(QDir::toNativeSeparators(m_made));
    const QString compared =
        outcome.difference
            ? tr("Read back, its logits differ from those of all adapters at once by at most %1; %2 % of "
                 "the weights' sum is lacking.")
                  .arg(small(*outcome.difference), small(outcome.lacking * 100))
            : tr("Not compared with all at once: %1").arg(toQString(outcome.comparedOn));
    m_note->setText(where + QLatin1Char(' ') + sentences(outcome.forecast).join(QLatin1Char(' ')) +
                    QLatin1Char('\n') + compared);
    m_note->show();
    m_chat->show();
    m_chat->setFocus(Qt::OtherFocusReason);
}

void CombineDialog::reject() {
    if (!m_combiner.isBusy())
        return QDialog::reject();
    m_isClosing = true;
    m_combiner.stop();
    hide();
}

} // namespace lathe
