#include "core/session/simplex_file.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <limits>

namespace lathe {

namespace {

using Json = nlohmann::json;

/// JSON has no infinite numbers: a loss that was none is null.
double lossFrom(const Json& json) {
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::vector<double> lossesFrom(const Json& json) {
    std::vector<double> losses;
    for (const Json& loss : json)
        losses.push_back(lossFrom(loss));
    return losses;
}

SimplexLoss lossOf(const Json& json) {
    SimplexLoss loss;
    loss.vertices = json.at("vertices").get<std::size_t>();
    for (const Json& point : json.at("grid"))
        loss.grid.push_back({point.at("alpha").get<std::vector<double>>(), lossFrom(point.at("train")),
                             lossFrom(point.at("validation"))});
    for (const Json& edge : json.at("edges"))
        loss.edges.push_back({edge.at("from").get<std::size_t>(), edge.at("to").get<std::size_t>(),
                              edge.at("t").get<std::vector<double>>(), lossesFrom(edge.at("train")),
                              lossesFrom(edge.at("validation"))});
    return loss;
}

} // namespace

Result<std::optional<SimplexLoss>> readSimplexLoss(const std::filesystem::path& folder) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(folder / kSimplexLossRecord, unreadable))
        return std::optional<SimplexLoss>();
    LATHE_ASSIGN(const std::string text, readFile(folder / kSimplexLossRecord));
    SimplexLoss loss;
    try {
        loss = lossOf(Json::parse(text));
    } catch (const Json::exception& problem) {
        return inputError(kSimplexLossRecord, std::string("is no record of losses over a simplex: ") +
                                                  problem.what() +
                                                  "; it is written anew when the trial is run again");
    }
    if (const Status sound = check(loss); !sound.has_value())
        return inputError(kSimplexLossRecord, sound.error().text());
    return std::optional(std::move(loss));
}

} // namespace lathe
