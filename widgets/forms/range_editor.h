#pragma once

#include "core/params/study_spec.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace lathe {

/// Edits where to search one parameter: low and high with a logarithmic switch, or a list ("8, 16, 32"), for
/// numbers; a box for each value of a choice; true and false need no editing.
class RangeEditor : public QWidget {
    Q_OBJECT
public:
    RangeEditor(const ParamSpec& spec, QWidget* parent);

    /// Nothing while what is there cannot be read; `problem()` says why.
    [[nodiscard]] std::optional<SearchDimension> dimension() const;
    [[nodiscard]] QString problem() const;
    /// Announces nothing.
    void setDomain(const Domain& domain);
    /// A range around a value, for a field that is searched for the first time.
    void suggestFrom(const ParamValue& value);
    void retranslate();

Q_SIGNALS:
    void edited();

private:
    void addNumberEditors();
    void addChoiceBoxes(const ChoiceDomain& choices);
    void showMode();
    [[nodiscard]] Result<SearchDimension> read() const;
    [[nodiscard]] std::string valuesText() const;

    ParamSpec m_spec;
    QComboBox* m_mode = nullptr;
    QLineEdit* m_low = nullptr;
    QLineEdit* m_high = nullptr;
    QLabel* m_to = nullptr;
    QCheckBox* m_log = nullptr;
    QLineEdit* m_list = nullptr;
    QList<QCheckBox*> m_choices;
    QLabel* m_note = nullptr;
};

} // namespace lathe
