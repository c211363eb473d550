#pragma once

#include "core/session/dataset_view.h"
#include "core/session/token_table_model.h"

namespace lathe {

/// One row as the model will see it: the very tokens and masks that a training takes of it.
class DatasetPreview : public DatasetView {
    Q_OBJECT
public:
    DatasetPreview(std::function<Result<DatasetRow>(const DatasetInput&, std::size_t)> look,
                   QThreadPool& pool, QObject* parent = nullptr);

    [[nodiscard]] std::size_t row() const { return m_row; }
    void setRow(std::size_t row);
    /// Of the last answer; empty where there is none.
    [[nodiscard]] const DatasetRow& shown() const { return m_shown; }
    [[nodiscard]] TokenTableModel& tokens() { return m_tokens; }

protected:
    void ask() override;
    void clear() override;

private:
    std::function<Result<DatasetRow>(const DatasetInput&, std::size_t)> m_look;
    std::size_t m_row = 0;
    DatasetRow m_shown;
    TokenTableModel m_tokens;
};

} // namespace lathe
