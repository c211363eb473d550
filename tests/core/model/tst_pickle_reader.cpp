#include "core/model/pickle_reader.h"

#include "tests/support/checkpoint_bytes.h"

#include <QtTest>

using namespace lathe;
namespace pickle = test::pickle;
using Kind = PickleValue::Kind;

namespace {

constexpr std::uint64_t kFileSize = 1000; // of the file that the pickles would be in

std::span<const std::byte> bytesOf(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

Result<Unpickled> read(const std::string& text) { return unpickle(bytesOf(text), "some.bin", kFileSize); }
Result<Unpickled> read(std::string&&) = delete; // what is read stays in the text

std::string with(const std::string& value) { return pickle::dict({{"w", value}}); }

/// (storage, offset, size, stride, requires_grad, hooks)
std::string rebuilt(const std::string& storage, const std::string& offset, const std::string& shape,
                    const std::string& strides) {
    return pickle::global("torch._utils", "_rebuild_tensor_v2") +
           pickle::tuple({storage, offset, shape, strides, "\x89", "N"}) + "R";
}

std::string floats(std::int64_t count) { return pickle::storage("FloatStorage", "0", count); }

} // namespace

class TestPickleReader : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tensorsAreFoundByName();
    void plainValuesAreKept();
    void nestedDictionariesAreFound_data();
    void nestedDictionariesAreFound();
    void stateOfDictionariesIsIgnored();
    void dictionariesOfPython2AreRead();
    void hostilePicklesAreRefused_data();
    void hostilePicklesAreRefused();
    void everyTruncationIsRefused();
    void chainsOfTuplesTakeNoMemory();
    void depthIsNoProblem();
    void memoryIsBounded_data();
    void memoryIsBounded();

private:
    static void refuse(const char* row, const std::string& bytes, const char* says) {
        QTest::newRow(row) << bytes << std::string(says);
    }
    void addForbidden();
    void addBroken();
    void addTensors();
};

void TestPickleReader::tensorsAreFoundByName() {
    const std::string bytes = pickle::dict({{"b", pickle::tensor("1", 6, 2, {2, 2}, {1, 2})},
                                            {"a", pickle::tensor("0", 3, 0, {3}, {1})}}) +
                              "what follows";
    const auto objects = read(bytes);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    QCOMPARE(objects->size, bytes.size() - 12);
    const auto names = pickledTensors(*objects, "some.bin");
    QVERIFY(names.has_value());
    QCOMPARE(names->size(), std::size_t{2});
    const PickledView& view = objects->tensors[names->at("b")];
    QCOMPARE(view.offset, std::uint64_t{2});
    QCOMPARE(objects->wholes(view.strides), (std::vector<std::int64_t>{1, 2}));
    QCOMPARE(objects->storages[view.storage].key, std::string_view("1"));
    QVERIFY(objects->storages[view.storage].dtype == at::ScalarType::Float);
}

void TestPickleReader::plainValuesAreKept() {
    const std::string bytes =
        std::string("\x80\x02(NK\x07M\x01\x02J\xfe\xff\xff\xff\x8a\x01\x80\x8a\x00G12345678\x88", 29) +
        std::string("\x8a\x09"
                    "123456789",
                    11) +
        "C\x02"
        "ab" +
        "U\x01"
        "ct.";
    const auto objects = read(bytes);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    const auto item = [&](std::size_t i) { return objects->item(objects->root, i); };
    QCOMPARE(objects->root.count, 11U);
    QVERIFY(item(0).kind == Kind::Nothing);
    const std::array<std::int64_t, 5> numbers{7, 513, -2, -128, 0};
    for (std::size_t i = 0; i < numbers.size(); ++i)
        QCOMPARE(static_cast<std::int64_t>(item(i + 1).number), numbers[i]);
    QVERIFY(item(6).kind == Kind::Real && item(7).kind == Kind::Flag && item(7).number == 1);
    QCOMPARE(objects->text(item(8)), std::string_view("123456789"));
    QVERIFY(item(9).kind == Kind::Raw && objects->text(item(10)) == "c");
}

void TestPickleReader::nestedDictionariesAreFound_data() {
    QTest::addColumn<std::string>("nest");
    QTest::addColumn<bool>("isFound");
    for (const char* nest : {"state_dict", "model_state_dict", "model", "module"})
        QTest::newRow(nest) << std::string(nest) << true;
    QTest::newRow("another") << std::string("optimizer") << false;
}

