#pragma once

#include <QObject>

#include <optional>

class QDBusVariant;

namespace lathe {

/// What the desktop prefers, light or dark. Qt 6.4 does not tell (QStyleHints::colorScheme came with 6.5), so
/// this asks the desktop portal (org.freedesktop.appearance), without waiting for the answer, and reads GTK's
/// settings file meanwhile.
class DesktopScheme : public QObject {
    Q_OBJECT
public:
    explicit DesktopScheme(QObject* parent);

    /// Nothing: the desktop has no preference or nobody answers.
    [[nodiscard]] std::optional<bool> prefersDark() const { return m_prefersDark; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void askPortal();
    void take(uint portalValue);

    std::optional<bool> m_prefersDark;
};

} // namespace lathe
