#pragma once

#include "core/session/trial_pictures.h"

#include <QWidget>

class QLabel;

namespace lathe {

class AllocationView;
class SimplexView;

/// What some methods have to show beside the curves of a run: where the parameters went, the loss over a
/// simplex. Nothing of it is there for the others.
class MethodViews : public QWidget {
    Q_OBJECT
public:
    explicit MethodViews(QWidget* parent = nullptr);

    /// `folder`: of the trial; empty: none. `method`: id of what it trains by.
    void follow(const QString& folder, const QString& method);
    void refreshSoon(); ///< the trial has gone on
    void retranslate();

private:
    void take();

    TrialPictureReader m_reader;
    QString m_method;
    AllocationView* m_allocation;
    SimplexView* m_simplex;
    QLabel* m_problem;
};

} // namespace lathe
