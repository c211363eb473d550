#include "core/adapter/support_table.h"

#include "core/adapter/adapter_method.h"

#include <map>

namespace lathe {

namespace {

/// Families whose checkpoints name the class they are for, and the one that answers with tokens.
std::string classOf(const std::string& family) {
    static const std::map<std::string, std::string> classes{
        {"bert", R"(,"architectures":["BertForMaskedLM"])"},
        {"roberta", R"(,"architectures":["RobertaForMaskedLM"])"},
        {"xlm-roberta", R"(,"architectures":["XLMRobertaForMaskedLM"])"},
        {"distilbert", R"(,"architectures":["DistilBertForMaskedLM"])"}};
    const auto it = classes.find(family);
    return it == classes.end() ? std::string() : it->second;
}

} // namespace

std::vector<SupportCell> supportTable() {
    std::vector<SupportCell> cells;
    for (const PartInfo& info : adapterMethods().list()) {
        const auto method = adapterMethods().make(info.id);
        LATHE_EXPECT(method.has_value());
        const ParamValues values = defaults(method.value()->options());
        for (const std::string& family : supportedArchitectures()) {
            SupportCell cell{info.id, family, {}};
            const auto model =
                parseModelSummary(R"({"model_type":")" + family + "\"" + classOf(family) + "}", family);
            if (!model.has_value()) {
                cell.reason = model.error().message;
            } else if (const auto problems = method.value()->check(model.value(), values);
                       !problems.empty()) {
                cell.reason = problems.front().message;
            }
            cells.push_back(std::move(cell));
        }
    }
    return cells;
}

} // namespace lathe
