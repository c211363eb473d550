#pragma once

#include "core/session/session_parts.h"

#include <QDialog>

#include <functional>

class QLabel;

namespace lathe {

class PlacesView;
class RecipeDraft;

/// Where the recipe's adapter goes, as a picture to click on. Every change goes into the draft at once and
/// can be undone there. open() it; it deletes itself when it is closed.
class PlacesDialog : public QDialog {
    Q_OBJECT
public:
    /// Contract: the cost has places. The draft outlives the dialog.
    PlacesDialog(RecipeDraft& draft, const RecipeCost& cost, QWidget* parent);

    /// What the draft costs now.
    void showCost(const RecipeCost& cost);

private:
    void choose(const std::function<bool(const AdapterPlace&)>& isOn);
    void write();
    [[nodiscard]] QWidget* makeChoices();

    RecipeDraft& m_draft;
    PlacesView* m_view;
    QLabel* m_count;
    QLabel* m_texts;
};

} // namespace lathe
