#include "tests/support/strict_warnings.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QImage>
#include <QTest>

using namespace lathe;

namespace {

/// Mean colour of what is drawn.
QColor inkOf(const QImage& image) {
    double red = 0, green = 0, blue = 0, weight = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            red += pixel.redF() * pixel.alphaF();
            green += pixel.greenF() * pixel.alphaF();
            blue += pixel.blueF() * pixel.alphaF();
            weight += pixel.alphaF();
        }
    return weight == 0 ? QColor()
                       : QColor::fromRgbF(float(red / weight), float(green / weight), float(blue / weight));
}

QImage drawn(const QString& name, IconTone tone = IconTone::Normal) {
    return themedIcon(name, tone).pixmap(QSize(32, 32)).toImage();
}

} // namespace

class TestIcons : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void everyIconDrawsSomething() {
        QVERIFY(iconNames().size() > 30);
        for (const QString& name : iconNames())
            QVERIFY2(inkOf(drawn(name)).isValid(), qPrintable(name));
    }

    void iconsFollowThePalette() {
        const QIcon icon = themedIcon(QStringLiteral("start"));
        qApp->setPalette(makePalette(lightColors()));
        const QColor onLight = inkOf(icon.pixmap(QSize(32, 32)).toImage());
        qApp->setPalette(makePalette(darkColors()));
        const QColor onDark = inkOf(icon.pixmap(QSize(32, 32)).toImage());
        QVERIFY(contrast(onLight, lightColors().surface) > 4.5);
        QVERIFY(contrast(onDark, darkColors().surface) > 4.5);
    }

    void tonesAreColors() {
        qApp->setPalette(makePalette(lightColors()));
        QVERIFY(inkOf(drawn(QStringLiteral("stop"), IconTone::Danger)).red() > 150);
        QVERIFY(inkOf(drawn(QStringLiteral("start"), IconTone::OnAccent)).lightness() > 240);
    }

    void disabledIconsArePaler() {
        qApp->setPalette(makePalette(lightColors()));
        const QIcon icon = themedIcon(QStringLiteral("stop"));
        QVERIFY(inkOf(icon.pixmap(QSize(32, 32), QIcon::Disabled).toImage()).lightness() >
                inkOf(icon.pixmap(QSize(32, 32), QIcon::Normal).toImage()).lightness());
    }

    void theProgramHasAnIcon() {
        QVERIFY(!applicationIcon().isNull());
        QVERIFY(inkOf(applicationIcon().pixmap(QSize(128, 128)).toImage()).isValid());
        QVERIFY(themedIcon({}).isNull());
    }
};

QTEST_MAIN(TestIcons)
#include "tst_icons.moc"
