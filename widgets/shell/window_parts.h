#pragma once

#include "core/params/param_value.h"
#include "core/session/adapter_combiner.h"
#include "core/session/step_profiling.h"

#include <QString>
#include <QVector>

#include <functional>

namespace lathe {

class ChatSession;
class DatasetSession;
class ModelDownload;
class ModelLibrary;
class ProjectSession;
class Settings;
class Theme;

/// A built-in example as the start page offers it. `title` and `description` are English here (context
/// "Examples") and translated where they are shown.
struct ExampleCard {
    QString id;
    QString title;
    QString description;
    ParamValues recipe;
};

/// What the composition root plugs into the window. The objects outlive it.
struct WindowParts {
    ProjectSession& project;
    Settings& settings;
    Theme& theme;
    QVector<ExampleCard> examples;                            ///< the first one is what "Try it now" opens
    QString examplesProblem;                                  ///< why there are none, if there are none
    std::function<QString()> describeDevice;                  ///< called on a pool thread; may be slow
    std::function<void(const QString& language)> setLanguage; ///< "en", "de"; installs the translator
    std::function<QString()> language;                        ///< of the texts on the screen: "en", "de"
    QString version;
    QString libraries; ///< names and versions of what is inside, a line each
    QString manual;    ///< local file; empty: there is none
    ModelLibrary& library;
    ModelDownload& downloads;
    ChatSession& chat;
    CombineParts combine = {};
    DatasetSession& dataset;
    ProfileParts profile = {};
};

} // namespace lathe
