#include "widgets/theme/style_sheet.h"

#include "widgets/theme/theme.h"

#include <QHash>
#include <QRegularExpression>

#include <cmath>

namespace lathe {

namespace {

// @name is a colour, #12px a length that grows with the zoom, %1.2 a multiple of the text size.
constexpr auto kTexts = R"(
QLabel { background: transparent; }
QLabel[look="title"] { font-size: %1.7; font-weight: 600; }
QLabel[look="heading"] { font-size: %1.08; font-weight: 600; }
QLabel[look="muted"] { color: @mutedText; }
QLabel[look="problem"] { color: @danger; }
QLabel[look="bigNumber"] { font-size: %2.0; font-weight: 600; }
QLabel[look="dropHint"] { background: @veil; border: 2px dashed @accentText; border-radius: #12px;
  font-size: %1.4; font-weight: 600; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: #4px; }
)";

constexpr auto kSurfaces = R"(
QFrame[look="card"] { background: @surface; border: 1px solid @border; border-radius: #10px; }
QFrame[look="question"] { background: @raised; border: 1px solid @raised; border-radius: #8px; }
QFrame[look="answer"] { background: transparent; border: 1px solid @border; border-radius: #8px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @border; padding: #4px #8px;
  spacing: #4px; }
QStatusBar { border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QMenuBar { background: @window; padding: #2px; }
QMenuBar::item { padding: #5px #10px; border-radius: #5px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @surface; border: 1px solid @border; padding: #5px; }
QMenu::item { padding: #6px #28px #6px #12px; border-radius: #5px; }
QMenu::item:selected { background: @accent; color: @onAccent; }
QMenu::item:disabled { color: @disabledText; background: transparent; }
QMenu::separator { height: 1px; background: @border; margin: #4px #8px; }
QMenu::icon { padding-left: #6px; }
QMenu::indicator { width: #14px; height: #14px; padding-left: #4px; }
QMenu::indicator:checked { image: url(:/lathe/icons/fixed/check-@scheme.svg); }
QMenu::indicator:checked:selected { image: url(:/lathe/icons/fixed/check-white.svg); }
QTabBar::tab { padding: #8px #14px; color: @mutedText; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:hover:!selected { color: @text; }
QTabBar::tab:focus { color: @accentText; }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QSplitter::handle { background: transparent; }
QDockWidget::title { padding: #8px; background: @window; }
)";

constexpr auto kButtons = R"(
QPushButton { background: @surface; color: @text; border: 1px solid @controlBorder; border-radius: #6px;
  padding: #6px #14px; }
QPushButton:hover { background: @raised; }
QPushButton:pressed { background: @border; }
QPushButton:checked { background: @selection; }
QPushButton:focus { border: 2px solid @accentText; padding: #5px #13px; }
QPushButton:disabled { color: @disabledText; border-color: @border; }
QPushButton[look="primaryButton"] { background: @accent; color: @onAccent; border: 2px solid @accent;
  font-weight: 600; padding: #7px #18px; }
QPushButton[look="primaryButton"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[look="primaryButton"]:pressed { background: @accentPressed; }
QPushButton[look="primaryButton"]:focus { border-color: @text; }
QPushButton[look="primaryButton"]:disabled { background: @raised; color: @disabledText; border-color: @raised; }
QPushButton[look="quietButton"] { background: transparent; border: 2px solid transparent; padding: #5px #10px; }
QPushButton[look="quietButton"]:hover { background: @raised; }
QPushButton[look="quietButton"]:focus { border-color: @accentText; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: #6px; padding: #3px #5px; }
QToolButton:hover { background: @raised; }
QToolButton:pressed { background: @border; }
QToolButton:checked { background: @raised; }
QFrame#navigationBar QToolButton:checked { background: @selection; font-weight: 600; }
QToolButton:focus { border-color: @accentText; }
QToolButton:disabled { color: @disabledText; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: url(:/lathe/icons/fixed/chevron-down-@scheme.svg); width: #10px; height: #10px;
    subcontrol-origin: padding; subcontrol-position: right center; right: #8px; }
)";

constexpr auto kEditors = R"(
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox { background: @field; color: @text;
  border: 1px solid @controlBorder; border-radius: #6px; padding: #5px #8px;
  selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border: 2px solid @accentText; padding: #4px #7px; }
QTextEdit[look="message"] { background: transparent; border: 2px solid transparent; border-radius: #4px;
  padding: 0; }
QTextEdit[look="message"]:focus { border: 2px solid @accentText; padding: 0; }
QLineEdit[hasProblem="true"], QAbstractSpinBox[hasProblem="true"], QComboBox[hasProblem="true"], QPlainTextEdit[hasProblem="true"] {
  border: 2px solid @danger; padding: #4px #7px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @disabledText; background: @window;
  border-color: @border; }
QAbstractSpinBox { padding-right: #24px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: #22px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @raised; }
QAbstractSpinBox::up-arrow { image: url(:/lathe/icons/fixed/chevron-up-@scheme.svg); width: #10px;
  height: #10px; }
QAbstractSpinBox::down-arrow { image: url(:/lathe/icons/fixed/chevron-down-@scheme.svg); width: #10px;
  height: #10px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::down-arrow:off { image: none; }
QComboBox { padding-right: #26px; combobox-popup: 0; }
QComboBox::drop-down { border: none; width: #24px; subcontrol-position: center right; }
QComboBox::down-arrow { image: url(:/lathe/icons/fixed/chevron-down-@scheme.svg); width: #14px; height: #14px; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @border; padding: #4px; outline: none;
  selection-background-color: @accent; selection-color: @onAccent; }
QCheckBox { spacing: #8px; border: 2px solid transparent; border-radius: #5px; padding: 1px; }
QCheckBox:focus { border-color: @accentText; }
QCheckBox::indicator { width: #16px; height: #16px; border: 1px solid @controlBorder; border-radius: #4px;
  background: @field; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent;
  image: url(:/lathe/icons/fixed/check-white.svg); }
QCheckBox::indicator:disabled { background: @raised; border-color: @border; }
)";

constexpr auto kViews = R"(
QAbstractItemView { background: @surface; alternate-background-color: @stripe; border: none; outline: none;
  selection-background-color: @selection; selection-color: @text; }
QTableView { gridline-color: @grid; }
QTableView::item { padding: #2px #7px; border: 1px solid transparent; }
QListView::item, QTreeView::item { padding: #5px #6px; border: none; }
QAbstractItemView::item:selected { background: @selection; color: @text; }
QAbstractItemView::indicator { width: #14px; height: #14px; border: 1px solid @controlBorder; border-radius: #3px;
  background: @field; }
QAbstractItemView::indicator:checked { background: @accent; border-color: @accent;
  image: url(:/lathe/icons/fixed/check-white.svg); }
QAbstractItemView::item:focus { border: 1px solid @accentText; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @mutedText; border: none; border-bottom: 1px solid @border;
  padding: #6px #11px; font-weight: 600; }
QProgressBar { background: @raised; border: none; border-radius: #4px; min-height: #8px; max-height: #8px;
  text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: #4px; }
QSlider:horizontal { min-height: #20px; }
QSlider::groove:horizontal { height: #4px; border-radius: #2px; background: @border; }
QSlider::sub-page:horizontal { height: #4px; border-radius: #2px; background: @accent; }
QSlider::handle:horizontal { width: #14px; height: #14px; margin: -#5px 0; border-radius: #7px;
  background: @accent; border: 1px solid @surface; }
QSlider::handle:horizontal:focus { border: 2px solid @text; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: #11px; }
QScrollBar:horizontal { height: #11px; }
QScrollBar::handle { background: @scrollHandle; border-radius: #3px; margin: #2px; }
QScrollBar::handle:vertical { min-height: #28px; }
QScrollBar::handle:horizontal { min-width: #28px; }
QScrollBar::handle:hover { background: @mutedText; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

QColor mixed(const QColor& a, const QColor& b, double amount) {
    const auto mix = [amount](int from, int to) { return static_cast<int>(from + (to - from) * amount); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

QHash<QString, QString> words(const ThemeColors& c) {
    const bool isDarkScheme = c.window.lightness() < 128;
    const QColor towards = isDarkScheme ? QColor(Qt::white) : QColor(Qt::black);
    return {{QStringLiteral("window"), c.window.name()},
            {QStringLiteral("surface"), c.surface.name()},
            {QStringLiteral("raised"), c.raised.name()},
            {QStringLiteral("border"), c.border.name()},
            {QStringLiteral("text"), c.text.name()},
            {QStringLiteral("mutedText"), c.mutedText.name()},
            {QStringLiteral("accent"), c.accent.name()},
            {QStringLiteral("onAccent"), c.onAccent.name()},
            {QStringLiteral("accentText"), c.accentText.name()},
            {QStringLiteral("danger"), c.danger.name()},
            {QStringLiteral("grid"), c.grid.name()},
            {QStringLiteral("field"), isDarkScheme ? c.window.name() : c.surface.name()},
            {QStringLiteral("stripe"), mixed(c.surface, c.raised, 0.35).name()},
            {QStringLiteral("selection"), mixed(c.surface, c.accent, isDarkScheme ? 0.4 : 0.16).name()},
            {QStringLiteral("controlBorder"), mixed(c.border, c.mutedText, 0.45).name()},
            {QStringLiteral("scrollHandle"), mixed(c.border, c.mutedText, 0.3).name()},
            {QStringLiteral("disabledText"), mixed(c.mutedText, c.window, 0.35).name()},
            {QStringLiteral("accentHover"), mixed(c.accent, towards, 0.1).name()},
            {QStringLiteral("accentPressed"), mixed(c.accent, QColor(Qt::black), 0.2).name()},
            {QStringLiteral("veil"), QStringLiteral("rgba(%1, %2, %3, 95%)")
                                         .arg(c.window.red())
                                         .arg(c.window.green())
                                         .arg(c.window.blue())},
            {QStringLiteral("scheme"), isDarkScheme ? QStringLiteral("dark") : QStringLiteral("light")}};
}

} // namespace

QString styleSheet(const ThemeColors& colors, double basePointSize, double zoom) {
    const QString source = QLatin1String(kTexts) + QLatin1String(kSurfaces) + QLatin1String(kButtons) +
                           QLatin1String(kEditors) + QLatin1String(kViews);
    const QHash<QString, QString> names = words(colors);
    static const QRegularExpression placeholder(QStringLiteral("@([A-Za-z]+)|#([0-9]+)px|%([0-9.]+[0-9])"));
    QString sheet;
    qsizetype from = 0;
    for (auto it = placeholder.globalMatch(source); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        sheet += QStringView(source).mid(from, match.capturedStart() - from);
        if (match.hasCaptured(1))
            sheet += names.value(match.captured(1));
        else if (match.hasCaptured(2))
            sheet += QStringLiteral("%1px").arg(std::lround(match.captured(2).toDouble() * zoom));
        else
            sheet += QStringLiteral("%1pt").arg(match.captured(3).toDouble() * basePointSize);
        from = match.capturedEnd();
    }
    return sheet.append(QStringView(source).mid(from));
}

} // namespace lathe
