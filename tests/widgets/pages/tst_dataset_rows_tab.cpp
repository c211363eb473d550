#include "core/data/row_store.h"
#include "core/session/dataset_session.h"
#include "core/session/settings.h"
#include "tests/widgets/shell/dataset_bench.h"
#include "widgets/pages/dataset_rows_tab.h"

#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr std::size_t kRows = 2'000'000;
constexpr int kPatienceMs = 60'000;

class SameRow final : public RowDecoder {
public:
    Row decode(std::string_view row) const override {
        return {{"question", std::string(row)}, {"answer", "Anna"}};
    }
};

/// Two million rows, each the same bytes of one text.
std::shared_ptr<const Table> manyRows() {
    const std::string text = "Who has the ball?";
    std::vector<RowPlace> places(kRows);
    for (std::size_t i = 0; i < kRows; ++i)
        places[i] = {0, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(i + 1)};
    Table table;
    table.source = "many.jsonl";
    table.columns = {"question", "answer"};
    table.setStore(std::make_shared<const RowStore>(text, std::move(places), std::make_unique<SameRow>()), 0);
    return std::make_shared<const Table>(std::move(table));
}

} // namespace

/// What is looked at costs, what is not does not, however many rows there are.
class TestDatasetRowsTab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void openingReadsNoMoreThanAScreen();
    void scrollingReadsWhatIsSeen();
    void jumpReadsNothingOnTheWay();
    void searchIsStoppedByAnother();

private:
    [[nodiscard]] int rowsOfAScreen() const {
        return m_tab->table().viewport()->height() / m_tab->table().rowHeight(0) + 2;
    }
    [[nodiscard]] std::size_t rowsRead() const { return m_session->rows().rowsRead(); }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(&m_tab->table(), key, modifiers);
        m_tab->table().viewport()->repaint();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<DatasetSession> m_session;
    std::unique_ptr<DatasetRowsTab> m_tab;
};

void TestDatasetRowsTab::init() {
    m_settings = std::make_unique<Settings>(m_folder.filePath("settings.ini"));
    DatasetParts parts = datasetParts();
    parts.read = [](const ParamValues&, const JobProgress&, const std::stop_token&) -> Result<DatasetFile> {
        return DatasetFile{manyRows(), {}};
    };
    m_session = std::make_unique<DatasetSession>(*m_settings, std::move(parts));
    m_tab = std::make_unique<DatasetRowsTab>(*m_session);
    m_tab->resize(900, 700);
    m_tab->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_tab.get()));
    m_session->open("many.jsonl", {});
    QTRY_COMPARE_WITH_TIMEOUT(m_session->rows().rowCount(), static_cast<int>(kRows), kPatienceMs);
}

void TestDatasetRowsTab::cleanup() {
    m_tab.reset();
    m_session.reset();
}

void TestDatasetRowsTab::openingReadsNoMoreThanAScreen() {
    m_tab->table().viewport()->repaint();

    QVERIFY2(rowsRead() <= static_cast<std::size_t>(rowsOfAScreen()),
             qPrintable(QString::number(rowsRead())));
}

void TestDatasetRowsTab::scrollingReadsWhatIsSeen() {
    m_tab->table().viewport()->repaint();
    const std::size_t before = rowsRead();

    for (int page = 0; page < 50; ++page)
        press(Qt::Key_PageDown);

    QVERIFY(m_tab->table().currentIndex().row() > 500);
    const auto seen = static_cast<std::size_t>(50 * rowsOfAScreen());
    QVERIFY2(rowsRead() - before <= seen, qPrintable(QString::number(rowsRead() - before)));
}

void TestDatasetRowsTab::jumpReadsNothingOnTheWay() {
    m_tab->table().viewport()->repaint();
    const std::size_t before = rowsRead();

    m_tab->goTo(kRows - 1);
    m_tab->table().viewport()->repaint();

    QCOMPARE(m_tab->table().currentIndex().siblingAtColumn(0).data().toULongLong(), qulonglong{kRows});
    QVERIFY2(rowsRead() - before <= static_cast<std::size_t>(rowsOfAScreen()),
             qPrintable(QString::number(rowsRead() - before)));
}

void TestDatasetRowsTab::searchIsStoppedByAnother() {
    QTest::keyClicks(m_tab->filterEdit(), "anna");
    QTRY_VERIFY_WITH_TIMEOUT(m_session->rows().isFiltered() && m_session->rows().rowCount() > 0, kPatienceMs);
    m_tab->filterEdit()->clear();

    QTRY_COMPARE_WITH_TIMEOUT(m_session->rows().rowCount(), static_cast<int>(kRows), kPatienceMs);
    QVERIFY(!m_session->search().job().isRunning());
}

QTEST_MAIN(TestDatasetRowsTab)
#include "tst_dataset_rows_tab.moc"
