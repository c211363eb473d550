#include "tests/support/strict_warnings.h"
#include "widgets/theme/style_sheet.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

namespace {

constexpr double kText = 4.5;    // WCAG 2.1, 1.4.3
constexpr double kControl = 3.0; // 1.4.11: what marks a control or its state

} // namespace

class TestTheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void contrastIsThatOfWcag() {
        QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrast(Qt::white, Qt::white), 1.0);
        QVERIFY(std::abs(contrast(QColor(0x77, 0x77, 0x77), Qt::white) - 4.48) <
                0.01); // the well-known near miss
    }

    void textsCanBeRead_data() {
        QTest::addColumn<bool>("isDarkScheme");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textsCanBeRead() {
        QFETCH(bool, isDarkScheme);
        const ThemeColors& c = isDarkScheme ? darkColors() : lightColors();
        const std::pair<const char*, QColor> texts[] = {{"text", c.text},         {"muted", c.mutedText},
                                                        {"accent", c.accentText}, {"success", c.success},
                                                        {"warning", c.warning},   {"danger", c.danger}};
        for (const auto& [name, color] : texts) {
            QVERIFY2(contrast(color, c.window) >= kText, name);
            QVERIFY2(contrast(color, c.surface) >= kText, name);
        }
        QVERIFY(contrast(c.text, c.raised) >= kText);
        QVERIFY(contrast(c.mutedText, c.raised) >= kText);
        QVERIFY(contrast(c.onAccent, c.accent) >= kText);
        QVERIFY(contrast(c.accentText, c.surface) >= kControl); // the ring of the focus
        QVERIFY(contrast(c.accentText, c.window) >= kControl);
    }

    void paletteRolesCanBeRead() {
        for (const ThemeColors* colors : {&lightColors(), &darkColors()}) {
            const QPalette palette = makePalette(*colors);
            QVERIFY(contrast(palette.text().color(), palette.base().color()) >= kText);
            QVERIFY(contrast(palette.windowText().color(), palette.window().color()) >= kText);
            QVERIFY(contrast(palette.buttonText().color(), palette.button().color()) >= kText);
            QVERIFY(contrast(palette.highlightedText().color(), palette.highlight().color()) >= kText);
            QVERIFY(contrast(palette.toolTipText().color(), palette.toolTipBase().color()) >= kText);
            QVERIFY(contrast(palette.link().color(), palette.base().color()) >= kText);
        }
    }

    void aPaletteTellsItsColors() {
        QVERIFY(&themeColors(makePalette(lightColors())) == &lightColors());
        QVERIFY(&themeColors(makePalette(darkColors())) == &darkColors());
    }

    void theStyleSheetHasNoPlaceholderLeft() {
        for (const ThemeColors* colors : {&lightColors(), &darkColors()}) {
            const QString sheet = styleSheet(*colors, 10, 1.5);
            QVERIFY2(!sheet.contains(QLatin1Char('@')), qPrintable(sheet));
            QVERIFY(!sheet.contains(QRegularExpression(QStringLiteral("#[0-9]+px|%[0-9]|: ;"))));
            QVERIFY(sheet.contains(colors->accent.name()));
        }
        QVERIFY(styleSheet(lightColors(), 10, 2).contains(QStringLiteral("border-radius: 20px")));
    }

    void schemesSwitchLive() {
        Theme theme(*qApp);
        QPushButton button(QStringLiteral("text"));
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setScheme(Scheme::Dark);
        QVERIFY(theme.isDark());
        QVERIFY(isDark(button.palette()));
        theme.setScheme(Scheme::Light);
        QVERIFY(!isDark(qApp->palette()));
        QCOMPARE(changed.count(), 2);
        theme.setScheme(Scheme::Light);
        QCOMPARE(changed.count(), 2);
    }

    void zoomChangesTheTextAndStaysWithinReason() {
        const QFont before = qApp->font();
        Theme theme(*qApp);
        const double points = qApp->font().pointSizeF();
        theme.setZoom(1.5);
        QCOMPARE(qApp->font().pointSizeF(), points * 1.5);
        theme.setZoom(99);
        QCOMPARE(theme.zoom(), 3.0);
        theme.setZoom(1);
        theme.zoomIn();
        theme.zoomOut();
        QCOMPARE(theme.zoom(), 1.0);
        qApp->setFont(before);
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
