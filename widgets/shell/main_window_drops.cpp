#include "widgets/shell/main_window.h"

#include "widgets/pages/chat_page.h"
#include "widgets/pages/dataset_page.h"
#include "widgets/pages/evaluation_page.h"
#include "widgets/pages/model_page.h"
#include "widgets/shell/window_drop.h"

#include <QStackedWidget>

namespace lathe {

/// What is dropped goes to the page in front where that can use it, else to the page it is for.
void MainWindow::takeDrops() {
    auto* drops = new WindowDrop(*this, *centralWidget());
    connect(m_pages, &QStackedWidget::currentChanged, drops, [this, drops] {
        drops->setDataUse(currentPage() == PageId::Evaluate ? WindowDrop::DataUse::Evaluate
                                                            : WindowDrop::DataUse::Train);
    });
    connect(drops, &WindowDrop::projectDropped, this, &MainWindow::closeFor);
    connect(drops, &WindowDrop::modelsDropped, this, [this](const QStringList& paths) {
        if (currentPage() == PageId::Chat && paths.size() == 1)
            return m_chat->chatWithModel(paths.front());
        if (currentPage() == PageId::Evaluate && paths.size() == 1)
            return m_evaluation->setModel(paths.front());
        showPage(PageId::Models);
        for (const QString& path : paths)
            m_models->add(path);
    });
    connect(drops, &WindowDrop::adapterDropped, this, [this](const QString& folder) {
        if (currentPage() == PageId::Evaluate)
            return m_evaluation->setAdapter(folder);
        showPage(PageId::Chat);
        m_chat->chatWithAdapter(folder);
    });
    connect(drops, &WindowDrop::dataDropped, this, [this](const QString& file) {
        if (currentPage() == PageId::Evaluate)
            return m_evaluation->setDataFile(file);
        showPage(PageId::Data);
        m_data->open(file);
    });
}

} // namespace lathe
