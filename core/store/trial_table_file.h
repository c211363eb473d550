#pragma once

#include "core/store/export_target.h"
#include "core/store/study_reader.h"

#include <string>

namespace lathe {

/// All trials as CSV: header "number,state,objective,seconds,steps,<further objectives>,<searched
/// keys>,reason", quoted as RFC
/// 4180 says, lines ended by \n, numbers in their shortest exact form. A searched key whose condition does
/// not hold is empty, as is the objective of a trial that has none.
[[nodiscard]] std::string trialTableCsv(const StudyContent& content);

/// The same as one JSON object: {"study": the StudySpec, "trials": [{"number", "state", "objective",
/// "seconds", "steps", "seed", "params", "curve": [[step, value], …], "reason"}]}, and "further_objectives":
/// {metric: value} where there are several. Not-a-number and
/// infinities are the texts "nan", "inf" and "-inf"; what is not there is null.
[[nodiscard]] std::string trialTableJson(const StudyContent& content);

/// Writes the text whole or not at all. Input error: see checkExportTarget(); Io error if it cannot be
/// written.
[[nodiscard]] Status writeTrialTable(const std::string& text, const std::filesystem::path& target,
                                     Existing existing);

} // namespace lathe
