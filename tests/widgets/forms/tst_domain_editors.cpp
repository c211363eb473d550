#include "tests/support/strict_warnings.h"
#include "widgets/forms/domain_editors.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <limits>

using namespace lathe;

namespace {

ParamSpec specOf(Domain domain, ParamValue fallback) {
    ParamSpec spec;
    spec.key = "key";
    spec.label = "Label";
    spec.domain = std::move(domain);
    spec.fallback = std::move(fallback);
    return spec;
}

const ParamSpec kRank = specOf(IntDomain{1, 256, 1, true}, std::int64_t{8});
const ParamSpec kRate = specOf(RealDomain{0, 1, true, true}, 3e-4);
const ParamSpec kKind =
    specOf(ChoiceDomain{{"lora", "series"}, {"LoRA", "Series"}, false}, std::string("lora"));

void type(QWidget* control, const QString& text) {
    QTest::keyClick(control, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(control, text);
}

void wheel(QWidget* control) {
    const QPoint middle = control->rect().center();
    QWheelEvent event(middle, control->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(control, &event);
}

} // namespace

class TestDomainEditors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void eachDomainShowsAndGivesItsDefault() {
        const std::vector<ParamSpec> specs = {
            specOf(BoolDomain{}, true),
            kRank,
            kRate,
            kKind,
            specOf(TextDomain{}, std::string("q_proj,v_proj")),
            specOf(TextDomain{TextDomain::Kind::Folder}, std::string("models/base")),
            specOf(TextDomain{TextDomain::Kind::Multiline}, std::string("one\ntwo"))};
        for (const ParamSpec& spec : specs) {
            const std::unique_ptr<DomainEditor> editor(makeDomainEditor(spec, nullptr));
            QVERIFY2(editor->value() == spec.fallback, toText(spec.fallback).c_str());
            QVERIFY(editor->problem().isEmpty());
        }
    }

    void realNumbersAreReadInAnySpellingAndLocale_data() {
        QTest::addColumn<QString>("locale");
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");
        for (const char* locale : {"C", "en_US", "de_DE", "fr_FR"}) {
            QTest::addRow("%s 3e-4", locale) << locale << "3e-4" << 3e-4;
            QTest::addRow("%s 0.0003", locale) << locale << "0.0003" << 3e-4;
            QTest::addRow("%s 3E-4", locale) << locale << "3E-4" << 3e-4;
            QTest::addRow("%s blanks", locale) << locale << " 0.5 " << 0.5;
        }
        QTest::newRow("decimal comma") << "de_DE"
                                       << "0,0003" << 3e-4;
    }
    void realNumbersAreReadInAnySpellingAndLocale() {
        QFETCH(QString, locale);
        QFETCH(QString, text);
        QFETCH(double, value);
        QLocale::setDefault(QLocale(locale));
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kRate, nullptr));
        QSignalSpy edited(editor.get(), &DomainEditor::edited);
        type(editor->control(), text);
        QVERIFY2(editor->problem().isEmpty(), qPrintable(editor->problem()));
        QCOMPARE(std::get<double>(editor->value()), value);
        QVERIFY(edited.count() > 0);
    }

    void aCommaIsNotADecimalSignWhereItSeparatesThousands() {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kRate, nullptr));
        type(editor->control(), QStringLiteral("0,5"));
        QVERIFY(editor->problem().contains(QStringLiteral("0,5")));
    }

    void unreadableTextKeepsTheValueAndSaysWhatIsWanted() {
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kRank, nullptr));
        type(editor->control(), QStringLiteral("eight"));
        QCOMPARE(std::get<std::int64_t>(editor->value()), 8);
        QCOMPARE(editor->problem(), QStringLiteral("“eight” is not a whole number such as 8."));
        type(editor->control(), QStringLiteral("1.5"));
        QVERIFY(!editor->problem().isEmpty());
        editor->setValue(std::int64_t{32});
        QVERIFY(editor->problem().isEmpty());
        QCOMPARE(std::get<std::int64_t>(editor->value()), 32);
    }

    void settingTheSameNumberKeepsItsSpelling() {
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kRate, nullptr));
        type(editor->control(), QStringLiteral("1e-3"));
        editor->setValue(0.001);
        QCOMPARE(editor->control()->findChild<QLineEdit*>()->text(), QStringLiteral("1e-3"));
    }

    void arrowKeysStepByTheDomain_data() {
        QTest::addColumn<bool>("isRank");
        QTest::addColumn<QString>("from");
        QTest::addColumn<int>("key");
        QTest::addColumn<QString>("to");
        QTest::newRow("rank doubles") << true << "8" << int(Qt::Key_Up) << "16";
        QTest::newRow("rank halves") << true << "8" << int(Qt::Key_Down) << "4";
        QTest::newRow("rank stays in its domain") << true << "256" << int(Qt::Key_Up) << "256";
        QTest::newRow("rank stays above nothing") << true << "1" << int(Qt::Key_Down) << "1";
        QTest::newRow("rate goes 3, 5") << false << "0.0003" << int(Qt::Key_Up) << "0.0005";
        QTest::newRow("rate goes 5, 10") << false << "0.0005" << int(Qt::Key_Up) << "0.001";
        QTest::newRow("rate goes 3, 2") << false << "0.0003" << int(Qt::Key_Down) << "0.0002";
        QTest::newRow("rate goes 1, 0.5") << false << "0.001" << int(Qt::Key_Down) << "0.0005";
        QTest::newRow("rate stays in its domain") << false << "1" << int(Qt::Key_Up) << "1";
    }
    void arrowKeysStepByTheDomain() {
        QFETCH(bool, isRank);
        QFETCH(QString, from);
        QFETCH(int, key);
        QFETCH(QString, to);
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(isRank ? kRank : kRate, nullptr));
        type(editor->control(), from);
        QTest::keyClick(editor->control(), Qt::Key(key));
        QCOMPARE(QString::fromStdString(toText(editor->value())), to);
    }

    void unboundedDomainsCanBeStepped() {
        constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
        const auto spec = specOf(IntDomain{0, kMax, 1, false}, kMax - 1);
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(spec, nullptr));
        QTest::keyClick(editor->control(), Qt::Key_Up);
        QTest::keyClick(editor->control(), Qt::Key_Up);
        QCOMPARE(std::get<std::int64_t>(editor->value()), kMax);
        const auto real = specOf(RealDomain{0, std::numeric_limits<double>::infinity()}, 0.0);
        const std::unique_ptr<DomainEditor> realEditor(makeDomainEditor(real, nullptr));
        QTest::keyClick(realEditor->control(), Qt::Key_Up);
        QCOMPARE(std::get<double>(realEditor->value()), 0.1);
    }

    void theWheelChangesNoEditorWithoutFocus() {
        for (const ParamSpec& spec : {kRank, kRate, kKind}) {
            QWidget page;
            auto* other = new QLineEdit(&page);
            DomainEditor* editor = makeDomainEditor(spec, &page);
            page.show();
            QVERIFY(QTest::qWaitForWindowActive(&page));
            other->setFocus();
            wheel(editor->control());
            QVERIFY(editor->value() == spec.fallback);
            QVERIFY(!editor->control()->hasFocus());
        }
    }

    void theWheelChangesAnEditorWithFocus() {
        QWidget page;
        DomainEditor* editor = makeDomainEditor(kRank, &page);
        page.show();
        QVERIFY(QTest::qWaitForWindowActive(&page));
        editor->control()->setFocus();
        wheel(editor->control());
        QCOMPARE(std::get<std::int64_t>(editor->value()), 16);
    }

    void choicesShowTheirLabelsAndGiveTheirValues() {
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kKind, nullptr));
        QSignalSpy edited(editor.get(), &DomainEditor::edited);
        auto* box = qobject_cast<QComboBox*>(editor->control());
        QCOMPARE(box->currentText(), QStringLiteral("LoRA"));
        QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(std::get<std::string>(editor->value()), std::string("series"));
        QCOMPARE(edited.count(), 1);
        editor->setValue(std::string("lora"));
        QCOMPARE(edited.count(), 1);
    }

    void aValueFromAnotherVersionIsShownAsItIs() {
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(kKind, nullptr));
        editor->setValue(std::string("later"));
        QCOMPARE(std::get<std::string>(editor->value()), std::string("later"));
    }

    void spaceTogglesACheckBox() {
        const std::unique_ptr<DomainEditor> editor(makeDomainEditor(specOf(BoolDomain{}, false), nullptr));
        QSignalSpy edited(editor.get(), &DomainEditor::edited);
        QTest::keyClick(editor->control(), Qt::Key_Space);
        QCOMPARE(std::get<bool>(editor->value()), true);
        QCOMPARE(edited.count(), 1);
    }

    void aDroppedFolderIsTaken() {
        const std::unique_ptr<DomainEditor> editor(
            makeDomainEditor(specOf(TextDomain{TextDomain::Kind::Folder}, std::string()), nullptr));
        QSignalSpy edited(editor.get(), &DomainEditor::edited);
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(QStringLiteral("/models/tiny"))});
        QDragEnterEvent enter(QPoint(2, 2), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(editor->control(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(2, 2), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(editor->control(), &drop);
        QCOMPARE(std::get<std::string>(editor->value()), std::string("/models/tiny"));
        QCOMPARE(edited.count(), 1);
        QVERIFY(!editor->findChild<QToolButton*>()->accessibleName().isEmpty());
    }

    void tabLeavesAMultilineText() {
        QWidget page;
        DomainEditor* editor =
            makeDomainEditor(specOf(TextDomain{TextDomain::Kind::Multiline}, std::string("text")), &page);
        auto* next = new QLineEdit(&page);
        page.show();
        QVERIFY(QTest::qWaitForWindowActive(&page));
        editor->control()->setFocus();
        QTest::keyClick(editor->control(), Qt::Key_Tab);
        QVERIFY(next->hasFocus());
        QCOMPARE(std::get<std::string>(editor->value()), std::string("text"));
    }
};

QTEST_MAIN(TestDomainEditors)
#include "tst_domain_editors.moc"
