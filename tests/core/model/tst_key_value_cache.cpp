#include "core/model/key_value_cache.h"

#include <QtTest>

#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

using namespace lathe;

namespace {

/// [2, 3, tokens, 4] as attention makes them: tokens before heads in memory.
at::Tensor someKeys(std::int64_t tokens) { return at::randn({2, tokens, 3, 4}).transpose(1, 2); }

} // namespace

class TestKeyValueCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasAppendedComesBackInOrder_data();
    void whatWasAppendedComesBackInOrder();
    void nothingMovesWithinTheReservedRoom();
    void rowsAreTakenWithTheirTokens();
    void gradientsFlowThroughATrainedBeginning();
};

void TestKeyValueCache::whatWasAppendedComesBackInOrder_data() {
    QTest::addColumn<int>("reserved");
    QTest::newRow("growing") << 0;
    QTest::newRow("reserved") << 300;
}

void TestKeyValueCache::whatWasAppendedComesBackInOrder() {
    QFETCH(int, reserved);
    KeyValueCache cache;
    cache.reserve(reserved);
    std::vector<at::Tensor> keys;
    std::vector<at::Tensor> values;
    for (const std::int64_t tokens : {5, 1, 1, 70, 1, 150}) {
        keys.push_back(someKeys(tokens));
        values.push_back(someKeys(tokens));
        static_cast<void>(cache.append(0, keys.back(), values.back()));
        const auto [allKeys, allValues] = cache.append(1, keys.back() + 1, values.back());
        QVERIFY(at::equal(allKeys, at::cat(keys, 2) + 1));
        QVERIFY(at::equal(allValues, at::cat(values, 2)));
    }
    QCOMPARE(cache.length(), 228);
}

void TestKeyValueCache::nothingMovesWithinTheReservedRoom() {
    KeyValueCache cache;
    cache.reserve(500);
    const void* first = cache.append(0, someKeys(100), someKeys(100)).first.const_data_ptr();
    for (int i = 0; i < 400; ++i)
        QCOMPARE(cache.append(0, someKeys(1), someKeys(1)).first.const_data_ptr(), first);
}

void TestKeyValueCache::rowsAreTakenWithTheirTokens() {
    KeyValueCache cache;
    const at::Tensor keys = someKeys(3);
    const at::Tensor values = someKeys(3);
    static_cast<void>(cache.append(0, keys, values));
    const at::Tensor rows = at::tensor({1, 1, 0}, at::kLong);
    cache.takeRows(rows);
    const at::Tensor next = at::randn({3, 3, 1, 4});
    const auto [allKeys, allValues] = cache.append(0, next, next);
    QVERIFY(at::equal(allKeys, at::cat({keys.index_select(0, rows), next}, 2)));
    QVERIFY(at::equal(allValues, at::cat({values.index_select(0, rows), next}, 2)));
}

void TestKeyValueCache::gradientsFlowThroughATrainedBeginning() {
    const at::Tensor prefix = someKeys(2).contiguous().requires_grad_(true);
    KeyValueCache cache;
    static_cast<void>(cache.append(0, prefix, prefix));
    const auto [keys, values] = cache.append(0, someKeys(3), someKeys(3));
    (keys.sum() + 2 * values.sum()).backward();
    QVERIFY(at::equal(prefix.grad(), at::full_like(prefix, 3)));
}

QTEST_GUILESS_MAIN(TestKeyValueCache)
#include "tst_key_value_cache.moc"
