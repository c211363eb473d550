#pragma once

#include <QCoreApplication>
#include <QDropEvent>
#include <QMimeData>
#include <QStringList>
#include <QUrl>
#include <QWidget>

namespace lathe::test {

inline void setFiles(QMimeData& data, const QStringList& paths) {
    QList<QUrl> urls;
    for (const QString& path : paths)
        urls << QUrl::fromLocalFile(path);
    data.setUrls(urls);
}

/// Whether the widget takes the files that a file manager holds over it.
inline bool drag(QWidget* target, const QStringList& paths) {
    QMimeData data;
    setFiles(data, paths);
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(target, &enter);
    return enter.isAccepted();
}

/// Lets them fall; false: they are not taken.
inline bool drop(QWidget* target, const QStringList& paths) {
    if (!drag(target, paths))
        return false;
    QMimeData data;
    setFiles(data, paths);
    QDropEvent event(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(target, &event);
    return true;
}

} // namespace lathe::test
