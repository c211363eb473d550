#include "core/session/settings.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace lathe;

class TestSettings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void unsetIsTheDefault();
    void valuesComeBackInANewObject();
    void changeIsAnnouncedOnce();
    void resetGoesBackToTheDefault();
    void nonsenseInTheFileIsTheDefault();
    void projectFolderHasADefault();

private:
    QTemporaryDir m_folder;
    [[nodiscard]] QString file(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
};

void TestSettings::unsetIsTheDefault() {
    const Settings settings(file("unset.ini"));
    QCOMPARE(settings.language.value(), QString());
    QCOMPARE(settings.theme.value(), Settings::Theme::System);
    QCOMPARE(settings.smoothing.value(), 0.0);
    QVERIFY(!settings.isLossLogScale.value());
    QVERIFY(settings.windowGeometry.value().isEmpty());
}

void TestSettings::valuesComeBackInANewObject() {
    const QByteArray bytes("\0\1\xffgeometry", 11);
    {
        Settings settings(file("kept.ini"));
        settings.language.set(QStringLiteral("de"));
        settings.theme.set(Settings::Theme::Dark);
        settings.windowGeometry.set(bytes);
        settings.smoothing.set(0.6);
        settings.isLossLogScale.set(true);
        settings.lastRecipe.set(QStringLiteral("{\"rank\": 8, \"name\": \"ä\"}"));
    }
    const Settings settings(file("kept.ini"));
    QCOMPARE(settings.language.value(), QStringLiteral("de"));
    QCOMPARE(settings.theme.value(), Settings::Theme::Dark);
    QCOMPARE(settings.windowGeometry.value(), bytes);
    QCOMPARE(settings.smoothing.value(), 0.6);
    QVERIFY(settings.isLossLogScale.value());
    QCOMPARE(settings.lastRecipe.value(), QStringLiteral("{\"rank\": 8, \"name\": \"ä\"}"));
}

void TestSettings::changeIsAnnouncedOnce() {
    Settings settings(file("announced.ini"));
    const QSignalSpy changed(&settings, &Settings::changed);
    settings.theme.set(Settings::Theme::Light);
    settings.theme.set(Settings::Theme::Light);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed[0][0].toString(), settings.theme.key());
}

void TestSettings::resetGoesBackToTheDefault() {
    Settings settings(file("reset.ini"));
    settings.smoothing.set(0.9);
    const QSignalSpy changed(&settings, &Settings::changed);
    settings.smoothing.reset();
    settings.smoothing.reset();
    QCOMPARE(settings.smoothing.value(), 0.0);
    QCOMPARE(changed.count(), 1);
}

void TestSettings::nonsenseInTheFileIsTheDefault() {
    {
        QSettings raw(file("nonsense.ini"), QSettings::IniFormat);
        raw.setValue(QStringLiteral("theme"), QStringLiteral("Purple"));
        raw.setValue(QStringLiteral("chart/smoothing"), QStringLiteral("much"));
    }
    const Settings settings(file("nonsense.ini"));
    QCOMPARE(settings.theme.value(), Settings::Theme::System);
    QCOMPARE(settings.smoothing.value(), 0.0);
}

void TestSettings::projectFolderHasADefault() {
    Settings settings(file("folder.ini"));
    QVERIFY(settings.effectiveProjectFolder().endsWith(QStringLiteral("Lathe")));
    settings.projectFolder.set(QStringLiteral("/data/project"));
    QCOMPARE(settings.effectiveProjectFolder(), QStringLiteral("/data/project"));
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
