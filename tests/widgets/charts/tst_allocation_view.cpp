#include "tests/support/strict_warnings.h"
#include "widgets/charts/allocation_map.h"
#include "widgets/charts/allocation_view.h"
#include "widgets/charts/chart_view.h"

#include <QComboBox>
#include <QHelpEvent>
#include <QLabel>
#include <QSlider>
#include <QTest>
#include <QToolTip>

#include <memory>

using namespace lathe;

namespace {

/// Three layers of q, v and a shortcut that the first layer has not; the v of layer `i` wins at time `i`.
AllocationHistory historyOf(int times) {
    AllocationHistory history;
    history.proxy = "grad_norm";
    for (int layer = 0; layer < 3; ++layer) {
        history.modules.push_back({"q", "q_proj", layer, false, 8, 16, 100});
        history.modules.push_back({"v", "v_proj", layer, false, 8, 16, 100});
        if (layer > 0)
            history.modules.push_back({"s", "shortcut_ffn", layer, true, 8, 4, 100});
    }
    for (int time = 0; time < times; ++time) {
        Reallocation now;
        now.step = 10 * time;
        for (std::size_t i = 0; i < history.modules.size(); ++i) {
            const AllocatedModule& module = history.modules[i];
            const bool isOn = module.kind == "v_proj" && module.layer == time % 3;
            now.isOn.push_back(isOn);
            now.scores.push_back(isOn ? 9 : 0.125 * static_cast<double>(i));
        }
        history.reallocations.push_back(now);
    }
    return history;
}

} // namespace

