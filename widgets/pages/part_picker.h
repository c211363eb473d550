#pragma once

#include "core/session/offered_part.h"

#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QComboBox;
class QDialog;
class QToolButton;

namespace lathe {

class ParamForm;

/// One of several parts, with a form of the chosen one's options in a dialog that a button opens. What was
/// set in a part is kept while another one is chosen.
///
/// Object names begin with `name`: "studyMethod" makes "studyMethodBox", "studyMethodOptionsButton",
/// "studyMethodOptions", and "studyMethod_startupEditor" for the option "startup".
class PartPicker : public QWidget {
    Q_OBJECT
public:
    explicit PartPicker(const QString& name, QWidget* parent = nullptr);

    /// What there is to choose; the first one is chosen.
    void offer(std::vector<OfferedPart> parts);
    void setAccessibleNames(const QString& choice, const QString& options);

    /// Empty if nothing is offered.
    [[nodiscard]] std::string id() const;
    /// Those of the chosen part that differ from their defaults.
    [[nodiscard]] ParamValues options() const;
    /// What is wrong with an option; empty: nothing.
    [[nodiscard]] QString problem() const;

    void retranslate();

Q_SIGNALS:
    void edited(); ///< another part, or another value of an option

private:
    [[nodiscard]] const OfferedPart* chosen() const;
    [[nodiscard]] ParamValues shownValues() const;
    void takeOptions();
    void openOptions();
    void updateTip();

    QString m_name;
    QComboBox* m_box;
    QToolButton* m_more;
    QDialog* m_dialog;
    ParamForm* m_form;
    std::vector<OfferedPart> m_parts; // parallel to the rows of m_box
    std::string m_shownId;            // whose options are in m_form
    std::map<std::string, ParamValues> m_kept;
};

} // namespace lathe
