#include "widgets/dialogs/places_dialog.h"

#include "core/session/recipe_draft.h"
#include "widgets/forms/places_view.h"

#include <QLabel>
#include <QPushButton>
#include <QtTest>

using namespace lathe;

namespace {

ParamSchema schema() {
    ParamSchema fields;
    for (const char* key : {"target_modules", "target_layers", "exclude_modules"})
        fields.push_back({key, "adapter", key, "", "", TextDomain{}, std::string(), {}, false, false});
    return fields;
}

RecipeCost cost() {
    RecipeCost result;
    result.trainableParameters = 12345;
    for (int layer = 0; layer < 4; ++layer)
        for (const char* column : {"self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"})
            result.places.push_back({"model.layers." + std::to_string(layer) + "." + column, column, layer,
                                     std::string(column).starts_with("mlp"), true});
    return result;
}

} // namespace

class TestPlacesDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void choicesGoIntoTheRecipe();
    void keysAreEnough();
    void nothingChosenIsSaid();
    void everyChangeCanBeUndone();
    void theCountFollows();

private:
    [[nodiscard]] QString text(const char* key) const {
        return QString::fromStdString(std::get<std::string>(m_draft->value(QString::fromLatin1(key))));
    }
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_dialog->findChild<Widget*>(QString::fromLatin1(name));
    }

    std::unique_ptr<RecipeDraft> m_draft;
    PlacesDialog* m_dialog = nullptr;
    QWidget m_parent;
};

void TestPlacesDialog::init() {
    delete m_dialog;
    m_draft = std::make_unique<RecipeDraft>(schema());
    m_dialog = new PlacesDialog(*m_draft, cost(), &m_parent);
    m_dialog->open();
    QVERIFY(QTest::qWaitForWindowActive(m_dialog));
}

void TestPlacesDialog::choicesGoIntoTheRecipe() {
    find<QPushButton>("attentionButton")->click();
    QCOMPARE(text("target_modules"), QStringLiteral("q_proj,v_proj"));
    find<QPushButton>("feedForwardButton")->click();
    QCOMPARE(text("target_modules"), QStringLiteral("up_proj"));
    find<QPushButton>("allPlacesButton")->click();
    QCOMPARE(text("target_modules"), QStringLiteral("all-linear"));
}

void TestPlacesDialog::keysAreEnough() {
    QCOMPARE(QApplication::focusWidget(), find<PlacesView>("placesView"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Left); // to the heading of the first layer
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(text("target_modules"), QStringLiteral("q_proj,v_proj,up_proj"));
    QCOMPARE(text("target_layers"), QStringLiteral("1-3"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_N, Qt::AltModifier);
    QTRY_COMPARE(text("target_modules"), QString()); // a button pressed by its letter is seen to go down
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_T, Qt::AltModifier);
    QTRY_COMPARE(text("target_modules"), QStringLiteral("q_proj,v_proj"));
    QTest::keyClick(m_dialog, Qt::Key_Escape);
    QVERIFY(!m_dialog->isVisible());
    m_dialog = nullptr; // it deletes itself
}

void TestPlacesDialog::nothingChosenIsSaid() {
    find<QPushButton>("noPlacesButton")->click();
    QVERIFY(find<QLabel>("placesTextsLabel")->text().contains("needs a place"));
}

void TestPlacesDialog::everyChangeCanBeUndone() {
    find<QPushButton>("attentionButton")->click();
    find<QPushButton>("allPlacesButton")->click();
    m_draft->undo();
    QCOMPARE(text("target_modules"), QStringLiteral("q_proj,v_proj"));
}

void TestPlacesDialog::theCountFollows() {
    QVERIFY(find<QLabel>("placesCountLabel")->text().contains(QLocale().toString(12345)));
    RecipeCost other = cost();
    other.places.front().isOn = false;
    other.trainableParameters = 77;
    m_dialog->showCost(other);
    QVERIFY(find<QLabel>("placesCountLabel")->text().contains("11"));
    QVERIFY(find<QLabel>("placesCountLabel")->text().contains("77"));
}

QTEST_MAIN(TestPlacesDialog)
#include "tst_places_dialog.moc"