class TestAllocationView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void init() {
        test::failOnWarnings();
        m_view = std::make_unique<AllocationView>();
        m_view->resize(900, 460);
        m_view->setHistory(historyOf(6));
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }

    void beforeTheFirstRecordItSaysSo() {
        AllocationView view;
        view.show();
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("allocationEmptyLabel"))->isVisible());
        QVERIFY(!view.findChild<QSlider*>(QStringLiteral("allocationSlider"))->isVisible());
    }

    void theNewestReallocationIsShownFirst() {
        QCOMPARE(m_view->shownReallocation(), std::size_t{5});
        QCOMPARE(label("allocationStepLabel").text(), QStringLiteral("step 50 (6 of 6)"));
        QCOMPARE(
            label("allocationFactsLabel").text(),
            QStringLiteral("1 of 8 modules on · 100 parameters in use · churn 100% · scored by grad_norm"));
        QCOMPARE(chart().data().layers.size(), std::size_t{1});
    }

    void theKeyboardLooksBackInTime() {
        slider().setFocus();
        QTest::keyClick(&slider(), Qt::Key_Left);
        QCOMPARE(m_view->shownReallocation(), std::size_t{4});
        QTest::keyClick(&slider(), Qt::Key_Home);
        QCOMPARE(label("allocationStepLabel").text(), QStringLiteral("step 0 (1 of 6)"));
    }

    void theMouseLooksBackInTime() {
        QTest::mouseClick(&slider(), Qt::LeftButton, {}, QPoint(3, slider().height() / 2));
        QVERIFY(m_view->shownReallocation() < 5);
    }

    void whoLooksBackIsLeftThereWhileTheRunGoesOn() {
        slider().setValue(2);
        m_view->setHistory(historyOf(9));
        QCOMPARE(m_view->shownReallocation(), std::size_t{2});
        QCOMPARE(label("allocationStepLabel").text(), QStringLiteral("step 20 (3 of 9)"));
        slider().setValue(8);
        m_view->setHistory(historyOf(10));
        QCOMPARE(m_view->shownReallocation(), std::size_t{9});
    }

    void aRunThatGoesOnDoesNotFlicker() {
        const QWidget* page = label("allocationFactsLabel").parentWidget();
        m_view->setHistory(historyOf(7));
        QVERIFY(page->isVisible());
        QVERIFY(!label("allocationEmptyLabel").isVisible());
    }

    void keysLeadFromCellToCell() {
        map().setFocus();
        QTest::keyClick(&map(), Qt::Key_Right);
        QTest::keyClick(&map(), Qt::Key_Down);
        QTest::keyClick(&map(), Qt::Key_Down);
        QCOMPARE(map().currentRow(), std::size_t{2});
        QTest::keyClick(&map(), Qt::Key_Down); // there is no further layer
        QCOMPARE(label("allocationCellLabel").text(),
                 QStringLiteral("v_proj of layer 2: on, rank 8, score 9; on in 2 of 6 allocations"));
        QCOMPARE(map().accessibleDescription(), label("allocationCellLabel").text());
    }

    void pageKeysOnTheMapMoveInTime() {
        map().setFocus();
        QTest::keyClick(&map(), Qt::Key_PageDown);
        QCOMPARE(m_view->shownReallocation(), std::size_t{4});
        QTest::keyClick(&map(), Qt::Key_Home);
        QCOMPARE(m_view->shownReallocation(), std::size_t{0});
        QTest::keyClick(&map(), Qt::Key_PageUp);
        QTest::keyClick(&map(), Qt::Key_End);
        QCOMPARE(m_view->shownReallocation(), std::size_t{5});
    }

    void aClickChoosesACell() {
        QTest::mouseClick(&map(), Qt::LeftButton, {}, map().cellRect(1, 2).center());
        QVERIFY(
            label("allocationCellLabel").text().startsWith(QStringLiteral("shortcut_ffn of layer 1: off")));
        QTest::mouseClick(&map(), Qt::LeftButton, {}, map().cellRect(0, 2).center());
        QCOMPARE(label("allocationCellLabel").text(),
                 QStringLiteral("shortcut_ffn of layer 0: there is no such module"));
    }

    void aToolTipTellsTheScore() {
        const QPoint place = map().cellRect(2, 0).center();
        QHelpEvent help(QEvent::ToolTip, place, map().mapToGlobal(place));
        QCoreApplication::sendEvent(&map(), &help);
        QCOMPARE(QToolTip::text(), map().cellText(2, 0));
        QVERIFY(QToolTip::text().contains(QStringLiteral("score 0.625")));
        QToolTip::hideText();
    }

    void whoIsOnLooksOtherThanWhoIsOff() {
        const QImage picture = map().grab().toImage();
        const auto corner = [&](std::size_t row, std::size_t column) {
            return picture.pixelColor(map().cellRect(row, column).topLeft() + QPoint(5, 4));
        };
        const int on = qGray(corner(2, 1).rgb());
        QVERIFY(std::abs(on - qGray(corner(0, 1).rgb())) > 40);
        QVERIFY(std::abs(on - qGray(corner(2, 0).rgb())) > 40);
    }

    void theFrequencyIsAnotherPicture() {
        const QImage before = map().grab().toImage();
        auto* shows = m_view->findChild<QComboBox*>(QStringLiteral("allocationShowsBox"));
        shows->setFocus();
        QTest::keyClick(shows, Qt::Key_Down);
        QCOMPARE(shows->currentText(), QStringLiteral("How often on"));
        QVERIFY(map().grab().toImage() != before);
    }

    void tiesAreWarnedOf() {
        QVERIFY(!label("allocationTiesLabel").isVisible());
        AllocationHistory history = historyOf(2);
        for (double& score : history.reallocations.back().scores)
            score = 0;
        m_view->setHistory(history);
        QVERIFY(label("allocationTiesLabel").isVisible());
        QCOMPARE(label("allocationTiesLabel").text(),
                 QStringLiteral("100% of the scores are tied: chance decides among them, not the proxy."));
    }

private:
    AllocationMap& map() { return *m_view->findChild<AllocationMap*>(); }
    QSlider& slider() { return *m_view->findChild<QSlider*>(QStringLiteral("allocationSlider")); }
    ChartView& chart() { return *m_view->findChild<ChartView*>(QStringLiteral("churnChart")); }
    QLabel& label(const char* name) { return *m_view->findChild<QLabel*>(QLatin1String(name)); }

    std::unique_ptr<AllocationView> m_view;
};

QTEST_MAIN(TestAllocationView)
#include "tst_allocation_view.moc"
