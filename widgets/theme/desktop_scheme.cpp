#include "widgets/theme/desktop_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFile>
#include <QSettings>
#include <QStandardPaths>

namespace lathe {

namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

std::optional<bool> gtkPrefersDark() {
    if (const QString theme = qEnvironmentVariable("GTK_THEME"); !theme.isEmpty())
        return theme.endsWith(QStringLiteral("dark"), Qt::CaseInsensitive);
    const QString config = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation);
    for (const char* version : {"gtk-4.0", "gtk-3.0"}) {
        const QString file =
            config + QLatin1Char('/') + QLatin1String(version) + QStringLiteral("/settings.ini");
        const QSettings settings(file, QSettings::IniFormat);
        const QVariant flag = settings.value(QStringLiteral("Settings/gtk-application-prefer-dark-theme"));
        const QString theme = settings.value(QStringLiteral("Settings/gtk-theme-name")).toString();
        if (flag.toString() == QStringLiteral("1") || flag.toString() == QStringLiteral("true") ||
            theme.endsWith(QStringLiteral("dark"), Qt::CaseInsensitive))
            return true;
    }
    return std::nullopt;
}

/// Without a running bus QtDBus would start one, which takes a second.
bool hasSessionBus() {
    if (!qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS"))
        return true;
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return !runtime.isEmpty() && QFile::exists(runtime + QStringLiteral("/bus"));
}

} // namespace

DesktopScheme::DesktopScheme(QObject* parent) : QObject(parent), m_prefersDark(gtkPrefersDark()) {
    if (hasSessionBus())
        askPortal();
}

void DesktopScheme::askPortal() {
    QDBusConnection bus = QDBusConnection::sessionBus();
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    question << kGroup << kKey;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(question, 2000), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
        const QDBusPendingReply<QDBusVariant> answer = *done;
        done->deleteLater();
        if (!answer.isError()) // the portal wraps its answer in a second variant
            take(answer.value().variant().value<QDBusVariant>().variant().toUInt());
    });
}

void DesktopScheme::settingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == kGroup && key == kKey)
        take(value.variant().toUInt());
}

void DesktopScheme::take(uint portalValue) {
    enum : uint { NoPreference, Dark, Light };
    const auto before = m_prefersDark;
    if (portalValue == NoPreference)
        m_prefersDark.reset();
    else
        m_prefersDark = portalValue == Dark;
    if (m_prefersDark != before)
        Q_EMIT changed();
}

} // namespace lathe
