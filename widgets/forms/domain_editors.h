#pragma once

#include "core/params/param_schema.h"
#include "core/params/study_spec.h"

#include <QWidget>

#include <memory>
#include <optional>

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
    /// The widget that has the keyboard focus and carries the accessible name.
    [[nodiscard]] virtual QWidget* focusWidget() const = 0;

Q_SIGNALS:
    void edited(); ///< by the user; the text may be unreadable

protected:
    using QWidget::QWidget;
};

/// The editor for the spec's domain: check box, number line, combo box, folder or file line with a button and
/// dropping, text line or text area. The wheel changes none of them unless it has the focus.
[[nodiscard]] DomainEditor* makeDomainEditor(const ParamSpec& spec, QWidget* parent);

/// Edits where to search one parameter: low and high with a logarithmic switch for numbers, a list of values
/// for every kind ("8, 16, 32").
class RangeEditor : public QWidget {
    Q_OBJECT
public:
    RangeEditor(const ParamSpec& spec, QWidget* parent);
    ~RangeEditor() override;

    /// Nothing while the texts cannot be read; `problem()` says why.
    [[nodiscard]] std::optional<SearchDimension> dimension() const;
    [[nodiscard]] QString problem() const;
    void setDomain(const Domain& domain);

Q_SIGNALS:
    void edited();

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

} // namespace lathe
