#pragma once

#include "core/session/dataset_session.h"

#include <QFrame>

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace lathe {

class DatasetColumnChip;

/// The file's columns, each with an example and what it is for.
class DatasetColumnList : public QFrame {
    Q_OBJECT
public:
    explicit DatasetColumnList(DatasetSession& session, QWidget* parent = nullptr);

    void retranslate();

private:
    void update();

    DatasetSession& m_session;
    QLabel* m_heading;
    QLabel* m_problem;
    QLabel* m_more;
    QVBoxLayout* m_list;
    QVector<DatasetColumnChip*> m_chips;
};

/// One column. Object names: "column0RoleBox" and so on, by its place.
class DatasetColumnChip : public QFrame {
    Q_OBJECT
public:
    DatasetColumnChip(const QVector<DatasetRole>& roles, int place, QWidget* parent);

    void show(const DatasetColumn& column);
    void retranslate();

Q_SIGNALS:
    void roleChosen(const QString& column, const QString& role);

private:
    const QVector<DatasetRole> m_roles;
    DatasetColumn m_column;
    QLabel* m_name;
    QLabel* m_example;
    QLabel* m_guessed;
    QComboBox* m_role;
};

} // namespace lathe
