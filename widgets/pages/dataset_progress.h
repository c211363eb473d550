#pragma once

#include "core/session/dataset_view.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace lathe {

/// How far something about the data is worked out, with a way to stop it; hidden while nothing goes on.
class DatasetProgress : public QWidget {
    Q_OBJECT
public:
    /// `name`: beginning of the object names.
    DatasetProgress(DatasetView& view, const QString& name, QWidget* parent = nullptr);

    /// What is done: "Counting tokens".
    void setText(const QString& text);

private:
    void update();

    DatasetView& m_view;
    QString m_what;
    QLabel* m_text;
    QProgressBar* m_bar;
    QPushButton* m_cancel;
};

} // namespace lathe