void TestPickleReader::nestedDictionariesAreFound() {
    QFETCH(std::string, nest);
    QFETCH(bool, isFound);
    const std::string inner = "}(" + pickle::text("w") + pickle::tensor("0", 1, 0, {1}, {1}) + "u";
    const std::string bytes = pickle::dict({{"epoch", "K\x03"}, {nest, inner}});
    const auto objects = read(bytes);
    const auto names = pickledTensors(*objects, "some.bin");
    QCOMPARE(names.has_value(), isFound);
    if (isFound)
        QVERIFY(names->contains("w"));
    else
        QVERIFY(names.error().message.find("without tensors") != std::string::npos);
}

void TestPickleReader::stateOfDictionariesIsIgnored() {
    const std::string ordered = pickle::global("collections", "OrderedDict") + ")R(" + pickle::text("w") +
                                pickle::tensor("0", 1, 0, {}, {}) + "u}" + pickle::text("_metadata") + "}sb.";
    const std::string bytes = "\x80\x02" + ordered;
    const auto objects = read(bytes);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    QVERIFY(pickledTensors(*objects, "some.bin")->contains("w"));
}

void TestPickleReader::dictionariesOfPython2AreRead() {
    const std::string pair = "]" + pickle::text("w") + "a" + pickle::tensor("0", 1, 0, {1}, {1}) + "a";
    const std::string bytes =
        "\x80\x02" + pickle::global("collections", "OrderedDict") + "]" + pair + "a\x85R.";
    const auto objects = read(bytes);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    QVERIFY(pickledTensors(*objects, "some.bin")->contains("w"));
}

void TestPickleReader::addForbidden() {
    const auto call = [](const char* module, const char* name) {
        return "\x80\x02" + pickle::global(module, name) + pickle::text("touch /tmp/owned") + "\x85R.";
    };
    refuse("os.system", call("os", "system"), "uses \"os.system\"");
    refuse("posix.system", call("posix", "system"), "uses \"posix.system\"");
    refuse("eval", call("builtins", "eval"), "uses \"builtins.eval\"");
    refuse("python 2", call("__builtin__", "eval"), "nothing of it was run");
    refuse("torch.load", call("torch", "load"), "uses \"torch.load\"");
    refuse("nested torch.load", call("torch.storage", "_load_from_bytes"), "_load_from_bytes");
    refuse("a module beside the right one", call("torch._utils.os", "_rebuild_tensor_v2"), "uses");
    refuse("an attribute of the right one", call("collections", "OrderedDict.__init__"), "uses");
    refuse("by stack",
           "\x80\x04" + pickle::text("os") + pickle::text("system") + "\x93" + pickle::text("id") + "\x85R.",
           "uses \"os.system\"");
    refuse("in a value", pickle::dict({{"x", pickle::global("os", "system")}}), "uses \"os.system\"");
    refuse("another dtype", with(pickle::global("torch", "float8_e5m2")), "uses \"torch.float8_e5m2\"");
    refuse("calling a text", "\x80\x02" + pickle::text("eval") + ")R.", "calls something that is not one");
    refuse("calling a dtype", "\x80\x02" + pickle::global("torch", "float32") + ")R.",
           "calls \"torch.float32\"");
    refuse("calling a result", "\x80\x02" + pickle::global("collections", "OrderedDict") + ")R)R.",
           "calls something");
    refuse("an object of a storage", "\x80\x02" + pickle::global("torch", "FloatStorage") + ")\x81.",
           "calls");
    refuse("building a function", "\x80\x02" + pickle::global("torch", "Size") + "}b.", "not a dictionary");
    refuse("INST", "\x80\x02(ios\nsystem\n.", "instruction 0x69");
    refuse("OBJ", "\x80\x02(" + pickle::global("torch", "Size") + "o.", "instruction 0x6f");
    refuse("a text id", "\x80\x02Pid\n.", "instruction 0x50");
    refuse("an extension", std::string("\x80\x02\x82\x01.", 5), "instruction 0x82");
}

