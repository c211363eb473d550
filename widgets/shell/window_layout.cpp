#include "widgets/shell/window_layout.h"

#include "core/session/settings.h"

#include <QMainWindow>
#include <QScreen>

namespace lathe {

namespace {
/// Counts up when docks or toolbars change: an old layout is then not restored.
constexpr int kLayoutVersion = 1;
} // namespace

WindowLayout::WindowLayout(QMainWindow& window, Settings& settings)
    : m_window(window), m_settings(settings) {}

void WindowLayout::restore(QSize firstSize) {
    m_first = m_window.saveState(kLayoutVersion);
    m_window.resize(firstSize.boundedTo(m_window.screen()->availableSize()));
    m_window.restoreGeometry(m_settings.windowGeometry.value());
    m_window.restoreState(m_settings.windowLayout.value(), kLayoutVersion);
}

void WindowLayout::reset() { m_window.restoreState(m_first, kLayoutVersion); }

void WindowLayout::save() {
    m_settings.windowGeometry.set(m_window.saveGeometry());
    m_settings.windowLayout.set(m_window.saveState(kLayoutVersion));
}

} // namespace lathe
