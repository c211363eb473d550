#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"
#include "core/params/param_schema.h"
#include "core/session/background_job.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

/// Adapters that are to become one.
struct CombineOrder {
    std::vector<AdapterChoice> adapters; ///< with their weights
    ParamValues options;
    std::filesystem::path target;
};

/// What would come of an order.
struct CombineForecast {
    std::filesystem::path model; ///< the base of all of them
    std::int64_t rank = 0;
    std::int64_t parameters = 0;
    bool isExact = false; ///< it does what all adapters do at once, by the mathematics
    std::vector<std::string> notes;
};

/// What came of it.
struct CombineOutcome {
    CombineForecast forecast;
    std::filesystem::path folder;
    std::optional<double> difference; ///< largest of a logit from all adapters at once; nothing: not compared
    std::string comparedOn;           ///< or why it was not
    double lacking = 0;               ///< of the weighted sum of the weights, as a share
};

/// What the composition root plugs in; the functions are called on pool threads.
struct CombineParts {
    ParamSchema schema;
    std::function<Result<CombineForecast>(const CombineOrder&)> forecast; ///< empty: nothing can be combined
    using Progress = std::function<void(const std::string& phase, std::uint64_t done, std::uint64_t total)>;
    std::function<Result<CombineOutcome>(const CombineOrder&, std::stop_token, const Progress&)> combine;
};

/// Makes one adapter out of several in the background.
class AdapterCombiner : public QObject {
    Q_OBJECT
public:
    explicit AdapterCombiner(CombineParts parts, QObject* parent = nullptr);
    ~AdapterCombiner() override; ///< stops what runs and waits for it

    [[nodiscard]] const ParamSchema& schema() const { return m_parts.schema; }
    [[nodiscard]] bool isBusy() const { return m_isBusy; }

    /// forecastReady() or refused() follows; only the newest question is answered.
    void requestForecast(const CombineOrder& order);
    /// Drops the question that has no answer yet.
    void forgetForecast() { static_cast<void>(m_questions.ask()); }
    /// finished() or failed() follows. Contract: not busy.
    void start(const CombineOrder& order);
    void stop();

Q_SIGNALS:
    void forecastReady(const lathe::CombineForecast& forecast);
    void refused(const QString& why);
    void progressed(const QString& phase, double share); ///< share in [0, 1]; below 0: not known
    void finished(const lathe::CombineOutcome& outcome);
    void failed(const QString& message); ///< empty: it was stopped

private:
    CombineParts m_parts;
    LatestOnly m_questions;
    std::stop_source m_stop;
    bool m_isBusy = false;
    QThreadPool m_pool; // last: its jobs use what is above
};

} // namespace lathe
