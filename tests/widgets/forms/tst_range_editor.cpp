#include "tests/support/strict_warnings.h"
#include "widgets/forms/range_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

namespace {

ParamSpec specOf(std::string key, Domain domain, ParamValue fallback) {
    ParamSpec spec;
    spec.key = std::move(key);
    spec.label = spec.key;
    spec.domain = std::move(domain);
    spec.fallback = std::move(fallback);
    return spec;
}

const ParamSpec kRank = specOf("rank", IntDomain{1, 256, 1, true}, std::int64_t{8});
const ParamSpec kRate = specOf("lr", RealDomain{0, 1, true, true}, 3e-4);

template <typename W>
W* part(RangeEditor& editor, const char* name) {
    return editor.findChild<W*>(QString::fromLatin1(name));
}

void type(QLineEdit* edit, const QString& text) {
    edit->selectAll();
    QTest::keyClicks(edit, text);
}

} // namespace

class TestRangeEditor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void aTypedRangeIsADimension() {
        RangeEditor editor(kRate, nullptr);
        QSignalSpy edited(&editor, &RangeEditor::edited);
        type(part<QLineEdit>(editor, "lrLowEdit"), QStringLiteral("1e-5"));
        QVERIFY(!editor.dimension());
        QVERIFY(!editor.problem().isEmpty());
        type(part<QLineEdit>(editor, "lrHighEdit"), QStringLiteral("0.01"));
        part<QCheckBox>(editor, "lrLogCheckBox")->click();
        QVERIFY2(editor.problem().isEmpty(), qPrintable(editor.problem()));
        QVERIFY(editor.dimension()->domain == Domain(RealDomain{1e-5, 0.01, true}));
        QVERIFY(edited.count() > 0);
    }

    void aRangeTheWrongWayRoundSaysSo() {
        RangeEditor editor(kRank, nullptr);
        type(part<QLineEdit>(editor, "rankLowEdit"), QStringLiteral("64"));
        type(part<QLineEdit>(editor, "rankHighEdit"), QStringLiteral("8"));
        QVERIFY(editor.problem().contains(QStringLiteral("64..8")));
    }

    void aRangeOutsideTheDomainSaysSo() {
        RangeEditor editor(kRank, nullptr);
        type(part<QLineEdit>(editor, "rankLowEdit"), QStringLiteral("0"));
        type(part<QLineEdit>(editor, "rankHighEdit"), QStringLiteral("8"));
        QVERIFY(editor.problem().contains(QStringLiteral("below 1")));
    }

    void aListIsADimension() {
        RangeEditor editor(kRank, nullptr);
        auto* kind = part<QComboBox>(editor, "rankRangeKindComboBox");
        editor.show();
        kind->setFocus();
        QTest::keyClick(kind, Qt::Key_Down);
        QVERIFY(part<QLineEdit>(editor, "rankListEdit")->isVisible());
        QVERIFY(!part<QLineEdit>(editor, "rankLowEdit")->isVisible());
        type(part<QLineEdit>(editor, "rankListEdit"), QStringLiteral("4, 8, 16"));
        QVERIFY(editor.dimension()->domain == Domain(ChoiceDomain{{"4", "8", "16"}, {}, true}));
    }

    void inALocaleWithDecimalCommaSemicolonsSeparate() {
        QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
        RangeEditor editor(kRate, nullptr);
        editor.setDomain(ChoiceDomain{{"0.1"}, {}, true});
        type(part<QLineEdit>(editor, "lrListEdit"), QStringLiteral("0,1; 0,2"));
        QVERIFY2(editor.problem().isEmpty(), qPrintable(editor.problem()));
        QCOMPARE(std::get<ChoiceDomain>(editor.dimension()->domain).values,
                 (std::vector<std::string>{"0.1", "0.2"}));
    }

    void choicesAreBoxes() {
        RangeEditor editor(
            specOf("method", ChoiceDomain{{"lora", "series", "full"}, {}, false}, std::string("lora")),
            nullptr);
        QCOMPARE(std::get<ChoiceDomain>(editor.dimension()->domain).values.size(), std::size_t{3});
        part<QCheckBox>(editor, "method.fullCheckBox")->click();
        QCOMPARE(std::get<ChoiceDomain>(editor.dimension()->domain).values,
                 (std::vector<std::string>{"lora", "series"}));
        part<QCheckBox>(editor, "method.loraCheckBox")->click();
        part<QCheckBox>(editor, "method.seriesCheckBox")->click();
        QVERIFY(!editor.dimension());
        QVERIFY(editor.problem().contains(QStringLiteral("at least one")));
    }

    void trueAndFalseNeedNoEditing() {
        RangeEditor editor(specOf("shuffle", BoolDomain{}, true), nullptr);
        QVERIFY(editor.dimension()->domain == Domain(BoolDomain{}));
    }

    void whatIsSetIsRead_data() {
        QTest::addColumn<int>("which");
        QTest::newRow("whole range") << 0;
        QTest::newRow("real range") << 1;
        QTest::newRow("list") << 2;
        QTest::newRow("whole range in steps") << 3;
        QTest::newRow("real range in steps") << 4;
    }
    void whatIsSetIsRead() {
        QFETCH(int, which);
        const Domain domains[] = {IntDomain{4, 64, 1, true}, RealDomain{1e-4, 1e-2, false},
                                  ChoiceDomain{{"2", "32"}, {}, true}, IntDomain{4, 64, 4, true},
                                  RealDomain{0.1, 0.5, false, false, 0.1}};
        RangeEditor editor(which == 1 || which == 4 ? kRate : kRank, nullptr);
        editor.setDomain(domains[which]);
        QVERIFY2(editor.problem().isEmpty(), qPrintable(editor.problem()));
        QVERIFY(editor.dimension()->domain == domains[which]);
    }

    void aStepIsTypedAndTakenAway() {
        RangeEditor editor(kRank, nullptr);
        editor.setDomain(IntDomain{8, 64, 8, false});
        QCOMPARE(part<QLineEdit>(editor, "rankStepEdit")->text(), QStringLiteral("8"));
        QSignalSpy edited(&editor, &RangeEditor::edited);
        type(part<QLineEdit>(editor, "rankStepEdit"), QStringLiteral("16"));
        QVERIFY(edited.count() > 0);
        QVERIFY(editor.dimension()->domain == Domain(IntDomain{8, 64, 16, false}));
        part<QLineEdit>(editor, "rankStepEdit")->clear();
        QVERIFY(editor.dimension()->domain == Domain(IntDomain{8, 64, 1, false}));
        type(part<QLineEdit>(editor, "rankStepEdit"), QStringLiteral("0"));
        QVERIFY(editor.problem().contains(QStringLiteral("step 0")));
        editor.setDomain(IntDomain{2, 32, 1, true}); // another range leaves no step behind
        QVERIFY(part<QLineEdit>(editor, "rankStepEdit")->text().isEmpty());
    }

    void boundsAreKeptAndShown() {
        RangeEditor editor(kRank, nullptr);
        SearchDimension dimension{"rank", IntDomain{2, 64, 1, true}, {}, "batch_size / 2", "batch_size * 2"};
        editor.setDimension(dimension);
        QVERIFY2(editor.problem().isEmpty(), qPrintable(editor.problem()));
        QVERIFY(editor.dimension() == dimension);
        QCOMPARE(part<QLabel>(editor, "rankBoundsLabel")->text(),
                 QStringLiteral("at least batch_size / 2, at most batch_size * 2"));
        editor.setDimension({"rank", IntDomain{2, 64, 1, true}, {}});
        QVERIFY(editor.dimension()->atMost.empty());
        QVERIFY(part<QLabel>(editor, "rankBoundsLabel")->text().isEmpty());
    }

    void theFirstRangeSurroundsTheValue() {
        RangeEditor rate(kRate, nullptr);
        rate.suggestFrom(3e-4);
        const auto real = std::get<RealDomain>(rate.dimension()->domain);
        QVERIFY(real.low < 3e-4 && real.high > 3e-4 && real.logScale);
        RangeEditor rank(kRank, nullptr);
        rank.suggestFrom(std::int64_t{8});
        QVERIFY(rank.dimension()->domain == Domain(IntDomain{2, 32, 1, true}));
        RangeEditor stepped(specOf("k", IntDomain{3, 99, 4, false}, std::int64_t{11}), nullptr);
        stepped.suggestFrom(std::int64_t{11});
        QVERIFY2(stepped.problem().isEmpty(), qPrintable(stepped.problem()));
    }
};

QTEST_MAIN(TestRangeEditor)
#include "tst_range_editor.moc"
