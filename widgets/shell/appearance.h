#pragma once

#include "widgets/shell/window_parts.h"

#include <QObject>

namespace lathe {

class ActionBinder;

/// The actions for colours, size of the texts and language: they do it, show what is chosen and remember it.
class Appearance : public QObject {
    Q_OBJECT
public:
    Appearance(const WindowParts& parts, ActionBinder& actions, QObject* parent);

private:
    void bindSchemes();
    void bindZoom();
    void bindLanguages();
    void updateChecks();

    const WindowParts& m_parts;
    ActionBinder& m_actions;
};

} // namespace lathe
