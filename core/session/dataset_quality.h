#pragma once

#include "core/session/dataset_view.h"
#include "core/session/finding_table_model.h"

namespace lathe {

/// What is wrong with the rows.
class DatasetQuality : public DatasetView {
    Q_OBJECT
public:
    using Check = std::function<Result<std::vector<QualityFinding>>(const DatasetInput&, const JobProgress&,
                                                                    const std::stop_token&)>;
    DatasetQuality(Check check, QThreadPool& pool, QObject* parent = nullptr);

    [[nodiscard]] FindingTableModel& findings() { return m_findings; }

protected:
    void ask() override;
    void clear() override;

private:
    Check m_check;
    FindingTableModel m_findings;
};

} // namespace lathe
