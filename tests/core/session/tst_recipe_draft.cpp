#include "core/session/recipe_draft.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QThreadPool>
#include <QtTest>

using namespace lathe;

class TestRecipeDraft : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void beginsWithTheDefaults();
    void editIsAnnouncedForItsFieldOnly();
    void sameValueIsNoEdit();
    void undoGivesTheValueBeforeAndRedoTakesItBack();
    void quickEditsOfOneFieldAreOneStep();
    void editsOfTwoFieldsAreTwoSteps();
    void wholeRecipeIsOneStep();
    void problemsFollowTheValues();
    void outsideProblemsLastUntilTheNextEdit();
    void conditionsHideAndShowFields();
    void draftIsSavedAndRestored();
    void unreadableDraftIsIgnored();
    void lastEditIsSavedByTheDestructor();
    void failedSaveIsTold();

private:
    static ParamSchema schema() {
        return {
            {"method",
             "adapter",
             "Method",
             "",
             "",
             ChoiceDomain{{"lora", "full"}, {}, false},
             std::string("lora"),
             {}},
            {"rank", "adapter", "Rank", "", "", IntDomain{1, 256}, std::int64_t{8},
             Condition{{{"method", {"lora"}}}}},
            {"learning_rate", "optimizer", "Learning rate", "", "", RealDomain{0, 1, true, true}, 3e-4, {}}};
    }
    static QString read(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    static ParamValue integer(std::int64_t value) { return value; }

    QThreadPool m_pool;
};

void TestRecipeDraft::beginsWithTheDefaults() {
    const RecipeDraft draft(schema());
    QVERIFY(draft.values() == defaults(schema()));
    QVERIFY(!draft.isEdited() && !draft.canUndo() && !draft.canRedo());
    QVERIFY(draft.problems().isEmpty());
    QVERIFY(draft.isDefault(QStringLiteral("rank")));
}

void TestRecipeDraft::editIsAnnouncedForItsFieldOnly() {
    RecipeDraft draft(schema());
    const QSignalSpy changed(&draft, &RecipeDraft::changed);
    draft.setValue(QStringLiteral("rank"), integer(16));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed[0][0].toString(), QStringLiteral("rank"));
    QVERIFY(draft.value(QStringLiteral("rank")) == integer(16));
    QVERIFY(!draft.isDefault(QStringLiteral("rank")));
    QVERIFY(draft.isEdited());
}

void TestRecipeDraft::sameValueIsNoEdit() {
    RecipeDraft draft(schema());
    const QSignalSpy changed(&draft, &RecipeDraft::changed);
    draft.setValue(QStringLiteral("rank"), integer(8));
    draft.setValues(draft.values());
    QCOMPARE(changed.count(), 0);
    QVERIFY(!draft.canUndo());
}

void TestRecipeDraft::undoGivesTheValueBeforeAndRedoTakesItBack() {
    RecipeDraft draft(schema());
    draft.setValue(QStringLiteral("rank"), integer(16));
    draft.setValue(QStringLiteral("method"), std::string("full"));
    const ParamValues edited = draft.values();
    draft.undo();
    QVERIFY(draft.value(QStringLiteral("method")) == ParamValue(std::string("lora")));
    draft.undo();
    QVERIFY(draft.values() == defaults(schema()));
    draft.undo();
    draft.redo();
    draft.redo();
    QVERIFY(draft.values() == edited);
    draft.redo();
    draft.undo();
    draft.setValue(QStringLiteral("rank"), integer(32));
    QVERIFY(!draft.canRedo());
}

void TestRecipeDraft::quickEditsOfOneFieldAreOneStep() {
    RecipeDraft draft(schema());
    for (std::int64_t rank = 9; rank < 60; ++rank)
        draft.setValue(QStringLiteral("rank"), rank);
    draft.undo();
    QVERIFY(draft.value(QStringLiteral("rank")) == integer(8));
    QVERIFY(!draft.canUndo());
}

void TestRecipeDraft::editsOfTwoFieldsAreTwoSteps() {
    RecipeDraft draft(schema());
    draft.setValue(QStringLiteral("rank"), integer(16));
    draft.setValue(QStringLiteral("learning_rate"), 1e-3);
    draft.setValue(QStringLiteral("rank"), integer(32));
    draft.undo();
    QVERIFY(draft.value(QStringLiteral("rank")) == integer(16));
    draft.undo();
    draft.undo();
    QVERIFY(!draft.canUndo());
}

