#pragma once

#include "core/store/study_reader.h"
#include "core/store/study_writer.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

namespace lathe::test {

/// The value, or a failed test that says why there is none.
template <typename T>
T need(Result<T> result) {
    if (!result.has_value())
        qFatal("%s", result.error().text().c_str());
    return std::move(result).value();
}

inline void need(const Status& status) {
    if (!status.has_value())
        qFatal("%s", status.error().text().c_str());
}

/// QCOMPARE finds lathe::toString for a TrialState itself and cannot use its answer.
inline QString nameOf(TrialState state) {
    const std::string_view name = toString(state);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

inline StudySpec sampleSpec() {
    StudySpec spec;
    spec.name = "first, \"quoted\" näme";
    spec.fixed = {{"rank", std::int64_t{8}}, {"learning_rate", 3e-4}, {"model", std::string("base")}};
    spec.trialCount = 3;
    spec.seed = 0xFFFF'FFFF'FFFF'FFFEU;
    return spec;
}

inline NewTrial sampleTrial(StudyId study, std::int64_t number = 0) {
    return {study, number, sampleSpec().fixed, 0x8000'0000'0000'0001U + static_cast<std::uint64_t>(number)};
}

} // namespace lathe::test
