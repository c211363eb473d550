#include "widgets/shell/window_drop.h"

#include "widgets/theme/theme.h"

#include <QDropEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kHintMargin = 5;

bool has(const QFileInfo& folder, const char* file) {
    return QFileInfo::exists(folder.filePath() + QLatin1Char('/') + QLatin1String(file));
}

Drop dropOf(const QString& path) {
    const QFileInfo file(path);
    if (file.isDir()) {
        if (has(file, "lathe.db"))
            return {Drop::Kind::Project, {path}};
        const bool isAdapter = has(file, "adapter_config.json") && !has(file, "config.json");
        return {isAdapter ? Drop::Kind::Adapter : Drop::Kind::Model, {path}};
    }
    if (file.fileName().startsWith(QLatin1String("adapter_")))
        return {Drop::Kind::Adapter, {file.path()}};
    const bool isOfModel =
        file.fileName() == QLatin1String("config.json") || file.suffix() == QLatin1String("safetensors");
    return {isOfModel ? Drop::Kind::Model : Drop::Kind::Data, {path}};
}

} // namespace

Drop dropFrom(const QMimeData& data) {
    std::vector<Drop> drops;
    const QList<QUrl> urls = data.urls();
    for (const QUrl& url : urls) {
        if (!url.isLocalFile())
            return {};
        drops.push_back(dropOf(url.toLocalFile()));
    }
    if (drops.size() == 1)
        return drops.front();
    Drop models{Drop::Kind::Model, {}};
    for (const Drop& drop : drops)
        if (drop.kind == Drop::Kind::Model)
            models.paths << drop.paths;
    const QString folder = drops.empty() ? QString() : QFileInfo(drops.front().paths.front()).path();
    const auto isBesideThem = [&folder](const Drop& drop) {
        const QFileInfo file(drop.paths.front());
        return file.isFile() && file.path() == folder;
    };
    if (!models.paths.isEmpty() && std::ranges::all_of(drops, isBesideThem))
        return {Drop::Kind::Model, {folder}};
    return models.paths.size() == static_cast<qsizetype>(drops.size()) && !drops.empty() ? models : Drop{};
}

WindowDrop::WindowDrop(QWidget& window, QWidget& area)
    : QObject(&window), m_area(area), m_hint(new QLabel(&area)) {
    m_hint->setObjectName("dropHintLabel");
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    setLook(m_hint, Look::DropHint);
    m_hint->hide();
    window.setAcceptDrops(true);
    window.installEventFilter(this);
}

bool WindowDrop::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
    case QEvent::DragEnter: {
        auto* enter = static_cast<QDragEnterEvent*>(event);
        const Drop drop = dropFrom(*enter->mimeData());
        if (drop.kind == Drop::Kind::Nothing)
            return false;
        enter->acceptProposedAction();
        showHint(drop.kind);
        return true;
    }
    case QEvent::DragLeave:
        m_hint->hide();
        return false;
    case QEvent::Drop:
        m_hint->hide();
        take(dropFrom(*static_cast<QDropEvent*>(event)->mimeData()));
        return true;
    default:
        return QObject::eventFilter(watched, event);
    }
}

void WindowDrop::showHint(Drop::Kind kind) {
    const QString texts[] = {{},
                             tr("Drop to open this project"),
                             tr("Drop to add this model, or the models in this folder"),
                             m_dataUse == DataUse::Train ? tr("Drop to chat with this adapter")
                                                         : tr("Drop to evaluate this adapter"),
                             m_dataUse == DataUse::Train ? tr("Drop to look at this data and train with it")
                                                         : tr("Drop to ask the rows of this file")};
    m_hint->setText(texts[static_cast<std::size_t>(kind)]);
    m_hint->setGeometry(m_area.rect().adjusted(kHintMargin, kHintMargin, -kHintMargin, -kHintMargin));
    m_hint->raise();
    m_hint->show();
}

void WindowDrop::take(const Drop& drop) {
    switch (drop.kind) {
    case Drop::Kind::Nothing:
        return;
    case Drop::Kind::Project:
        return Q_EMIT projectDropped(drop.paths.front());
    case Drop::Kind::Model:
        return Q_EMIT modelsDropped(drop.paths);
    case Drop::Kind::Adapter:
        return Q_EMIT adapterDropped(drop.paths.front());
    case Drop::Kind::Data:
        return Q_EMIT dataDropped(drop.paths.front());
    }
}

} // namespace lathe