void TestRecipeDraft::wholeRecipeIsOneStep() {
    RecipeDraft draft(schema());
    draft.setValue(QStringLiteral("rank"), integer(16));
    draft.setValues({{"rank", std::int64_t{4}}, {"learning_rate", 1e-3}, {"unknown", true}});
    QVERIFY(draft.value(QStringLiteral("rank")) == integer(4));
    QVERIFY(!draft.values().contains("unknown"));
    draft.undo();
    QVERIFY(draft.value(QStringLiteral("rank")) == integer(16));
    QVERIFY(draft.isDefault(QStringLiteral("learning_rate")));
}

void TestRecipeDraft::problemsFollowTheValues() {
    RecipeDraft draft(schema());
    const QSignalSpy changed(&draft, &RecipeDraft::problemsChanged);
    draft.setValue(QStringLiteral("rank"), integer(0));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(draft.problems().size(), 1);
    QVERIFY(!draft.problemOf(QStringLiteral("rank")).isEmpty());
    QVERIFY(draft.problemOf(QStringLiteral("learning_rate")).isEmpty());
    draft.resetValue(QStringLiteral("rank"));
    QCOMPARE(changed.count(), 2);
    QVERIFY(draft.problems().isEmpty());
}

void TestRecipeDraft::outsideProblemsLastUntilTheNextEdit() {
    RecipeDraft draft(schema());
    draft.setOutsideProblems({Problem{"rank", "exceeds the layer's width"}});
    QCOMPARE(draft.problemOf(QStringLiteral("rank")), QStringLiteral("exceeds the layer's width"));
    draft.setValue(QStringLiteral("learning_rate"), 1e-3);
    QVERIFY(draft.problems().isEmpty());
}

void TestRecipeDraft::conditionsHideAndShowFields() {
    RecipeDraft draft(schema());
    const QSignalSpy changed(&draft, &RecipeDraft::activityChanged);
    QVERIFY(draft.isActive(QStringLiteral("rank")));
    draft.setValue(QStringLiteral("method"), std::string("full"));
    QVERIFY(!draft.isActive(QStringLiteral("rank")));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed[0][0].toString(), QStringLiteral("rank"));
}

void TestRecipeDraft::draftIsSavedAndRestored() {
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("draft.json"));
    RecipeDraft draft(schema());
    draft.startAutosave(file, {}, m_pool);
    draft.setValue(QStringLiteral("rank"), integer(64));
    QTRY_VERIFY_WITH_TIMEOUT(!read(file).isEmpty(), 10'000); // half a second, and a slow disk
    RecipeDraft again(schema());
    again.startAutosave(file, read(file), m_pool);
    QVERIFY(again.values() == draft.values());
    QVERIFY(!again.canUndo());
}

void TestRecipeDraft::unreadableDraftIsIgnored() {
    const QTemporaryDir folder;
    RecipeDraft draft(schema());
    draft.startAutosave(folder.filePath(QStringLiteral("draft.json")), QStringLiteral("{\"rank\": "), m_pool);
    QVERIFY(!draft.isEdited());
}

void TestRecipeDraft::lastEditIsSavedByTheDestructor() {
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("draft.json"));
    {
        RecipeDraft draft(schema());
        draft.startAutosave(file, {}, m_pool);
        draft.setValue(QStringLiteral("rank"), integer(64));
    }
    QCOMPARE(read(file), QStringLiteral("{\"rank\":64}"));
}

void TestRecipeDraft::failedSaveIsTold() {
    const QTemporaryDir folder;
    RecipeDraft draft(schema());
    const QSignalSpy failed(&draft, &RecipeDraft::autosaveFailed);
    draft.startAutosave(folder.filePath(QStringLiteral("missing/draft.json")), {}, m_pool);
    draft.setValue(QStringLiteral("rank"), integer(64));
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, 10'000); // half a second, and a slow disk
}

QTEST_GUILESS_MAIN(TestRecipeDraft)
#include "tst_recipe_draft.moc"
