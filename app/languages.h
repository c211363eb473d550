#pragma once

#include <QString>
#include <QTranslator>

class QApplication;

namespace lathe {

/// The language of the texts, switchable while the window is open: widgets get QEvent::LanguageChange.
class Languages {
public:
    explicit Languages(QApplication& application) : m_application(application) {}

    /// "en", "de"; empty or unknown: the system's, if there is a translation for it, else English.
    void choose(const QString& language);
    [[nodiscard]] QString current() const { return m_current; }

private:
    QApplication& m_application;
    QTranslator m_own;
    QTranslator m_qt; ///< Qt's own texts (file dialogs), where the system has them
    QString m_current = QStringLiteral("en");
};

} // namespace lathe
