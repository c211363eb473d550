#include "widgets/shell/navigation_bar.h"

#include "widgets/actions/action_binder.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kIconSize = 20;
constexpr int kWidth = 148;

QString withoutMnemonic(QString text) { return text.remove(QLatin1Char('&')).remove(QChar(0x2026)); }
} // namespace

NavigationBar::NavigationBar(const ActionBinder& actions, QWidget* parent)
    : QFrame(parent), m_actions(actions), m_layout(new QVBoxLayout(this)), m_palette(new QToolButton(this)) {
    setObjectName("navigationBar");
    m_layout->setContentsMargins(10, 14, 6, 10);
    m_layout->setSpacing(4);
    auto* group = new QButtonGroup(this);
    addPage(PageId::Start, "startNavigationButton", "view.start");
    addPage(PageId::Recipe, "recipeNavigationButton", "view.recipe");
    addPage(PageId::Live, "liveNavigationButton", "view.live");
    addPage(PageId::Runs, "runsNavigationButton", "view.runs");
    addPage(PageId::Models, "modelsNavigationButton", "view.models");
    addPage(PageId::Chat, "chatNavigationButton", "view.chat");
    addPage(PageId::Data, "dataNavigationButton", "view.data");
    addPage(PageId::Evaluate, "evaluateNavigationButton", "view.evaluate");
    addPage(PageId::Study, "studyNavigationButton", "view.study");
    for (const Entry& entry : m_entries)
        group->addButton(entry.button);
    m_layout->addStretch(1);
    m_palette->setObjectName("paletteNavigationButton");
    m_palette->setIcon(themedIcon("command"));
    m_palette->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_palette->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_layout->addWidget(m_palette);
    connect(m_palette, &QToolButton::clicked, m_actions.action(u"tools.palette"), &QAction::trigger);
    retranslate();
}

void NavigationBar::addPage(PageId page, const char* name, const char* action) {
    auto* button = new QToolButton(this);
    button->setObjectName(name);
    button->setCheckable(true);
    button->setIcon(m_actions.action(QLatin1String(action).toString())->icon());
    button->setIconSize({kIconSize, kIconSize});
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setMinimumSize(kWidth, 36);
    connect(button, &QToolButton::clicked, this, [this, page] { Q_EMIT pageChosen(page); });
    m_layout->addWidget(button);
    m_entries.append({page, button, QLatin1String(action)});
}

void NavigationBar::setCurrent(PageId page) {
    for (const Entry& entry : m_entries)
        if (entry.page == page)
            entry.button->setChecked(true);
}

void NavigationBar::setBusy(bool isBusy) {
    if (m_isBusy == isBusy)
        return;
    m_isBusy = isBusy;
    retranslate();
}

void NavigationBar::retranslate() {
    setAccessibleName(tr("Pages"));
    const QString titles[] = {tr("Start", "page"), tr("Recipe", "page"),   tr("Live", "page"),
                              tr("Runs", "page"),  tr("Models", "page"),   tr("Chat", "page"),
                              tr("Data", "page"),  tr("Evaluate", "page"), tr("Study", "page")};
    for (qsizetype i = 0; i < m_entries.size(); ++i) {
        const bool isMarked = m_isBusy && m_entries[i].page == PageId::Live;
        m_entries[i].button->setText(isMarked ? titles[i] + QStringLiteral("  ●") : titles[i]);
        m_entries[i].button->setAccessibleName(isMarked ? tr("%1, training").arg(titles[i]) : titles[i]);
        m_entries[i].button->setToolTip(m_actions.action(m_entries[i].action)->toolTip());
    }
    const QAction* palette = m_actions.action(u"tools.palette");
    m_palette->setText(withoutMnemonic(palette->text()));
    m_palette->setToolTip(palette->toolTip());
    m_palette->setAccessibleName(withoutMnemonic(palette->text()));
}

} // namespace lathe
