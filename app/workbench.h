#pragma once

#include <QString>

#include <memory>

class QApplication;

namespace lathe {

class DatasetSession;
class MainWindow;
class ProjectSession;
class Settings;

/// The window's composition root: settings, look, languages, the project with its engine, the built-in
/// examples, and the main window over all of it. No tensor is touched on the GUI thread.
class Workbench {
public:
    /// `settingsFile`: empty, the user's own. `projectFolder`: empty, the one used last, or the default one.
    explicit Workbench(QApplication& application, const QString& settingsFile = {},
                       const QString& projectFolder = {});
    ~Workbench();

    [[nodiscard]] MainWindow& window() const;
    [[nodiscard]] ProjectSession& project() const;
    [[nodiscard]] Settings& settings() const;
    [[nodiscard]] DatasetSession& dataset() const;

private:
    void openProject(const QString& folder);

    struct Content;
    std::unique_ptr<Content> m_content;
};

/// Opens the window and runs it. Returns the exit code.
[[nodiscard]] int runWorkbench(int argc, char** argv);

} // namespace lathe
