#pragma once

#include <QDialog>
#include <QVector>

#include <functional>

class QComboBox;
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

    struct Form {
        QString id;
        QString label;
        QString help; ///< told below the choice
    };
    /// A choice above the place; the first one is taken at first. Contract: not empty.
    void offerForms(const QVector<Form>& forms);
    /// The id of the form that is chosen; empty where none were offered.
    [[nodiscard]] QString form() const;

Q_SIGNALS:
    void chosen(const QString& path); ///< absolute; what it names may exist

private:
    void browse();
    void check();
    void finish();

    Kind m_kind;
    QComboBox* m_form = nullptr; ///< there once forms are offered
    QLineEdit* m_path;
    QLabel* m_note;
    QPushButton* m_write;
};

} // namespace lathe
