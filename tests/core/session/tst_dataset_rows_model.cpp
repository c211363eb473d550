#include "core/session/dataset_rows_model.h"
#include "core/session/dataset_search.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace lathe;

class TestDatasetRowsModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsAreThoseOfTheTable();
    void longCellIsCutBetweenCharacters();
    void foundRowsAreAddedAsTheyCome();
    void rowsAreReadOnceWhileTheyAreKept();
    void searchFindsInAnyColumnAndCase();
    void newSearchForgetsTheOldOne();
};

namespace {

std::shared_ptr<const Table> tableOf(std::size_t count) {
    auto table = std::make_shared<Table>();
    table->columns = {"text", "label"};
    for (std::size_t i = 0; i < count; ++i)
        table->add({{"text", "row " + std::to_string(i)}, {"label", i % 2 == 0 ? "Even" : "Odd"}}, i + 1);
    return table;
}

constexpr int kPatienceMs = 20'000;

} // namespace

void TestDatasetRowsModel::rowsAreThoseOfTheTable() {
    DatasetRowsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);

    model.setTable(tableOf(3));

    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.columnCount(), 3);
    QCOMPARE(model.headerData(1, Qt::Horizontal).toString(), "text");
    QCOMPARE(model.index(2, 0).data().toInt(), 3);
    QCOMPARE(model.index(2, 1).data().toString(), "row 2");
    model.setTable(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TestDatasetRowsModel::longCellIsCutBetweenCharacters() {
    auto table = std::make_shared<Table>();
    table->columns = {"text"};
    const std::string text = QString(1000, QChar(0x00E4)).toStdString() + "\nend";
    table->add({{"text", text}}, 1);
    DatasetRowsModel model;
    model.setTable(table);

    const QString shown = model.index(0, 1).data().toString();
    QVERIFY(shown.size() < 500 && shown.endsWith(QChar(0x2026)));
    QVERIFY(!shown.contains(QChar(0xFFFD)));
    QCOMPARE(model.index(0, 1).data(DatasetRowsModel::WholeTextRole).toString().toStdString(), text);
}

void TestDatasetRowsModel::foundRowsAreAddedAsTheyCome() {
    DatasetRowsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setTable(tableOf(10));

    model.beginFound();
    QCOMPARE(model.rowCount(), 0);
    model.appendFound({1, 4});
    model.appendFound({7});

    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(2, 1).data().toString(), "row 7");
    QCOMPARE(model.modelRow(4), 1);
    QCOMPARE(model.modelRow(5), -1);
    model.showAll();
    QCOMPARE(model.rowCount(), 10);
    QCOMPARE(model.modelRow(5), 5);
}

void TestDatasetRowsModel::rowsAreReadOnceWhileTheyAreKept() {
    DatasetRowsModel model;
    model.setTable(tableOf(100));

    for (int time = 0; time < 3; ++time)
        for (int column = 0; column < 3; ++column)
            QVERIFY(model.index(7, column).data().isValid());

    QCOMPARE(model.rowsRead(), std::size_t{1});
}

void TestDatasetRowsModel::searchFindsInAnyColumnAndCase() {
    QThreadPool pool;
    DatasetRowsModel model;
    model.setTable(tableOf(5000));
    DatasetSearch search(model, pool);

    search.setText("odd", {});
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2500, kPatienceMs);
    QCOMPARE(model.index(2499, 1).data().toString(), "row 4999");
    search.setText("odd", "text");
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 0, kPatienceMs);
    search.setText({}, "text");
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 5000, kPatienceMs);
    QVERIFY(!model.isFiltered());
    pool.waitForDone();
}

void TestDatasetRowsModel::newSearchForgetsTheOldOne() {
    QThreadPool pool;
    DatasetRowsModel model;
    model.setTable(tableOf(20000));
    DatasetSearch search(model, pool);

    search.setText("even", {});
    QTRY_VERIFY_WITH_TIMEOUT(model.isFiltered(), kPatienceMs);
    search.setText("row 19999", {});

    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() == 1 && !search.job().isRunning(), kPatienceMs);
    QCOMPARE(model.index(0, 1).data().toString(), "row 19999");
    pool.waitForDone();
}

QTEST_GUILESS_MAIN(TestDatasetRowsModel)
#include "tst_dataset_rows_model.moc"
