#pragma once

#include "core/session/dataset_session.h"

#include <QWidget>

namespace lathe {

class ParamForm;

/// Some fields of the recipe as the studio edits them: what is typed goes into the session's choices, and
/// back by undo. Fields whose condition does not hold are not there. Object names are those of ParamForm with
/// "studio_" in front of the key.
class DatasetForm : public QWidget {
    Q_OBJECT
public:
    /// Fields that the schema has not are left out.
    DatasetForm(DatasetSession& session, QStringList keys, const QString& group, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void showProblems(const std::vector<Problem>& problems);
    [[nodiscard]] QWidget* editor(const QString& key) const;

Q_SIGNALS:
    void fieldsChanged(); ///< there are others now

private:
    void rebuild();
    void takeChoices();
    [[nodiscard]] QStringList activeKeys() const;
    [[nodiscard]] QString focusedKey() const; ///< empty if the focus is elsewhere

    DatasetSession& m_session;
    const QStringList m_keys;
    const std::string m_group;
    QStringList m_shown;
    QString m_title;
    ParamForm* m_form;
};

} // namespace lathe
