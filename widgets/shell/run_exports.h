#pragma once

#include "core/session/chat_conversation.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QObject>

#include <functional>
#include <optional>

namespace lathe {

class ActionBinder;
class Banner;

/// "Export adapter…", "Export values as CSV…" and "Combine adapters…": asks for the place, lets it be done,
/// and tells how it went.
class RunExports : public QObject {
    Q_OBJECT
public:
    /// `window` is the parent of the dialogs.
    RunExports(const WindowParts& parts, Banner& banner, QWidget& window);

    /// `chosenRun`: of the page in front.
    void bind(ActionBinder& actions, const std::function<std::optional<RunChoice>()>& chosenRun);
    void exportAdapter(const RunChoice& run);
    void exportPoints(const RunChoice& run);
    /// Offers these and the adapters of all runs; those given are chosen as they are set.
    void combine(const QVector<ChatAdapter>& chosen);

Q_SIGNALS:
    void chatWanted(const QString& model, const QString& adapter);

private:
    [[nodiscard]] QVector<ChatAdapter> offered(const QVector<ChatAdapter>& chosen) const;
    [[nodiscard]] QString combinedSuggestion() const;
    [[nodiscard]] QString suggestion(const RunChoice& run, const QString& ending) const;

    const WindowParts& m_parts;
    QWidget& m_window;
};

} // namespace lathe
