#include "core/kernels/packed_weight.h"
#include "core/model/tensor_file.h"
#include "tests/support/shared_files.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <QTest>
#include <limits>

using namespace lathe;

namespace {

/// What bitsandbytes makes of the numbers; see tests/data/golden/quantised/make_codes.py.
class Golden {
public:
    at::Tensor operator()(const std::string& name) const { return m_file.tensor(name).value(); }
    bool has(const std::string& name) const { return m_file.entries().contains(name); }

private:
    TensorFile m_file =
        TensorFile::open(test::sourceFile("tests/data/golden/quantised/codes.safetensors")).value();
};

template <std::size_t N>
at::Tensor tensorOf(std::span<const float, N> values) {
    return at::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(N)}, at::kFloat)
        .clone();
}

struct Case {
    explicit Case(std::string caseName)
        : name(std::move(caseName)),
          block(name.ends_with("_64") ? 64 : 256),
          x(golden(name + ".x")),
          isNested(golden.has(name + ".offset")) {}

    at::Tensor of(const std::string& part) const { return golden(name + "." + part); }
    /// The weight out of the reference's own codes.
    PackedWeight stored() const {
        Nf4Parts parts;
        parts.codes = of("codes").flatten();
        parts.levels = tensorOf(nf4Levels());
        parts.absmax = of("absmax");
        parts.block = block;
        parts.rounding = x.scalar_type();
        if (isNested) {
            parts.nestedLevels = golden("dynamic_map");
            parts.nestedAbsmax = of("nested_absmax");
            parts.offset = of("offset").item<float>();
        }
        return {x.size(0), x.size(1), parts, std::make_shared<ScratchPool>()};
    }

    Golden golden;
    std::string name;
    std::int64_t block;
    at::Tensor x;
    bool isNested;
};

void addCases() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"plain_64", "plain_256", "nested_64", "nested_256", "bfloat16_64", "float16_64",
                             "across_64", "cut_64", "odd_64", "zeros_64"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

Case currentCase() {
    QFETCH(QString, name);
    return Case(name.toStdString());
}

} // namespace

class TestQuantisedCodec : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void encodesBitForBitAsTheReference_data() { addCases(); }
    void encodesBitForBitAsTheReference() {
        const Case given = currentCase();
        const Nf4Codes codes = encodeNf4(given.x, given.block);
        QVERIFY(at::equal(codes.codes, given.of("codes").flatten()));
        if (!given.isNested) {
            QVERIFY(at::equal(codes.absmax, given.of("absmax")));
            return;
        }
        // The mean's last bit depends on the width of the processor's vectors; the rest does not.
        const auto offset = given.of("offset").item<float>();
        QVERIFY(std::abs(codes.absmax.mean().item<float>() - offset) <= 1e-6F * offset);
        const NestedStatistics nested = nestStatistics(codes.absmax, offset);
        QVERIFY(at::equal(nested.codes, given.of("absmax")));
        QVERIFY(at::equal(nested.absmax, given.of("nested_absmax")));
    }

    void decodesBitForBitAsTheReference_data() { addCases(); }
    void decodesBitForBitAsTheReference() {
        const Case given = currentCase();
        const at::ScalarType stored = given.x.scalar_type();
        const at::Tensor decoded = given.of("decoded");
        QVERIFY(at::equal(given.stored().unpacked(at::kFloat), decoded.to(at::kFloat)));
        if (stored != at::kHalf)
            QVERIFY(at::equal(given.stored().unpacked(at::kBFloat16), decoded.to(at::kBFloat16)));
        QVERIFY(at::equal(given.stored().unpacked(stored), decoded));
    }

    void encodesAndDecodesInt8AsTheReference() {
        const Golden golden;
        const Int8Codes codes = encodeInt8(golden("int8.x"));
        QVERIFY(at::equal(codes.codes, golden("int8.codes")));
        QVERIFY(at::equal(codes.scale, golden("int8.scale")));
        const PackedWeight weight(codes, std::make_shared<ScratchPool>());
        QVERIFY(at::equal(weight.unpacked(at::kFloat), golden("int8.decoded")));
        QVERIFY(at::equal(weight.unpacked(at::kBFloat16), golden("int8.decoded").to(at::kBFloat16)));
    }

    void hasTheDynamicMapOfTheReference() {
        QVERIFY(at::equal(tensorOf(dynamicLevels()), Golden()("dynamic_map")));
    }

    void keepsLevelsExactly() {
        const at::Tensor levels = tensorOf(nf4Levels()).repeat({8}).view({2, 64}) * 0.5;
        const auto weight =
            packWeight(levels, Quantisation::Nf4, at::kFloat, std::make_shared<ScratchPool>()).value();
        QVERIFY(at::equal(weight->unpacked(at::kFloat), levels));
    }

    void keepsZerosAsZeros() {
        for (const Quantisation kind : {Quantisation::Nf4, Quantisation::Int8}) {
            const auto weight =
                packWeight(at::zeros({3, 50}), kind, at::kFloat, std::make_shared<ScratchPool>()).value();
            QVERIFY(at::equal(weight->unpacked(at::kFloat), at::zeros({3, 50})));
        }
    }

    void codesAreTheSameWhereSubnormalNumbersCountAsZero() {
        at::Tensor x = at::zeros({5, 50});
        x[0].fill_(0.5);
        const Nf4Codes usual = encodeNf4(x, kNf4Block);
        at::globalContext().setFlushDenormal(true);
        const Nf4Codes flushed = encodeNf4(x, kNf4Block);
        const Int8Codes rows = encodeInt8(x);
        at::globalContext().setFlushDenormal(false);
        QVERIFY(at::equal(usual.codes, flushed.codes));
        QVERIFY(at::equal(rows.codes, encodeInt8(x).codes));
    }

    void refusesWhatIsNotFinite() {
        for (const float bad :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
            for (const Quantisation kind : {Quantisation::Nf4, Quantisation::Int8}) {
                at::Tensor weight = at::zeros({4, 64});
                weight[1][2] = bad;
                const auto packed = packWeight(weight, kind, at::kFloat, std::make_shared<ScratchPool>());
                QVERIFY(!packed.has_value());
                QVERIFY(packed.error().message.find("not finite") != std::string::npos);
            }
    }

    void takesTheBytesItPromises() {
        const at::Tensor weight = at::randn({256, 512});
        const auto scratch = std::make_shared<ScratchPool>();
        const auto bits = [&](Quantisation kind) {
            return 8.0 * static_cast<double>(packWeight(weight, kind, at::kFloat, scratch).value()->bytes()) /
                   static_cast<double>(weight.numel());
        };
        QVERIFY(bits(Quantisation::Nf4) < 4.21); // 4.127 and the two maps
        QVERIFY(bits(Quantisation::Int8) < 8.07);
    }

    void handsOutOneScratchAtATime() {
        ScratchPool pool;
        const at::Tensor first = pool.take(100);
        const at::Tensor second = pool.take(10);
        QVERIFY(first.data_ptr() != second.data_ptr());
        const void* place = first.data_ptr();
        pool.giveBack(first);
        QCOMPARE(pool.take(50).data_ptr(), place);
    }
};

QTEST_APPLESS_MAIN(TestQuantisedCodec)
#include "tst_quantised_codec.moc"
