#pragma once

#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QObject>

namespace lathe {

class ActionBinder;
class Banner;

/// "Export adapter…" and "Export values as CSV…": asks for the place, lets the project do it, and tells in
/// the banner how it went.
class RunExports : public QObject {
    Q_OBJECT
public:
    /// `window` is the parent of the dialogs.
    RunExports(const WindowParts& parts, Banner& banner, QWidget& window);

    void exportAdapter(const RunChoice& run);
    void exportPoints(const RunChoice& run);

private:
    [[nodiscard]] QString suggestion(const RunChoice& run, const QString& ending) const;

    const WindowParts& m_parts;
    QWidget& m_window;
};

} // namespace lathe
