#include "widgets/forms/places_view.h"

#include <QSignalSpy>
#include <QtTest>

using namespace lathe;

namespace {

std::vector<AdapterPlace> places() {
    std::vector<AdapterPlace> all;
    for (int layer = 0; layer < 2; ++layer)
        for (const char* column : {"self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"})
            all.push_back({"model.layers." + std::to_string(layer) + "." + column, column, layer,
                           std::string(column).starts_with("mlp"), false});
    return all;
}

QStringList lit(const PlacesView& view) {
    QStringList names;
    for (const AdapterPlace& place : view.places())
        if (place.isOn)
            names << QString::number(place.layer) + QString::fromStdString(place.column).section('.', -1);
    return names;
}

} // namespace

class TestPlacesView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aClickSwitchesAPlace();
    void headingsSwitchRowsAndColumns();
    void keysWalkAndSwitch();
    void drawingGivesThePlacesCrossedTheSameState();
    void everyPlaceIsInThePicture();
    void modelsWithHolesAreDrawn();

private:
    void click(const QRect& rect) {
        QTest::mouseClick(m_view.get(), Qt::LeftButton, Qt::NoModifier, rect.center());
    }
    void press(Qt::Key key) { QTest::keyClick(m_view.get(), key); }

    std::unique_ptr<PlacesView> m_view;
};

void TestPlacesView::init() {
    m_view = std::make_unique<PlacesView>();
    m_view->setPlaces(places());
    m_view->resize(m_view->sizeHint());
    m_view->show();
    m_view->setFocus();
}

void TestPlacesView::aClickSwitchesAPlace() {
    const QSignalSpy edited(m_view.get(), &PlacesView::edited);
    click(m_view->rectOfPlace(std::string("model.layers.1.self_attn.v_proj")));
    QCOMPARE(lit(*m_view), QStringList{"1v_proj"});
    QCOMPARE(edited.size(), 1);
    click(m_view->rectOfPlace(std::string("model.layers.1.self_attn.v_proj")));
    QVERIFY(lit(*m_view).isEmpty());
}

void TestPlacesView::headingsSwitchRowsAndColumns() {
    click(m_view->columnHeading(0));
    QCOMPARE(lit(*m_view), (QStringList{"0q_proj", "1q_proj"}));
    click(m_view->rowHeading(1)); // what is only partly lit becomes lit first
    QCOMPARE(lit(*m_view), (QStringList{"0q_proj", "1q_proj", "1v_proj", "1up_proj"}));
    click(m_view->rowHeading(1));
    QCOMPARE(lit(*m_view), QStringList{"0q_proj"});
}

void TestPlacesView::keysWalkAndSwitch() {
    press(Qt::Key_Right);
    press(Qt::Key_Space);
    QCOMPARE(lit(*m_view), QStringList{"0v_proj"});
    press(Qt::Key_Down);
    press(Qt::Key_End);
    press(Qt::Key_Space);
    QCOMPARE(lit(*m_view), (QStringList{"0v_proj", "1up_proj"}));
    QVERIFY(m_view->accessibleDescription().contains("model.layers.1.mlp.up_proj"));
    for (int i = 0; i < 5; ++i)
        press(Qt::Key_Up); // to the heading and no further
    press(Qt::Key_Space);
    QCOMPARE(lit(*m_view), (QStringList{"0v_proj", "0up_proj", "1up_proj"}));
}

void TestPlacesView::drawingGivesThePlacesCrossedTheSameState() {
    click(m_view->rectOfPlace(std::string("model.layers.0.self_attn.v_proj")));
    QTest::mousePress(m_view.get(), Qt::LeftButton, Qt::NoModifier,
                      m_view->rectOfPlace(std::string("model.layers.0.self_attn.q_proj")).center());
    for (const char* name : {"model.layers.0.self_attn.v_proj", "model.layers.0.mlp.up_proj"}) {
        QMouseEvent move(QEvent::MouseMove, m_view->rectOfPlace(std::string(name)).center(),
                         m_view->mapToGlobal(m_view->rectOfPlace(std::string(name)).center()), Qt::NoButton,
                         Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_view.get(), &move);
    }
    QCOMPARE(lit(*m_view), (QStringList{"0q_proj", "0v_proj", "0up_proj"}));
}

void TestPlacesView::everyPlaceIsInThePicture() {
    for (const AdapterPlace& place : m_view->places()) {
        const QRect rect = m_view->rectOfPlace(place.name);
        QVERIFY(!rect.isEmpty());
        QVERIFY(m_view->rect().contains(rect));
    }
}

void TestPlacesView::modelsWithHolesAreDrawn() {
    auto all = places();
    all.push_back({"model.project_in", "model.project_in", -1, false, true});
    all.erase(all.begin());
    m_view->setPlaces(std::move(all));
    m_view->resize(m_view->sizeHint());
    QVERIFY(!m_view->grab().isNull());
    QVERIFY(m_view->rectOfPlace(std::string("model.layers.0.self_attn.q_proj")).isEmpty());
    QVERIFY(!m_view->rectOfPlace(std::string("model.project_in")).isEmpty());
    press(Qt::Key_Home);
    press(Qt::Key_Space); // where there is none nothing happens
    QCOMPARE(lit(*m_view).size(), 1);
}

QTEST_MAIN(TestPlacesView)
#include "tst_places_view.moc"
