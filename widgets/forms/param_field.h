#pragma once

#include "core/params/param_schema.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace lathe {

class DomainEditor;
class RangeEditor;

/// One row of a ParamForm: label, editor (or range, when searched), unit, reset dot, search toggle, and the
/// problem below.
class ParamField : public QWidget {
    Q_OBJECT
public:
    ParamField(const ParamSpec& spec, QWidget* parent);

    [[nodiscard]] const ParamSpec& spec() const { return m_spec; }
    [[nodiscard]] ParamValue value() const;
    void setValue(const ParamValue& value);
    [[nodiscard]] QString readProblem() const; ///< of the text or range on the screen
    void showProblem(const QString& problem);
    /// What is worth knowing of the value; it hinders nothing.
    void showNote(const QString& note);

    void setSearchOffered(bool isOffered);
    [[nodiscard]] bool isSearched() const;
    void setSearched(bool isSearched);
    [[nodiscard]] RangeEditor* range() const { return m_range; }

    [[nodiscard]] QLabel* label() const { return m_label; }
    [[nodiscard]] QWidget* control() const;
    [[nodiscard]] QList<QWidget*> tabStops() const;
    [[nodiscard]] bool matches(const QStringList& words) const;
    void retranslate();

Q_SIGNALS:
    void edited();      ///< the value, by the user
    void rangeEdited(); ///< the search toggle or the range, by the user

private:
    void addButtons();
    void nameParts();
    void showSearched();
    void updateReset();

    ParamSpec m_spec;
    QLabel* m_label;
    DomainEditor* m_editor;
    RangeEditor* m_range = nullptr;
    QLabel* m_unit;
    QHBoxLayout* m_row;
    QToolButton* m_reset;
    QToolButton* m_search;
    QLabel* m_problem;
    QLabel* m_note;
};

} // namespace lathe
