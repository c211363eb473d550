#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

class QLabel;
class QMimeData;
class QWidget;

namespace lathe {

/// What is dropped on the window.
struct Drop {
    enum class Kind { Nothing, Project, Model, Adapter, Data };
    Kind kind = Kind::Nothing;
    QStringList paths; ///< several only of models
};

/// What the files are for, by their names and what lies in them: a project's folder; a model, or a folder
/// that may have models below; an adapter's folder; a file to train with. Files of one model count as that
/// model.
[[nodiscard]] Drop dropFrom(const QMimeData& data);

/// Takes what is dragged over a window, and says over the window what would become of it.
class WindowDrop : public QObject {
    Q_OBJECT
public:
    /// `area`: the part of the window where that is said.
    WindowDrop(QWidget& window, QWidget& area);

    /// What is done with a data file at present: the hint says so.
    enum class DataUse { Train, Evaluate };
    void setDataUse(DataUse use) { m_dataUse = use; }

Q_SIGNALS:
    void projectDropped(const QString& folder);
    void modelsDropped(const QStringList& paths);
    void adapterDropped(const QString& folder);
    void dataDropped(const QString& file);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void showHint(Drop::Kind kind);
    void take(const Drop& drop);

    QWidget& m_area;
    QLabel* m_hint;
    DataUse m_dataUse = DataUse::Train;
};

} // namespace lathe
