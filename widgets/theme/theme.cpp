#include "widgets/theme/theme.h"

#include "widgets/theme/desktop_scheme.h"
#include "widgets/theme/style_sheet.h"
#include "widgets/theme/zoom_style.h"

#include <QApplication>
#include <QWidget>

#include <algorithm>

namespace lathe {

namespace {

constexpr double kZoomStep = 1.1;
constexpr double kSmallestZoom = 0.5;
constexpr double kLargestZoom = 3;

const char* nameOf(Look look) {
    switch (look) {
    case Look::Card:
        return "card";
    case Look::Question:
        return "question";
    case Look::Answer:
        return "answer";
    case Look::Message:
        return "message";
    case Look::PrimaryButton:
        return "primaryButton";
    case Look::QuietButton:
        return "quietButton";
    case Look::Title:
        return "title";
    case Look::Heading:
        return "heading";
    case Look::Muted:
        return "muted";
    case Look::Problem:
        return "problem";
    case Look::BigNumber:
        return "bigNumber";
    case Look::DropHint:
        return "dropHint";
    }
    return "";
}

} // namespace

QPalette makePalette(const ThemeColors& c) {
    QPalette palette(c.text, c.raised, c.surface, c.border, c.mutedText, c.text, c.onAccent, c.surface,
                     c.window);
    palette.setColor(QPalette::AlternateBase, c.raised);
    palette.setColor(QPalette::ButtonText, c.text);
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, c.onAccent);
    palette.setColor(QPalette::Link, c.accentText);
    palette.setColor(QPalette::LinkVisited, c.accentText);
    palette.setColor(QPalette::ToolTipBase, c.raised);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::PlaceholderText, c.mutedText);
    palette.setColor(QPalette::Midlight, c.raised);
    palette.setColor(QPalette::Shadow, c.border);
    QColor dim = c.mutedText;
    dim.setAlphaF(0.65F);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, dim);
    return palette;
}

Theme::Theme(QApplication& application, QObject* parent)
    : QObject(parent),
      m_application(application),
      m_desktop(new DesktopScheme(this)),
      m_style(new ZoomStyle),
      m_isDesktopPaletteDark(lathe::isDark(application.palette())),
      m_basePointSize(application.font().pointSizeF()) {
    constexpr double kUsualPointSize = 10; // where the platform gives pixels or nothing
    if (m_basePointSize <= 0)
        m_basePointSize = kUsualPointSize;
    m_application.setStyle(m_style); // the application owns it
    connect(m_desktop, &DesktopScheme::changed, this, &Theme::apply);
    apply();
}

Theme::~Theme() = default;

void Theme::setScheme(Scheme scheme) {
    if (m_scheme == scheme)
        return;
    m_scheme = scheme;
    apply();
}

void Theme::setZoom(double factor) {
    const double kept = std::clamp(factor, kSmallestZoom, kLargestZoom);
    if (m_zoom == kept)
        return;
    m_zoom = kept;
    apply();
}

void Theme::zoomIn() { setZoom(m_zoom * kZoomStep); }

void Theme::zoomOut() { setZoom(m_zoom / kZoomStep); }

void Theme::apply() {
    m_isDark = m_scheme == Scheme::Dark ||
               (m_scheme == Scheme::System && m_desktop->prefersDark().value_or(m_isDesktopPaletteDark));
    const ThemeColors& colors = m_isDark ? darkColors() : lightColors();
    QFont font = m_application.font();
    font.setPointSizeF(m_basePointSize * m_zoom);
    m_style->setZoom(m_zoom);
    m_application.setFont(font);
    m_application.setPalette(makePalette(colors));
    m_application.setStyleSheet(styleSheet(colors, font.pointSizeF(), m_zoom));
    Q_EMIT changed();
}

void setLook(QWidget* widget, Look look) {
    widget->setProperty("look", QString::fromLatin1(nameOf(look)));
    widget->setAttribute(Qt::WA_StyledBackground,
                         look == Look::Card || look == Look::Question || look == Look::Answer);
}

} // namespace lathe
