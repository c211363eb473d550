#include "core/session/text.h"
#include "tests/support/strict_warnings.h"
#include "tests/support/temp_folder.h"
#include "widgets/charts/allocation_view.h"
#include "widgets/charts/simplex_view.h"
#include "widgets/pages/method_views.h"

#include <QLabel>
#include <QTest>

using namespace lathe;

namespace {

const char* const kLine =
    R"({"epoch": 0, "step": 0, "modules": [{"name": "v", "kind": "v_proj", "layer": 0, "rank": 8, "alpha": 16, "score": 1, "enabled": true}]})"
    "\n";

} // namespace

class TestMethodViews : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::TempFolder>();
        m_views = std::make_unique<MethodViews>();
        m_views->show();
    }

    void mostMethodsHaveNone() {
        m_views->follow(folder(), QStringLiteral("lora"));
        QVERIFY(m_views->isHidden());
    }

    void aMethodThatReallocatesHasItsMapBeforeTheFirstRecord() {
        m_views->follow(folder(), QStringLiteral("heterolora"));
        QVERIFY(allocation().isVisible() && !simplex().isVisible());
        QVERIFY(m_views->findChild<QLabel*>(QStringLiteral("allocationEmptyLabel"))->isVisible());
    }

    void aMethodOfASimplexHasItsViewBeforeItIsMeasured() {
        m_views->follow(folder(), QStringLiteral("prefix_subspace"));
        QVERIFY(simplex().isVisible() && !allocation().isVisible());
    }

    void recordsAppearWhileTheRunGoesOn() {
        m_views->follow(folder(), QStringLiteral("heterolora"));
        m_folder->write("allocation_history.jsonl", kLine);
        m_views->refreshSoon();
        const auto* facts = m_views->findChild<QLabel*>(QStringLiteral("allocationFactsLabel"));
        QTRY_VERIFY(facts->isVisible());
        m_folder->write("allocation_history.jsonl", std::string(kLine) + kLine);
        m_views->refreshSoon();
        QTRY_COMPARE(allocation().shownReallocation(), std::size_t{1});
    }

    void aRecordOfAnyMethodIsShown() {
        m_folder->write("allocation_history.jsonl", kLine);
        m_views->follow(folder(), QStringLiteral("another"));
        QTRY_VERIFY(allocation().isVisible());
        m_views->follow({}, QStringLiteral("lora"));
        QVERIFY(m_views->isHidden());
    }

    void aDamagedRecordIsExplained() {
        m_folder->write("simplex_loss.json", "{");
        m_views->follow(folder(), QStringLiteral("prefix_subspace"));
        auto* problem = m_views->findChild<QLabel*>(QStringLiteral("methodProblemLabel"));
        QTRY_VERIFY(problem->isVisible());
        QVERIFY(problem->text().startsWith(QStringLiteral("simplex_loss.json: ")));
    }

private:
    [[nodiscard]] QString folder() const { return pathText(m_folder->path()); }
    AllocationView& allocation() { return *m_views->findChild<AllocationView*>(); }
    SimplexView& simplex() { return *m_views->findChild<SimplexView*>(); }

    std::unique_ptr<test::TempFolder> m_folder;
    std::unique_ptr<MethodViews> m_views;
};

QTEST_MAIN(TestMethodViews)
#include "tst_method_views.moc"
