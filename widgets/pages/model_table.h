#pragma once

#include "core/session/model_table_model.h"

#include <QTableView>

namespace lathe {

/// The table of the models, sorted and filtered, with colours and signs. Its name column is as wide as the
/// names, as long as the methods have room beside it and the user has not made it another width.
class ModelTable : public QTableView {
    Q_OBJECT
public:
    explicit ModelTable(ModelTableModel& models, QWidget* parent = nullptr);

    [[nodiscard]] ModelSortModel& sorted() const { return *m_sorted; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void setUpColumns();
    [[nodiscard]] int widthOf(int column) const;
    void fitName();

    ModelSortModel* m_sorted;
    bool m_isFitting = false;
    bool m_isNameByHand = false;
};

} // namespace lathe