void TestPickleReader::addBroken() {
    refuse("empty", "", "ends without a STOP");
    refuse("no STOP", "\x80\x02N", "ends without a STOP");
    refuse("unknown instruction", "\x80\x02\xff.", "instruction 0xff");
    refuse("protocol 6", "\x80\x06N.", "protocol 6");
    refuse("nothing at all", "\x80\x02.", "empty stack");
    refuse("two values", "\x80\x02NN.", "values left over");
    refuse("a mark left", "\x80\x02(N.", "values left over");
    refuse("underflow", "\x80\x02N\x86.", "empty stack");
    refuse("underflow at a mark", "\x80\x02N(\x85.", "empty stack");
    refuse("setitem underflow", "\x80\x02}Ns.", "empty stack");
    refuse("reduce underflow", "\x80\x02)R.", "empty stack");
    refuse("no mark", "\x80\x02Nt.", "mark that is not on the stack");
    refuse("odd items", "\x80\x02}(Nu.", "key without a value");
    refuse("items into a list", "\x80\x02](NNu.", "not a dictionary");
    refuse("append to a dictionary", "\x80\x02}Na.", "not a list");
    refuse("get of nothing", std::string("\x80\x02h\x00.", 5), "noted value 0 of 0");
    refuse("long get", std::string("\x80\x02Nq\0j\xff\xff\xff\xff.", 11), "noted value 4294967295 of 1");
    refuse("put far away", std::string("\x80\x02Nr\xff\xff\xff\x7f.", 9), "as number 2147483647");
    refuse("text beyond the end",
           std::string("\x80\x02X\xff\xff\xff\xff"
                       "abc.",
                       11),
           "needs 4294967295 bytes more");
    refuse("wide text beyond the end", "\x80\x04\x8d" + test::raw(~std::uint64_t{0}) + ".", "is cut");
    refuse("frame beyond the end", "\x80\x04\x95" + test::raw(std::uint64_t{100}) + "N.",
           "needs 100 bytes more");
    refuse("long beyond the end", std::string("\x80\x02\x8b\xff\xff\xff\xffN.", 9), "is cut");
    refuse("a name without an end",
           "\x80\x02"
           "ctorch\nSize",
           "cut inside a name");
    refuse("names that are numbers", "\x80\x04NN\x93.", "not text");
}

void TestPickleReader::addTensors() {
    const auto huge = std::int64_t{1} << 62U;
    const auto one = pickle::wholes({1});
    const auto at = pickle::whole(0);
    refuse("offset", with(pickle::tensor("0", 4, 4, {1}, {1})), "5 elements");
    refuse("size", with(pickle::tensor("0", 4, 0, {5}, {1})),
           "5 elements, counted from the start of storage \"0\", which has 4");
    refuse("stride", with(pickle::tensor("0", 4, 0, {2, 2}, {3, 1})), "5 elements");
    refuse("empty behind the end", with(pickle::tensor("0", 4, 5, {0}, {1})), "5 elements");
    refuse("overflowing stride", with(pickle::tensor("0", 4, 0, {3}, {huge})), "more than the file's");
    refuse("overflowing sum", with(pickle::tensor("0", 4, 0, {3, 2}, {huge, huge})), "more than the file's");
    refuse("overflowing shape", with(pickle::tensor("0", 4, 0, {huge, huge}, {0, 0})),
           "more than the file's");
    refuse("overflowing empty shape", with(pickle::tensor("0", 4, 0, {huge, huge, 0}, {0, 0, 0})),
           "more than");
    refuse("expanded beyond the file", with(pickle::tensor("0", 4, 0, {huge}, {0})), "more than the file's");
    refuse("negative offset", with(pickle::tensor("0", 4, -1, {1}, {1})), "negative");
    refuse("negative size", with(pickle::tensor("0", 4, 0, {-1}, {1})), "negative");
    refuse("negative stride", with(pickle::tensor("0", 4, 3, {2}, {-1})), "negative");
    refuse("negative storage", with(pickle::tensor("0", -4, 0, {1}, {1})), "storage by something else");
    refuse("storage beyond the file", with(pickle::tensor("0", 251, 0, {1}, {1})),
           "251 elements, more than the file's 1000");
    refuse("storage of 2^62", with(pickle::tensor("0", huge, 0, {1}, {1})),
           "more than the file's 1000 bytes");
    refuse("more sizes than strides", with(pickle::tensor("0", 4, 0, {1, 1}, {1})), "size or stride");
    refuse(
        "65 dimensions",
        with(pickle::tensor("0", 4, 0, std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1))),
        "size or stride");
    refuse("sizes that are text", with(rebuilt(floats(4), at, pickle::text("1"), one)), "size or stride");
    refuse("an offset that is text", with(rebuilt(floats(4), pickle::text("0"), one, one)), "offset");
    refuse("no storage", with(rebuilt("N", at, one, one)), "not a storage");
    refuse("too few arguments",
           with(pickle::global("torch._utils", "_rebuild_tensor_v2") + "(" + floats(4) + "tR"),
           "not a storage");
    refuse("untyped without a dtype", with(rebuilt(pickle::storage("UntypedStorage", "0", 4), at, one, one)),
           "without saying of which type");
    refuse("another tag", with(rebuilt(pickle::storage("FloatStorage", "0", 4, "module"), at, one, one)),
           "outside of it that is not a storage");
    refuse("an id that is text", with(pickle::text("id") + "Q"), "that is not a storage");
    refuse("a storage of type Size", with(pickle::storage("Size", "0", 4)), "type that is none");
    refuse("a parameter of nothing",
           with(pickle::global("torch._utils", "_rebuild_parameter") + "N\x89N\x87R"), "does not take");
    refuse("a dictionary of a number", with(pickle::global("collections", "OrderedDict") + "N\x85R"),
           "not a list");
    refuse("a dictionary of numbers", with(pickle::global("collections", "OrderedDict") + "]Na\x85R"),
           "not pairs");
}

