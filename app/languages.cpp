#include "app/languages.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QLocale>

namespace lathe {

void Languages::choose(const QString& language) {
    const QLocale system = QLocale::system();
    const QLocale wanted = language.isEmpty() ? system : QLocale(language);
    const bool isGerman = wanted.language() == QLocale::German;
    m_current = isGerman ? QStringLiteral("de") : QStringLiteral("en");
    // Numbers are written as the language writes them; within the system's own language, as the system does.
    QLocale::setDefault(wanted.language() == system.language() ? system : QLocale(m_current));
    QApplication::removeTranslator(&m_qt);
    QApplication::removeTranslator(&m_own);
    if (!isGerman)
        return;
    if (m_qt.load(QStringLiteral("qtbase_de"), QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QApplication::installTranslator(&m_qt);
    if (m_own.load(QStringLiteral(":/lathe/translations/lathe_de.qm")))
        QApplication::installTranslator(&m_own);
}

} // namespace lathe
