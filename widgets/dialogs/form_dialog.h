#pragma once

#include "core/params/param_schema.h"

#include <QDialog>

class QLabel;
class QPushButton;

namespace lathe {

class ParamForm;

/// A few fields drawn from a schema, and one thing that is done with them. What is wrong is told at its field
/// and keeps the button from being pressed.
class FormDialog : public QDialog {
    Q_OBJECT
public:
    struct Texts {
        QString title;
        QString explanation;
        QString button; ///< with its mnemonic
    };
    /// The texts of the schema are English and translated as those of the recipe are.
    FormDialog(const Texts& texts, ParamSchema schema, const ParamValues& values, QWidget* parent);

    [[nodiscard]] ParamValues values() const;
    /// What would come of it, under the fields; empty: nothing to say.
    void setOutlook(const QString& outlook);

Q_SIGNALS:
    void edited(); ///< a field, by the user
    void chosen(const lathe::ParamValues& values);

private:
    void check();

    ParamForm* m_form;
    QLabel* m_outlook;
    QPushButton* m_do;
};

} // namespace lathe
