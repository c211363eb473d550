#pragma once

#include "core/session/dataset_view.h"
#include "core/session/split_table_model.h"

namespace lathe {

/// Which rows train, which evaluate, and how many of each label there are.
class DatasetSplits : public DatasetView {
    Q_OBJECT
public:
    using Divide = std::function<Result<DatasetSplit>(const DatasetInput&, const std::stop_token&)>;

    DatasetSplits(Divide divide, QThreadPool& pool, QObject* parent = nullptr);

    [[nodiscard]] SplitTableModel& counts() { return m_counts; }

protected:
    void ask() override;
    void clear() override;

private:
    Divide m_divide;
    SplitTableModel m_counts;
};

} // namespace lathe
