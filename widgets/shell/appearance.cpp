#include "widgets/shell/appearance.h"

#include "core/session/settings.h"
#include "widgets/actions/action_binder.h"
#include "widgets/theme/theme.h"

#include <QAction>

#include <array>

namespace lathe {

namespace {

struct SchemeChoice {
    const char16_t* action;
    Scheme scheme;
    Settings::Theme setting;
};
constexpr std::array kSchemes = {SchemeChoice{u"view.schemeSystem", Scheme::System, Settings::Theme::System},
                                 SchemeChoice{u"view.schemeLight", Scheme::Light, Settings::Theme::Light},
                                 SchemeChoice{u"view.schemeDark", Scheme::Dark, Settings::Theme::Dark}};

struct LanguageChoice {
    const char16_t* action;
    const char* language;
};
constexpr std::array kLanguages = {LanguageChoice{u"window.languageEnglish", "en"},
                                   LanguageChoice{u"window.languageGerman", "de"}};

} // namespace

Appearance::Appearance(const WindowParts& parts, ActionBinder& actions, QObject* parent)
    : QObject(parent), m_parts(parts), m_actions(actions) {
    for (const SchemeChoice& choice : kSchemes)
        if (choice.setting == m_parts.settings.theme.value())
            m_parts.theme.setScheme(choice.scheme);
    m_parts.theme.setZoom(m_parts.settings.zoom.value());
    bindSchemes();
    bindZoom();
    bindLanguages();
    updateChecks();
}

void Appearance::bindSchemes() {
    for (const SchemeChoice& choice : kSchemes)
        m_actions.bind(choice.action, this, [this, choice] {
            m_parts.settings.theme.set(choice.setting);
            m_parts.theme.setScheme(choice.scheme);
            updateChecks();
        });
}

void Appearance::bindZoom() {
    const auto bind = [this](QStringView id, std::function<void()> change) {
        m_actions.bind(id, this, [this, change = std::move(change)] {
            change();
            m_parts.settings.zoom.set(m_parts.theme.zoom());
        });
    };
    bind(u"view.zoomIn", [this] { m_parts.theme.zoomIn(); });
    bind(u"view.zoomOut", [this] { m_parts.theme.zoomOut(); });
    bind(u"view.zoomReset", [this] { m_parts.theme.setZoom(1); });
}

void Appearance::bindLanguages() {
    for (const LanguageChoice& choice : kLanguages)
        m_actions.bind(choice.action, this, [this, choice] {
            m_parts.settings.language.set(QLatin1String(choice.language));
            m_parts.setLanguage(QLatin1String(choice.language));
            updateChecks();
        });
}

/// Not a QActionGroup: a click on what is chosen already would leave nothing checked.
void Appearance::updateChecks() {
    for (const SchemeChoice& choice : kSchemes)
        m_actions.action(choice.action)->setChecked(choice.scheme == m_parts.theme.scheme());
    const QString language = m_parts.language();
    for (const LanguageChoice& choice : kLanguages)
        m_actions.action(choice.action)->setChecked(language == QLatin1String(choice.language));
}

} // namespace lathe
