#pragma once

#include "core/params/param_value.h"

#include <QWidget>

class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace lathe {

class ChatSession;
class ParamForm;
class Settings;

/// How the voices of a chat answer. What is wrong is said at its field and does not reach the session; what
/// is right does at once, and is remembered.
class ChatSettings : public QWidget {
    Q_OBJECT
public:
    ChatSettings(ChatSession& session, Settings& settings, QWidget* parent = nullptr);

    /// Puts a section above the fields, and takes it over.
    void addSection(QWidget* section);
    [[nodiscard]] QWidget& firstButton() const;
    void setPromptForm(const QString& form); ///< as the user could
    void newSeed();
    [[nodiscard]] bool isDrawing() const; ///< the seed makes a difference
    void retranslate();

Q_SIGNALS:
    void promptWanted();
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitWidth();
    void take();
    void apply(const ParamValues& values);
    void set(const char* key, ParamValue value);
    void takeModelDefaults();

    ChatSession& m_session;
    Settings& m_settings;
    ParamForm* m_form;
    QScrollArea* m_scroll;
    QVBoxLayout* m_inner;
    QPushButton* m_seed;
    QPushButton* m_defaults;
    QPushButton* m_prompt;
};

} // namespace lathe
