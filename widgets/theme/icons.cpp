#include "widgets/theme/icons.h"

#include "core/base/contract.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

// A static library's resources are not registered by themselves; the macro must stand outside a namespace.
static void loadResources() { Q_INIT_RESOURCE(lathe); }

namespace lathe {

namespace {

QString iconPath(const QString& name) { return QStringLiteral(":/lathe/icons/%1.svg").arg(name); }

QColor toneColor(IconTone tone, QIcon::Mode mode) {
    const QPalette palette = QGuiApplication::palette();
    const ThemeColors& colors = themeColors(palette);
    if (mode == QIcon::Disabled)
        return palette.color(QPalette::Disabled, QPalette::ButtonText);
    if (mode == QIcon::Selected && tone == IconTone::OnAccent)
        return colors.text; // a selected row is tinted only
    switch (tone) {
    case IconTone::Normal:
        return colors.text;
    case IconTone::OnAccent:
        return colors.onAccent;
    case IconTone::Accent:
        return colors.accentText;
    case IconTone::Muted:
        return colors.mutedText;
    case IconTone::Success:
        return colors.success;
    case IconTone::Warning:
        return colors.warning;
    case IconTone::Danger:
        return colors.danger;
    }
    return colors.text;
}

class ThemedIconEngine : public QIconEngine {
public:
    ThemedIconEngine(QString name, IconTone tone) : m_name(std::move(name)), m_tone(tone) {}

    QIconEngine* clone() const override { return new ThemedIconEngine(*this); }
    QString iconName() override { return m_name; }
    bool isNull() override { return false; }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const qreal ratio = painter->device() ? painter->device()->devicePixelRatioF() : 1;
        painter->drawPixmap(rect, drawn(rect.size() * ratio, mode));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override { return drawn(size, mode); }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal) override {
        return drawn(size, mode);
    }

private:
    QPixmap drawn(const QSize& size, QIcon::Mode mode) const {
        const QString color = toneColor(m_tone, mode).name();
        const QString key =
            QStringLiteral("lathe/%1/%2/%3x%4").arg(m_name, color).arg(size.width()).arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap))
            return pixmap;
        QFile file(iconPath(m_name));
        LATHE_EXPECT(file.open(QIODevice::ReadOnly));
        QSvgRenderer renderer(file.readAll().replace("currentColor", color.toLatin1()));
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        renderer.render(&painter, QRectF(QPointF(), size));
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }

    QString m_name;
    IconTone m_tone;
};

} // namespace

bool hasIcon(const QString& name) {
    loadResources();
    return QFile::exists(iconPath(name));
}

QIcon themedIcon(const QString& name, IconTone tone) {
    if (name.isEmpty())
        return {};
    LATHE_EXPECT(hasIcon(name));
    return QIcon(new ThemedIconEngine(name, tone));
}

QStringList iconNames() {
    loadResources();
    QStringList names;
    for (const QString& file : QDir(QStringLiteral(":/lathe/icons")).entryList(QDir::Files, QDir::Name))
        names << file.chopped(4);
    return names;
}

QIcon applicationIcon() {
    LATHE_EXPECT(hasIcon(QStringLiteral("lathe")));
    return QIcon(iconPath(QStringLiteral("lathe")));
}

} // namespace lathe
