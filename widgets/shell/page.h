#pragma once

#include "core/base/ids.h"

#include <QString>
#include <QWidget>

#include <optional>

class QAbstractItemView;
class QLineEdit;

namespace lathe {

class RecipeDraft;

enum class PageId { Start, Recipe, Live, Runs, Models, Chat, Data, Evaluate, Study };

/// A run a page is about: what "Export adapter…" and the like work on.
struct RunChoice {
    StudyId study;
    TrialId trial;
    QString name;
    QString adapterFolder; ///< empty: it has no adapter yet
};

/// One page of the window. It owns its texts and its actions: retranslate() is called when the language
/// changes.
class Page : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;

    /// The page came to the front: the place to set the focus.
    virtual void entered() {}
    /// Where Ctrl+F goes; null: the page has no filter.
    [[nodiscard]] virtual QLineEdit* filterEdit() const { return nullptr; }
    /// What undo and redo work on while the page is in front; null: on the project's recipe.
    [[nodiscard]] virtual RecipeDraft* history() const { return nullptr; }
    [[nodiscard]] virtual std::optional<RunChoice> chosenRun() const { return std::nullopt; }

Q_SIGNALS:
    void chosenRunChanged(); ///< another run, or it has an adapter now

protected:
    virtual void retranslate() = 0;
    void changeEvent(QEvent* event) override;
};

/// Keys in a filter: Down and Enter lead to the rows it leaves, Esc empties it and leads there too.
void joinFilter(QLineEdit& filter, QAbstractItemView& rows);

} // namespace lathe
