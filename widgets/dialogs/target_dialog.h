#pragma once

#include <QDialog>

#include <functional>

class QLabel;
class QLineEdit;
class QPushButton;

namespace lathe {

/// Asks where to write something: a line with a ready answer, so that Enter is enough, and a button that
/// looks around. open() it; it deletes itself when it is closed.
class TargetDialog : public QDialog {
    Q_OBJECT
public:
    enum class Kind { Folder, CsvFile };

    TargetDialog(Kind kind, const QString& title, const QString& explanation, const QString& suggestion,
                 QWidget* parent);

Q_SIGNALS:
    void chosen(const QString& path); ///< absolute; what it names may exist

private:
    void browse();
    void check();
    void finish();

    Kind m_kind;
    QLineEdit* m_path;
    QLabel* m_note;
    QPushButton* m_write;
};

} // namespace lathe
