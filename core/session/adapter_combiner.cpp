#include "core/session/adapter_combiner.h"

#include "core/base/contract.h"
#include "core/session/text.h"

namespace lathe {

AdapterCombiner::AdapterCombiner(CombineParts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)) {
    m_pool.setMaxThreadCount(1); // a forecast does not read beside a combination
}

AdapterCombiner::~AdapterCombiner() {
    m_stop.request_stop();
    m_pool.waitForDone();
}

void AdapterCombiner::requestForecast(const CombineOrder& order) {
    LATHE_EXPECT(m_parts.forecast != nullptr);
    const std::uint64_t question = m_questions.ask();
    runInBackground(
        m_pool, *this, [this, order] { return m_parts.forecast(order); },
        [this, question](const Result<CombineForecast>& forecast) {
            if (!m_questions.isNewest(question))
                return;
            if (forecast.has_value())
                Q_EMIT forecastReady(*forecast);
            else
                Q_EMIT refused(toQString(forecast.error().text()));
        });
}

void AdapterCombiner::start(const CombineOrder& order) {
    LATHE_EXPECT(!m_isBusy && m_parts.combine != nullptr);
    m_isBusy = true;
    m_stop = std::stop_source();
    const auto tell = [this](const std::string& phase, std::uint64_t done, std::uint64_t total) {
        const double share = total == 0 ? -1 : static_cast<double>(done) / static_cast<double>(total);
        QMetaObject::invokeMethod(
            this, [this, phase = toQString(phase), share] { Q_EMIT progressed(phase, share); },
            Qt::QueuedConnection);
    };
    runInBackground(
        m_pool, *this,
        [this, order, tell, stop = m_stop.get_token()] { return m_parts.combine(order, stop, tell); },
        [this](const Result<CombineOutcome>& outcome) {
            m_isBusy = false;
            if (outcome.has_value())
                Q_EMIT finished(*outcome);
            else
                Q_EMIT failed(outcome.error().kind == Error::Kind::Cancelled
                                  ? QString()
                                  : toQString(outcome.error().text()));
        });
}

void AdapterCombiner::stop() { m_stop.request_stop(); }

} // namespace lathe
