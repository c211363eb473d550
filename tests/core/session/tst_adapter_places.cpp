#include "core/session/adapter_places.h"

#include <QtTest>

using namespace lathe;

namespace {

/// Three layers of a model with these columns, all off.
std::vector<AdapterPlace> modelOf(const std::vector<std::string>& columns) {
    std::vector<AdapterPlace> places;
    for (int layer = 0; layer < 3; ++layer)
        for (const std::string& column : columns)
            places.push_back({"h." + std::to_string(layer) + "." + column, column, layer,
                              column.starts_with("mlp"), false});
    return places;
}

const std::vector<std::string> kLlama{"self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"};
const std::vector<std::string> kGpt2{"attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"};
const std::vector<std::string> kBert{"attention.output.dense", "output.dense"};

/// Turns on what the predicate says.
template <typename Predicate>
std::vector<AdapterPlace> with(std::vector<AdapterPlace> places, const Predicate& predicate) {
    for (AdapterPlace& place : places)
        place.isOn = predicate(place);
    return places;
}

} // namespace

class TestAdapterPlaces : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingAndEverything();
    void modulesInAllLayers();
    void modulesInSomeLayers();
    void namesThatOthersShareAreLonger();
    void aNameThatEndsInAnotherIsLeftOut();
    void singlePlacesAreLeftOut();
};

void TestAdapterPlaces::nothingAndEverything() {
    QVERIFY(targetTexts(modelOf(kLlama)) == TargetTexts{});
    const auto all = with(modelOf(kLlama), [](const AdapterPlace&) { return true; });
    QVERIFY((targetTexts(all) == TargetTexts{"all-linear", "", ""}));
}

void TestAdapterPlaces::modulesInAllLayers() {
    const auto places = with(modelOf(kLlama), [](const AdapterPlace& p) { return !p.isFeedForward; });
    QVERIFY((targetTexts(places) == TargetTexts{"q_proj,v_proj", "", ""}));
}

void TestAdapterPlaces::modulesInSomeLayers() {
    const auto places =
        with(modelOf(kLlama), [](const AdapterPlace& p) { return !p.isFeedForward && p.layer > 0; });
    QVERIFY((targetTexts(places) == TargetTexts{"q_proj,v_proj", "1-2", ""}));
    const auto ends = with(modelOf(kLlama), [](const AdapterPlace& p) { return p.layer != 1; });
    QVERIFY((targetTexts(ends) == TargetTexts{"q_proj,v_proj,up_proj", "0,2", ""}));
}

void TestAdapterPlaces::namesThatOthersShareAreLonger() {
    const auto places = with(modelOf(kGpt2), [](const AdapterPlace& p) { return p.isFeedForward; });
    QVERIFY((targetTexts(places) == TargetTexts{"c_fc,mlp.c_proj", "", ""}));
}

void TestAdapterPlaces::aNameThatEndsInAnotherIsLeftOut() {
    const auto places =
        with(modelOf(kBert), [](const AdapterPlace& p) { return p.column == "output.dense"; });
    QVERIFY((targetTexts(places) == TargetTexts{"output.dense", "", "attention.output.dense"}));
}

void TestAdapterPlaces::singlePlacesAreLeftOut() {
    const auto places = with(modelOf(kLlama), [](const AdapterPlace& p) {
        return !p.isFeedForward && !(p.layer == 1 && p.column == "self_attn.v_proj");
    });
    QVERIFY((targetTexts(places) == TargetTexts{"q_proj,v_proj", "", "h.1.self_attn.v_proj"}));
}

QTEST_GUILESS_MAIN(TestAdapterPlaces)
#include "tst_adapter_places.moc"
