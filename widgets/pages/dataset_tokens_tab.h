#pragma once

#include "core/session/dataset_preview.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QSpinBox;
class QStackedLayout;
class QTableView;
class QToolButton;

namespace lathe {

class TokenLegend;
class TokenText;

/// A row as the model will see it: its tokens in colours, with those no loss is taken on struck through; as a
/// table where that is wished for.
class DatasetTokensTab : public QWidget {
    Q_OBJECT
public:
    explicit DatasetTokensTab(DatasetPreview& preview, QWidget* parent = nullptr);

    void goTo(std::size_t row);
    void retranslate();

Q_SIGNALS:
    void rowChosen(std::size_t row); ///< by its number or the arrows here

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeTools();
    void setUpTable();
    void update();
    void updateFacts();

    DatasetPreview& m_preview;
    QLabel* m_rowLabel;
    QSpinBox* m_row;
    QToolButton* m_previous;
    QToolButton* m_next;
    QLabel* m_facts;
    QCheckBox* m_asTable;
    QLabel* m_problem;
    TokenLegend* m_legend;
    QStackedLayout* m_stack;
    TokenText* m_text;
    QTableView* m_table;
};

} // namespace lathe
