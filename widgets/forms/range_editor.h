#pragma once

#include "core/params/study_spec.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace lathe {

/// Edits where to search one parameter: low and high with a logarithmic switch and a step, or a list ("8, 16,
/// 32"), for numbers; a box for each value of a choice; true and false need no editing. Bounds that follow
/// from other parameters are kept and shown, not edited.
class RangeEditor : public QWidget {
    Q_OBJECT
public:
    RangeEditor(const ParamSpec& spec, QWidget* parent);

    /// Nothing while what is there cannot be read; `problem()` says why.
    [[nodiscard]] std::optional<SearchDimension> dimension() const;
    [[nodiscard]] QString problem() const;
    /// Announces nothing.
    void setDomain(const Domain& domain);
    /// The domain, and its bounds. Announces nothing.
    void setDimension(const SearchDimension& dimension);
    /// A range around a value, for a field that is searched for the first time.
    void suggestFrom(const ParamValue& value);
    void retranslate();

Q_SIGNALS:
    void edited();

private:
    void addNumberEditors();
    void connectNumberEditors();
    void addChoiceBoxes(const ChoiceDomain& choices);
    void showMode();
    [[nodiscard]] Result<SearchDimension> read() const;
    [[nodiscard]] std::string valuesText() const;
    [[nodiscard]] std::string rangeText() const;
    void setRange(const QString& low, const QString& high, const QString& step, Qt::CheckState log);
    void showBounds();

    ParamSpec m_spec;
    QComboBox* m_mode = nullptr;
    QLineEdit* m_low = nullptr;
    QLineEdit* m_high = nullptr;
    QLabel* m_to = nullptr;
    QCheckBox* m_log = nullptr;
    QLineEdit* m_step = nullptr;
    QLineEdit* m_list = nullptr;
    QList<QCheckBox*> m_choices;
    QLabel* m_note = nullptr;
    std::string m_atLeast;
    std::string m_atMost;
};

} // namespace lathe
