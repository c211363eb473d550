#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>

class QApplication;
class QWidget;

namespace lathe {

class DesktopScheme;
class ZoomStyle;

/// What the user asked for; `System` follows the desktop.
enum class Scheme { System, Light, Dark };

/// The colours of one scheme beyond QPalette's roles. Texts have a contrast of at least 4.5:1 on `window` and
/// `surface`.
struct ThemeColors {
    QColor window;  ///< behind the cards
    QColor surface; ///< cards, editors
    QColor raised;  ///< buttons, headers
    QColor border;  ///< of cards and editors
    QColor text;
    QColor mutedText;  ///< units, help
    QColor accent;     ///< the one accent: primary button, focus, selection
    QColor onAccent;   ///< text on the accent
    QColor accentText; ///< links and accented text on window and surface
    QColor success, warning, danger;
    QColor grid; ///< of charts
};

/// The colours that go with a palette, by its lightness: widgets need no reference to the Theme.
[[nodiscard]] const ThemeColors& themeColors(const QPalette& palette);
[[nodiscard]] const ThemeColors& lightColors();
[[nodiscard]] const ThemeColors& darkColors();
[[nodiscard]] bool isDark(const QPalette& palette);

/// WCAG 2 contrast of two opaque colours, 1 to 21.
[[nodiscard]] double contrast(const QColor& a, const QColor& b);

/// The palette of a scheme, for every role and group.
[[nodiscard]] QPalette makePalette(const ThemeColors& colors);

/// Puts style (Fusion), palette, style sheet and font size on the application. One, owned by the composition
/// root.
class Theme : public QObject {
    Q_OBJECT
public:
    explicit Theme(QApplication& application, QObject* parent = nullptr);
    ~Theme() override;

    void setScheme(Scheme scheme);
    [[nodiscard]] Scheme scheme() const { return m_scheme; }
    [[nodiscard]] bool isDark() const { return m_isDark; }

    /// Size of texts and controls as a factor of the desktop's, kept within [0.5, 3].
    void setZoom(double factor);
    [[nodiscard]] double zoom() const { return m_zoom; }
    void zoomIn();
    void zoomOut();

Q_SIGNALS:
    void changed(); ///< after the application has the new look

private:
    void apply();

    QApplication& m_application;
    DesktopScheme* m_desktop;
    ZoomStyle* m_style; ///< the application's
    bool m_isDesktopPaletteDark;
    double m_basePointSize;
    Scheme m_scheme = Scheme::System;
    double m_zoom = 1;
    bool m_isDark = false;
};

/// Kinds of look the style sheet knows. Set them on a widget before it is shown.
enum class Look {
    Card,          ///< QFrame: surface with a rounded border
    Question,      ///< QFrame: what a person said in a chat
    Answer,        ///< QFrame: what a model said
    Message,       ///< QTextEdit: the text of either, without a frame of its own
    PrimaryButton, ///< the one button a page is about
    QuietButton,   ///< no frame until hovered
    Title,         ///< QLabel: of a page
    Heading,       ///< QLabel: of a card
    Muted,         ///< QLabel: help, units
    Problem,       ///< QLabel: what is wrong
    BigNumber,     ///< QLabel: a figure that is the news
    DropHint,      ///< QLabel over the window: what becomes of what is dragged there
};
void setLook(QWidget* widget, Look look);

} // namespace lathe
