#pragma once

#include <QByteArray>
#include <QSize>

class QMainWindow;

namespace lathe {

class Settings;

/// Where the window and its docks are: as they were left, or as they were at first.
class WindowLayout {
public:
    WindowLayout(QMainWindow& window, Settings& settings);

    /// Takes the docks of now as the first layout, then restores what is remembered.
    void restore(QSize firstSize);
    void reset();
    void save();

private:
    QMainWindow& m_window;
    Settings& m_settings;
    QByteArray m_first;
};

} // namespace lathe
