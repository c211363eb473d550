#include "widgets/pages/start_page.h"

#include "core/session/background_job.h"
#include "core/session/project_session.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QThreadPool>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kPageMargin = 32;
constexpr int kRecentRuns = 5;
constexpr int kMaxWidth = 1400;
constexpr int kRefreshMs = 400; // while training, the table of runs changes 30 times a second

QFrame* makeCard(QWidget* parent, const QString& name) {
    auto* card = new QFrame(parent);
    card->setObjectName(name);
    setLook(card, Look::Card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(20, 16, 20, 18);
    layout->setSpacing(10);
    return card;
}

QLabel* makeLabel(QWidget* parent, const QString& name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    setLook(label, look);
    return label;
}

} // namespace

StartPage::StartPage(const WindowParts& parts, QWidget* parent) : Page(parent), m_parts(parts) {
    setObjectName("startPage");
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    outer->addWidget(scroll);
    auto* content = new QWidget(scroll);
    content->setMaximumWidth(kMaxWidth);
    auto* grid = new QGridLayout(content);
    grid->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
    grid->setSpacing(16);
    grid->addWidget(makeHero(), 0, 0, 1, 2);
    grid->addWidget(makeExamples(), 1, 0, 1, 2);
    grid->addWidget(makeRecent(), 2, 0);
    grid->addWidget(makeMachine(), 2, 1);
    grid->setColumnStretch(0, 3);
    grid->setColumnStretch(1, 2);
    grid->setRowStretch(3, 1);
    scroll->setWidget(content);
    followRuns();
    retranslate();
    askForDevice();
}

QWidget* StartPage::makeHero() {
    auto* card = makeCard(this, "heroCard");
    auto* layout = qobject_cast<QVBoxLayout*>(card->layout());
    m_title = makeLabel(card, "titleLabel", Look::Title);
    m_subtitle = makeLabel(card, "subtitleLabel", Look::Muted);
    m_tryButton = new QPushButton(themedIcon("bolt", IconTone::OnAccent), {}, card);
    m_tryButton->setObjectName("tryItNowButton");
    m_tryButton->setMinimumHeight(44);
    m_tryButton->setAutoDefault(true); // Enter presses it, not only Space
    m_tryButton->setEnabled(!m_parts.examples.isEmpty());
    setLook(m_tryButton, Look::PrimaryButton);
    m_newButton = new QPushButton(themedIcon("plus"), {}, card);
    m_newButton->setObjectName("newRecipeButton");
    m_newButton->setMinimumHeight(44);
    m_openButton = new QPushButton(themedIcon("folder"), {}, card);
    m_openButton->setObjectName("openProjectButton");
    m_openButton->setMinimumHeight(44);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(12);
    buttons->addWidget(m_tryButton);
    buttons->addWidget(m_newButton);
    buttons->addWidget(m_openButton);
    buttons->addStretch(1);
    layout->addWidget(m_title);
    layout->addWidget(m_subtitle);
    layout->addSpacing(6);
    layout->addLayout(buttons);
    connect(m_tryButton, &QPushButton::clicked, this, [this] { Q_EMIT exampleChosen(0); });
    connect(m_newButton, &QPushButton::clicked, this, &StartPage::newRecipeWanted);
    connect(m_openButton, &QPushButton::clicked, this, &StartPage::openProjectWanted);
    return card;
}

QWidget* StartPage::makeExamples() {
    auto* card = makeCard(this, "examplesCard");
    m_examplesHeading = makeLabel(card, "examplesHeadingLabel", Look::Heading);
    card->layout()->addWidget(m_examplesHeading);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    for (int i = 0; i < m_parts.examples.size(); ++i) {
        auto* button = new QPushButton(themedIcon("recipe"), {}, card);
        button->setObjectName(m_parts.examples[i].id + "ExampleButton");
        auto* text = makeLabel(card, m_parts.examples[i].id + "ExampleLabel", Look::Muted);
        grid->addWidget(button, 0, i);
        grid->addWidget(text, 1, i, Qt::AlignTop);
        grid->setColumnStretch(i, 1);
        connect(button, &QPushButton::clicked, this, [this, i] { Q_EMIT exampleChosen(i); });
        m_exampleButtons.append(button);
        m_exampleTexts.append(text);
    }
    if (m_parts.examples.isEmpty()) {
        auto* problem = makeLabel(card, "examplesProblemLabel", Look::Problem);
        problem->setText(m_parts.examplesProblem);
        grid->addWidget(problem, 0, 0);
    }
    qobject_cast<QVBoxLayout*>(card->layout())->addLayout(grid);
    return card;
}

