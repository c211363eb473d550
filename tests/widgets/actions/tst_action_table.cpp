#include "widgets/actions/action_spec.h"
#include "widgets/theme/icons.h"

#include <QKeySequence>
#include <QSet>
#include <QTest>

using namespace lathe;

class TestActionTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void idsAreUnique() {
        QSet<QLatin1String> ids;
        for (const ActionSpec& spec : actionTable()) {
            QVERIFY2(!ids.contains(QLatin1String(spec.id)), spec.id);
            ids.insert(QLatin1String(spec.id));
            QVERIFY(findAction(QString::fromLatin1(spec.id)) == &spec);
        }
        QVERIFY(!findAction(u"no.such"));
    }

    void everyLineIsComplete() {
        for (const ActionSpec& spec : actionTable()) {
            QVERIFY2(QString::fromLatin1(spec.text).size() > 2, spec.id);
            QVERIFY2(QString::fromLatin1(spec.tip).size() > 10, spec.id);
            QVERIFY2(QString::fromUtf8(spec.text).contains(QLatin1Char('&')), spec.id);
        }
    }

    void everyIconExists() {
        for (const ActionSpec& spec : actionTable())
            QVERIFY2(*spec.icon == '\0' || hasIcon(QString::fromLatin1(spec.icon)), spec.id);
    }

    void everyShortcutIsReadableAndTakenOnce() {
        QHash<QKeySequence, QString> taken;
        for (const ActionSpec& spec : actionTable()) {
            for (const QKeySequence& key : defaultShortcuts(spec)) {
                QVERIFY2(!key.isEmpty() && key[0].key() != Qt::Key_unknown, spec.id);
                QVERIFY2(!taken.contains(key),
                         qPrintable(taken.value(key) + QLatin1Char(' ') + QString::fromLatin1(spec.id)));
                taken.insert(key, QString::fromLatin1(spec.id));
            }
        }
    }

    void theKeyboardOfTheManualIsHere_data() {
        QTest::addColumn<QString>("keys");
        QTest::addColumn<QString>("id");
        QTest::newRow("new") << "Ctrl+N"
                             << "file.newRecipe";
        QTest::newRow("open") << "Ctrl+O"
                              << "file.openProject";
        QTest::newRow("start") << "Ctrl+Return"
                               << "run.start";
        QTest::newRow("pause") << "Space"
                               << "run.pause";
        QTest::newRow("stop") << "Ctrl+."
                              << "run.stopKeep";
        QTest::newRow("clone") << "Ctrl+D"
                               << "run.clone";
        QTest::newRow("study") << "Ctrl+Shift+S"
                               << "study.search";
        QTest::newRow("export") << "Ctrl+E"
                                << "file.export";
        QTest::newRow("filter") << "Ctrl+F"
                                << "edit.filter";
        QTest::newRow("palette") << "Ctrl+K"
                                 << "tools.palette";
        QTest::newRow("log") << "Ctrl+L"
                             << "view.log";
        QTest::newRow("larger") << "Ctrl++"
                                << "view.zoomIn";
        QTest::newRow("smaller") << "Ctrl+-"
                                 << "view.zoomOut";
        QTest::newRow("usual") << "Ctrl+0"
                               << "view.zoomReset";
        QTest::newRow("help") << "F1"
                              << "help.manual";
        QTest::newRow("what's this") << "Shift+F1"
                                     << "help.whatsThis";
        QTest::newRow("rename") << "F2"
                                << "edit.rename";
        QTest::newRow("full screen") << "F11"
                                     << "view.fullScreen";
        QTest::newRow("trash") << "Del"
                               << "edit.trash";
        QTest::newRow("undo") << "Ctrl+Z"
                              << "edit.undo";
        QTest::newRow("redo") << "Ctrl+Shift+Z"
                              << "edit.redo";
        QTest::newRow("quit") << "Ctrl+Q"
                              << "file.quit";
    }
    void theKeyboardOfTheManualIsHere() {
        QFETCH(QString, keys);
        QFETCH(QString, id);
        const ActionSpec* spec = findAction(id);
        QVERIFY(spec);
        QVERIFY(defaultShortcuts(*spec).contains(QKeySequence(keys, QKeySequence::PortableText)));
    }

    void mnemonicsOfAMenuAreTakenOnce() {
        for (const Menu menu : allMenus()) {
            QHash<QChar, QString> taken;
            for (const ActionSpec& spec : actionTable()) {
                if (spec.menu != menu)
                    continue;
                const QString text = QString::fromUtf8(spec.text);
                const QChar letter = text[text.indexOf(QLatin1Char('&')) + 1].toLower();
                QVERIFY2(!taken.contains(letter),
                         qPrintable(taken.value(letter) + QStringLiteral(" / ") + text));
                taken.insert(letter, text);
            }
        }
    }

    void refreshHasNoKey() {
        for (const ActionSpec& spec : actionTable())
            QVERIFY2(!QString::fromLatin1(spec.shortcut).contains(QStringLiteral("F5")), spec.id);
    }
};

QTEST_GUILESS_MAIN(TestActionTable)
#include "tst_action_table.moc"