void TestPickleReader::hostilePicklesAreRefused_data() {
    QTest::addColumn<std::string>("bytes");
    QTest::addColumn<std::string>("says");
    addForbidden();
    addBroken();
    addTensors();
}

void TestPickleReader::hostilePicklesAreRefused() {
    QFETCH(std::string, bytes);
    QFETCH(std::string, says);
    const auto objects = read(bytes);
    QVERIFY(!objects.has_value());
    QCOMPARE(objects.error().kind, Error::Kind::Input);
    QCOMPARE(objects.error().where, std::string("some.bin"));
    QVERIFY2(objects.error().message.find(says) != std::string::npos, objects.error().message.c_str());
}

void TestPickleReader::everyTruncationIsRefused() {
    const std::string whole = pickle::dict({{"a", pickle::tensor("0", 3, 0, {3}, {1})}});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string cut = whole.substr(0, length);
        QVERIFY2(!read(cut).has_value(), qPrintable(QString::number(length)));
    }
    QVERIFY(read(whole).has_value());
}

/// Each tuple holds the one before twice: 2^100 items to whoever unfolds them.
void TestPickleReader::chainsOfTuplesTakeNoMemory() {
    std::string bytes = "\x80\x02)" + std::string("q\0", 2) + "0";
    for (char i = 0; i < 100; ++i)
        bytes += std::string("h") + i + "h" + i + "\x86q" + static_cast<char>(i + 1) + "0";
    const std::string all = bytes + "h\x64.";
    const auto objects = read(all);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    QCOMPARE(objects->pool.size(), std::size_t{200});
}

void TestPickleReader::depthIsNoProblem() {
    const std::string bytes = "\x80\x02" + std::string(100'000, ']') + std::string(99'999, 'a') + ".";
    const auto objects = read(bytes);
    QVERIFY2(objects.has_value(), objects.has_value() ? "" : objects.error().text().c_str());
    QVERIFY(!pickledTensors(*objects, "some.bin").has_value());
}

void TestPickleReader::memoryIsBounded_data() {
    QTest::addColumn<std::string>("repeated");
    QTest::newRow("values") << std::string("N");
    QTest::newRow("marks") << std::string("(");
    QTest::newRow("lists") << std::string("]0");
    QTest::newRow("dictionaries") << std::string("}0");
    QTest::newRow("notes") << std::string("\x94");
    QTest::newRow("tuples") << std::string("NNN\x87"
                                           "0");
    QTest::newRow("objects") << pickle::global("collections", "OrderedDict") + ")R0";
}

void TestPickleReader::memoryIsBounded() {
    QFETCH(std::string, repeated);
    std::string bytes = "\x80\x02N";
    while (bytes.size() < 8'000'000)
        bytes += repeated;
    const auto objects = read(bytes); // as if the file were small and the pickle of another size
    QVERIFY(!objects.has_value());
    QVERIFY2(objects.error().message.find("more memory") != std::string::npos,
             objects.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestPickleReader)
#include "tst_pickle_reader.moc"
