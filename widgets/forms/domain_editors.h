#pragma once

#include "core/params/param_schema.h"

#include <QWidget>

#include <string>

namespace lathe {

/// Edits one value of a domain. A text that cannot be read leaves `value()` as it was and makes `problem()`.
class DomainEditor : public QWidget {
    Q_OBJECT
public:
    [[nodiscard]] virtual ParamValue value() const = 0;
    /// Announces nothing.
    virtual void setValue(const ParamValue& value) = 0;
    /// Why the text on the screen is no value, in words for the user; empty when it is one.
    [[nodiscard]] virtual QString problem() const { return {}; }
    /// The widget that takes the keyboard and carries the accessible name.
    [[nodiscard]] virtual QWidget* control() const = 0;
    /// Texts of the editor itself, after a change of language.
    virtual void retranslate() {}

Q_SIGNALS:
    void edited(); ///< by the user; the text may be unreadable

protected:
    using QWidget::QWidget;
};

/// The editor for the spec's domain: check box, number line, combo box, folder or file line with a button and
/// dropping, text line or text area. The wheel changes none of them unless it has the focus.
[[nodiscard]] DomainEditor* makeDomainEditor(const ParamSpec& spec, QWidget* parent);

/// What a person typed as a number, in the form core reads: where the user's locale has a decimal comma, one
/// comma counts as a point. "3e-4" and "0.0003" are the same in every locale.
[[nodiscard]] std::string plainNumber(const QString& text);

/// A text of the schema, translated (context "ParamSchema").
[[nodiscard]] QString schemaText(const std::string& text);

} // namespace lathe
