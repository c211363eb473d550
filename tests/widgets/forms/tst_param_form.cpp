#include "tests/support/strict_warnings.h"
#include "widgets/forms/param_form.h"

#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QComboBox>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace lathe;

namespace {

ParamSchema schema() {
    const Condition onlyLora{{{"method", {"lora"}}}};
    return {
        {"model",
         "model",
         "Base model",
         "",
         "The folder of the model to adapt.",
         TextDomain{TextDomain::Kind::Folder, false},
         std::string("models/tiny"),
         {},
         false,
         false},
        {"method",
         "adapter",
         "Adapter",
         "",
         "What is trained.",
         ChoiceDomain{{"lora", "series"}, {"LoRA", "Series"}, false},
         std::string("lora"),
         {},
         false,
         true},
        {"rank", "adapter", "Rank", "", "Width of the update.", IntDomain{1, 256, 1, true}, std::int64_t{8},
         onlyLora, false, true},
        {"dropout", "adapter", "Dropout", "", "Share left out.", RealDomain{0, 1}, 0.0, onlyLora, true, true},
        {"lr",
         "optimizer",
         "Learning rate",
         "",
         "Peak of the schedule.",
         RealDomain{0, 1, true, true},
         3e-4,
         {},
         false,
         true},
        {"steps",
         "optimizer",
         "Steps",
         "steps",
         "How long.",
         IntDomain{1, 100000},
         std::int64_t{200},
         {},
         false,
         true},
        {"shuffle",
         "optimizer",
         "Shuffle",
         "",
         "Another order each epoch.",
         BoolDomain{},
         true,
         {},
         true,
         true},
    };
}

void type(QWidget* control, const QString& text) {
    QTest::keyClick(control, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(control, text);
}

} // namespace

class TestParamForm : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<lathe::ParamValue>(); }

    void init() {
        test::failOnWarnings();
        m_area = std::make_unique<QScrollArea>();
        m_form = new ParamForm;
        m_area->setWidget(m_form);
        m_area->setWidgetResizable(true);
        m_area->resize(560, 240);
        m_form->setSchema(schema());
        m_area->show();
        QVERIFY(QTest::qWaitForWindowActive(m_area.get()));
    }

    void beginsWithTheDefaults() {
        QVERIFY(m_form->values() == defaults(schema()));
        QVERIFY(m_form->problems().empty());
        QVERIFY(m_form->searchSpace().empty());
    }

    void groupsAreCardsWithTitles() {
        m_form->setGroupTitle(QStringLiteral("adapter"), QStringLiteral("Adapter & co"));
        QCOMPARE(m_form->findChild<QLabel*>(QStringLiteral("adapterGroupLabel"))->text(),
                 QStringLiteral("Adapter & co"));
        QVERIFY(m_form->findChild<QFrame*>(QStringLiteral("optimizerGroupCard"))->isVisible());
    }

    void typingAnnouncesTheValue() {
        QSignalSpy edits(m_form, &ParamForm::valueEdited);
        type(m_form->editor(QStringLiteral("rank")), QStringLiteral("16"));
        QCOMPARE(edits.last()[0].toString(), QStringLiteral("rank"));
        QVERIFY(edits.last()[1].value<ParamValue>() == ParamValue(std::int64_t{16}));
        QCOMPARE(m_form->values().integer("rank"), 16);
    }

    void settingValuesAnnouncesNothing() {
        QSignalSpy edits(m_form, &ParamForm::valueEdited);
        m_form->setValues({{"rank", std::int64_t{4}}, {"lr", std::int64_t{1}}, {"unknown", true}});
        QCOMPARE(m_form->values().integer("rank"), 4);
        QCOMPARE(m_form->values().real("lr"), 1.0); // a whole number stands for a real one
        QVERIFY(!m_form->values().contains("unknown"));
        QCOMPARE(edits.count(), 0);
    }

    void theDotResetsToTheDefault() {
        auto* dot = m_form->findChild<QToolButton*>(QStringLiteral("rankResetButton"));
        QVERIFY(!dot->isVisible());
        type(m_form->editor(QStringLiteral("rank")), QStringLiteral("16"));
        QVERIFY(dot->isVisible());
        QSignalSpy edits(m_form, &ParamForm::valueEdited);
        QTest::mouseClick(dot, Qt::LeftButton);
        QCOMPARE(m_form->values().integer("rank"), 8);
        QCOMPARE(edits.count(), 1);
        QVERIFY(!dot->isVisible());
    }

    void aValueOutOfRangeIsKeptAndExplainedUnderItsField() {
        QSignalSpy changed(m_form, &ParamForm::problemsChanged);
        type(m_form->editor(QStringLiteral("rank")), QStringLiteral("0"));
        auto* problem = m_form->findChild<QLabel*>(QStringLiteral("rankProblemLabel"));
        QVERIFY(problem->isVisible());
        QVERIFY2(problem->text().startsWith(QStringLiteral("0 is below 1")), qPrintable(problem->text()));
        QCOMPARE(m_form->editor(QStringLiteral("rank"))->accessibleDescription(), problem->text());
        QCOMPARE(m_form->problems().front().key, std::string("rank"));
        QVERIFY(changed.count() > 0);
        type(m_form->editor(QStringLiteral("rank")), QStringLiteral("2"));
        QVERIFY(!problem->isVisible());
        QVERIFY(m_form->problems().empty());
    }

    void unreadableTextIsAProblemAndNoEdit() {
        QSignalSpy edits(m_form, &ParamForm::valueEdited);
        type(m_form->editor(QStringLiteral("lr")), QStringLiteral("fast"));
        QCOMPARE(m_form->problems().size(), std::size_t{1});
        QCOMPARE(edits.count(), 0);
        QCOMPARE(m_form->values().real("lr"), 3e-4);
    }

    void outsideProblemsStayUntilTheFieldIsEdited() {
        m_form->setProblems(std::vector{Problem{"model", "there is no model in this folder"}});
        auto* problem = m_form->findChild<QLabel*>(QStringLiteral("modelProblemLabel"));
        QVERIFY(problem->isVisible());
        type(m_form->editor(QStringLiteral("steps")), QStringLiteral("50"));
        QVERIFY(problem->isVisible());
        type(m_form->editor(QStringLiteral("model")), QStringLiteral("elsewhere"));
        QVERIFY(!problem->isVisible());
    }

    void fieldsThatDoNotApplyAreHiddenAndUnchecked() {
        type(m_form->editor(QStringLiteral("rank")), QStringLiteral("0"));
        QVERIFY(!m_form->problems().empty());
        QTest::keyClick(m_form->editor(QStringLiteral("method")), Qt::Key_Down);
        QVERIFY(!m_form->editor(QStringLiteral("rank"))->isVisible());
        QVERIFY(m_form->problems().empty());
        QTest::keyClick(m_form->editor(QStringLiteral("method")), Qt::Key_Up);
        QVERIFY(m_form->editor(QStringLiteral("rank"))->isVisible());
        QCOMPARE(m_form->values().integer("rank"), 0); // hiding loses nothing
    }

    void theSimpleFormLeavesOutAdvancedFields() {
        m_form->setDetail(FormDetail::Simple);
        QVERIFY(!m_form->editor(QStringLiteral("dropout"))->isVisible());
        QVERIFY(m_form->editor(QStringLiteral("rank"))->isVisible());
        m_form->setDetail(FormDetail::Advanced);
        QVERIFY(m_form->editor(QStringLiteral("dropout"))->isVisible());
    }

    void theFilterFindsByLabelKeyAndHelp() {
        m_form->setDetail(FormDetail::Simple);
        m_form->setFilter(QStringLiteral("LEFT share"));
        QVERIFY(m_form->editor(QStringLiteral("dropout"))->isVisible()); // advanced, found by its help
        QVERIFY(!m_form->editor(QStringLiteral("rank"))->isVisible());
        QVERIFY(!m_form->findChild<QFrame*>(QStringLiteral("optimizerGroupCard"))->isVisible());
        m_form->setFilter(QStringLiteral("lr"));
        QVERIFY(m_form->editor(QStringLiteral("lr"))->isVisible());
        m_form->setFilter({});
        QVERIFY(m_form->editor(QStringLiteral("rank"))->isVisible());
    }

    void aProblemsFieldCanBeShownWhateverIsHidden() {
        m_form->setDetail(FormDetail::Simple);
        m_form->setFilter(QStringLiteral("rank"));
        m_form->showField(QStringLiteral("shuffle"));
        QVERIFY(m_form->editor(QStringLiteral("shuffle"))->hasFocus());
        QVERIFY(!m_form->editor(QStringLiteral("shuffle"))->visibleRegion().isEmpty());
    }

    void searchIsOfferedForSearchableFieldsOnly() {
        QVERIFY(!m_form->findChild<QToolButton*>(QStringLiteral("rankSearchButton"))->isVisible());
        m_form->setSearchOffered(FormSearch::Offered);
        QVERIFY(m_form->findChild<QToolButton*>(QStringLiteral("rankSearchButton"))->isVisible());
        QVERIFY(!m_form->findChild<QToolButton*>(QStringLiteral("modelSearchButton"))->isVisible());
    }

    void theSearchToggleTurnsAValueIntoARange() {
        m_form->setSearchOffered(FormSearch::Offered);
        QSignalSpy edits(m_form, &ParamForm::searchSpaceEdited);
        QTest::mouseClick(m_form->findChild<QToolButton*>(QStringLiteral("rankSearchButton")),
                          Qt::LeftButton);
        QVERIFY(!m_form->editor(QStringLiteral("rank"))->isVisible());
        QVERIFY(m_form->findChild<QLineEdit*>(QStringLiteral("rankLowEdit"))->isVisible());
        QCOMPARE(edits.count(), 1);
        const SearchSpace space = m_form->searchSpace();
        QCOMPARE(space.size(), std::size_t{1});
        QVERIFY(space.front().domain == Domain(IntDomain{2, 32, 1, true}));
        QVERIFY(space.front().activeIf == schema()[2].activeIf);
        QVERIFY(checkSearchSpace(schema(), space));
    }

    void aSearchSpaceComesBackAsItWas() {
        const SearchSpace space = {{"method", ChoiceDomain{{"lora", "series"}, {}, false}, {}},
                                   {"rank", ChoiceDomain{{"4", "8"}, {}, true}, schema()[2].activeIf},
                                   {"lr", RealDomain{1e-5, 1e-2, true}, {}}};
        m_form->setSearchOffered(FormSearch::Offered);
        m_form->setSearchSpace(space);
        QVERIFY(m_form->searchSpace() == space);
        m_form->setSearchSpace({});
        QVERIFY(m_form->searchSpace().empty());
        QVERIFY(m_form->editor(QStringLiteral("rank"))->isVisible());
    }

    void aFieldAppliesIfASearchedConditionMayHold() {
        m_form->setSearchOffered(FormSearch::Offered);
        m_form->setValues({{"method", std::string("series")}});
        QVERIFY(!m_form->editor(QStringLiteral("rank"))->isVisible());
        m_form->setSearchSpace({{"method", ChoiceDomain{{"lora", "series"}, {}, false}, {}}});
        QVERIFY(m_form->editor(QStringLiteral("rank"))->isVisible());
        m_form->setSearchSpace({{"method", ChoiceDomain{{"series"}, {}, false}, {}}});
        QVERIFY(!m_form->editor(QStringLiteral("rank"))->isVisible());
    }

    void tabGoesThroughTheFieldsInOrder() {
        m_form->editor(QStringLiteral("method"))->setFocus();
        QTest::keyClick(m_form->editor(QStringLiteral("method")), Qt::Key_Tab);
        QVERIFY(m_form->editor(QStringLiteral("rank"))->hasFocus());
        QTest::keyClick(m_form->editor(QStringLiteral("rank")), Qt::Key_Tab);
        QVERIFY(m_form->editor(QStringLiteral("dropout"))->hasFocus());
        QTest::keyClick(m_form->editor(QStringLiteral("dropout")), Qt::Key_Backtab);
        QVERIFY(m_form->editor(QStringLiteral("rank"))->hasFocus());
    }

    void everyFieldHasItsOwnMnemonicAndNoMenuLoses() {
        QSet<QChar> letters;
        for (const ParamSpec& spec : schema()) {
            auto* label =
                m_form->findChild<QLabel*>(QString::fromStdString(spec.key) + QStringLiteral("Label"));
            const auto at = label->text().indexOf(QLatin1Char('&'));
            QVERIFY2(at >= 0, qPrintable(label->text()));
            const QChar letter = label->text()[at + 1].toLower();
            QVERIFY(!letters.contains(letter));
            QVERIFY(!QStringLiteral("fevrstwh").contains(letter));
            letters.insert(letter);
            QCOMPARE(label->buddy(), m_form->editor(QString::fromStdString(spec.key)));
        }
    }

    void everyFieldSpeaksToScreenReaders() {
        for (const ParamSpec& spec : schema()) {
            const QWidget* editor = m_form->editor(QString::fromStdString(spec.key));
            QVERIFY(!editor->accessibleName().isEmpty());
            QCOMPARE(editor->accessibleDescription(), QString::fromStdString(spec.help));
            QVERIFY(editor->toolTip().contains(QString::fromStdString(spec.help)));
            QVERIFY(!editor->whatsThis().isEmpty());
        }
        QCOMPARE(m_form->editor(QStringLiteral("steps"))->accessibleName(),
                 QStringLiteral("Steps, in steps"));
    }

    void aNewSchemaReplacesTheOldOne() {
        ParamSchema other = schema();
        other.resize(2);
        m_form->setSchema(other);
        QVERIFY(!m_form->editor(QStringLiteral("rank")));
        QCOMPARE(m_form->values().map().size(), std::size_t{2});
    }

private:
    std::unique_ptr<QScrollArea> m_area;
    ParamForm* m_form = nullptr;
};

QTEST_MAIN(TestParamForm)
#include "tst_param_form.moc"