QWidget* StartPage::makeRecent() {
    auto* card = makeCard(this, "recentCard");
    m_recentHeading = makeLabel(card, "recentHeadingLabel", Look::Heading);
    m_recentEmpty = makeLabel(card, "recentEmptyLabel", Look::Muted);
    auto* layout = qobject_cast<QVBoxLayout*>(card->layout());
    layout->addWidget(m_recentHeading);
    layout->addWidget(m_recentEmpty);
    for (int i = 0; i < kRecentRuns; ++i) {
        auto* button = new QPushButton(themedIcon("chart"), {}, card);
        button->setObjectName(QStringLiteral("recentRun%1Button").arg(i));
        setLook(button, Look::QuietButton);
        button->setVisible(false);
        connect(button, &QPushButton::clicked, this, [this, i] { chooseRecent(i); });
        layout->addWidget(button, 0, Qt::AlignLeft);
        m_recentButtons.append(button);
    }
    layout->addStretch(1);
    return card;
}

QWidget* StartPage::makeMachine() {
    auto* card = makeCard(this, "machineCard");
    m_machineHeading = makeLabel(card, "machineHeadingLabel", Look::Heading);
    m_machineText = makeLabel(card, "machineLabel", Look::Muted);
    m_folderText = makeLabel(card, "folderLabel", Look::Muted);
    m_folderText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    for (QWidget* widget : {m_machineHeading, m_machineText, m_folderText})
        card->layout()->addWidget(widget);
    qobject_cast<QVBoxLayout*>(card->layout())->addStretch(1);
    return card;
}

void StartPage::entered() {
    (m_tryButton->isEnabled() ? m_tryButton : m_newButton)->setFocus(Qt::OtherFocusReason);
}

void StartPage::askForDevice() {
    if (!m_parts.describeDevice)
        return;
    runInBackground(*QThreadPool::globalInstance(), *this, m_parts.describeDevice, [this](QString device) {
        m_device = std::move(device);
        retranslate();
        Q_EMIT deviceKnown(m_device);
    });
}

void StartPage::followRuns() {
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &StartPage::updateRecent);
    const auto refreshSoon = [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    };
    const RunTableModel& runs = m_parts.project.runs();
    connect(&m_parts.project, &ProjectSession::opened, this, &StartPage::retranslate);
    connect(&runs, &QAbstractItemModel::modelReset, this, &StartPage::updateRecent);
    connect(&runs, &QAbstractItemModel::rowsInserted, this, refreshSoon);
    connect(&runs, &QAbstractItemModel::rowsRemoved, this, refreshSoon);
    connect(&runs, &QAbstractItemModel::dataChanged, this, refreshSoon);
}

void StartPage::chooseRecent(int row) {
    const RunTableModel& runs = m_parts.project.runs();
    if (row < runs.rowCount())
        Q_EMIT runChosen(runs.row(row).trial.study, runs.row(row).trial.id);
}

void StartPage::updateRecent() {
    const RunTableModel& runs = m_parts.project.runs();
    m_recentEmpty->setVisible(runs.rowCount() == 0);
    for (int i = 0; i < kRecentRuns; ++i) {
        QPushButton* button = m_recentButtons[i];
        button->setVisible(i < runs.rowCount());
        if (i >= runs.rowCount())
            continue;
        const auto text = [&runs, i](int column) { return runs.index(i, column).data().toString(); };
        QStringList parts{text(RunTableModel::Name), text(RunTableModel::State)};
        if (const QString accuracy = text(RunTableModel::Accuracy); !accuracy.isEmpty())
            parts << tr("accuracy %1", "with its unit").arg(accuracy);
        parts << text(RunTableModel::Started);
        button->setText(parts.join(QStringLiteral("  ·  ")));
    }
}

void StartPage::retranslate() {
    m_title->setText(tr("Fine-tune language models with adapters"));
    m_subtitle->setText(
        tr("Pick a model, a method and your data, press Start and watch. Everything stays on this machine."));
    m_tryButton->setText(tr("Tr&y it now"));
    m_tryButton->setToolTip(
        tr("Opens the built-in example, ready to start: a trained adapter within a minute"));
    m_newButton->setText(tr("&New recipe"));
    m_openButton->setText(tr("&Open project…"));
    m_examplesHeading->setText(tr("Built-in examples"));
    for (int i = 0; i < m_parts.examples.size(); ++i) {
        m_exampleButtons[i]->setText(
            QCoreApplication::translate("Examples", m_parts.examples[i].title.toUtf8().constData()));
        m_exampleTexts[i]->setText(
            QCoreApplication::translate("Examples", m_parts.examples[i].description.toUtf8().constData()));
    }
    m_recentHeading->setText(tr("Recent runs"));
    m_recentEmpty->setText(tr("No runs yet. The first one appears here as soon as it starts."));
    m_machineHeading->setText(tr("This machine"));
    m_machineText->setText(m_device.isEmpty() ? tr("Looking for devices…") : m_device);
    m_folderText->setText(tr("Project folder: %1").arg(QDir::toNativeSeparators(m_parts.project.folder())));
    updateRecent();
}

} // namespace lathe
