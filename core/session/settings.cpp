#include "core/session/settings.h"

#include <QDir>
#include <QStandardPaths>

#include <memory>

namespace lathe {

namespace {

std::unique_ptr<QSettings> openStore(const QString& file) {
    return file.isEmpty() ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                                        QStringLiteral("lathe"), QStringLiteral("lathe"))
                          : std::make_unique<QSettings>(file, QSettings::IniFormat);
}

} // namespace

Settings::Settings(const QString& file, QObject* parent)
    : QObject(parent),
      m_store(openStore(file)),
      language(*m_store, QStringLiteral("language"), {}, notifier()),
      theme(*m_store, QStringLiteral("theme"), Theme::System, notifier()),
      zoom(*m_store, QStringLiteral("zoom"), 1.0, notifier()),
      projectFolder(*m_store, QStringLiteral("project_folder"), {}, notifier()),
      windowGeometry(*m_store, QStringLiteral("window/geometry"), {}, notifier()),
      windowLayout(*m_store, QStringLiteral("window/layout"), {}, notifier()),
      lastPage(*m_store, QStringLiteral("window/page"), {}, notifier()),
      lastRecipe(*m_store, QStringLiteral("recipe/last"), {}, notifier()),
      smoothing(*m_store, QStringLiteral("chart/smoothing"), 0.0, notifier()),
      isLossLogScale(*m_store, QStringLiteral("chart/log_loss"), false, notifier()),
      isRecipeAdvanced(*m_store, QStringLiteral("recipe/advanced"), false, notifier()),
      studySlots(*m_store, QStringLiteral("study/slots"), 1, notifier()),
      modelFolders(*m_store, QStringLiteral("models/folders"), {}, notifier()),
      modelParents(*m_store, QStringLiteral("models/parents"), {}, notifier()),
      hiddenModels(*m_store, QStringLiteral("models/hidden"), {}, notifier()),
      chatModel(*m_store, QStringLiteral("chat/model"), {}, notifier()),
      chatOptions(*m_store, QStringLiteral("chat/options"), {}, notifier()),
      isChatComparing(*m_store, QStringLiteral("chat/compare"), false, notifier()),
      areChatSettingsShown(*m_store, QStringLiteral("chat/settings"), true, notifier()),
      recentData(*m_store, QStringLiteral("data/recent"), {}, notifier()),
      areDownloadsAllowed(*m_store, QStringLiteral("downloads/allowed"), false, notifier()) {}

std::function<void(const QString&)> Settings::notifier() {
    return [this](const QString& key) { Q_EMIT changed(key); };
}

QString Settings::effectiveProjectFolder() const {
    const QString chosen = projectFolder.value();
    if (!chosen.isEmpty())
        return chosen;
    return QDir(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
        .filePath(QStringLiteral("Lathe"));
}

} // namespace lathe
