#include "widgets/pages/dataset_columns.h"

#include "widgets/forms/elided.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace lathe {

namespace {

/// A file may have thousands of columns; those that play a part are always shown.
constexpr qsizetype kMostColumns = 40;
constexpr int kRoleLetters = 11;

QString roleText(const QString& label) {
    return QCoreApplication::translate("ColumnRoles", label.toUtf8().constData());
}

} // namespace

DatasetColumnChip::DatasetColumnChip(const QVector<DatasetRole>& roles, int place, QWidget* parent)
    : QFrame(parent),
      m_roles(roles),
      m_name(new ElidedLabel(Qt::ElideRight, this)),
      m_example(new ElidedLabel(Qt::ElideRight, this)),
      m_guessed(new QLabel(this)),
      m_role(new ElidedComboBox(this)) {
    const QString name = QStringLiteral("column%1").arg(place);
    m_name->setObjectName(name + QStringLiteral("Label"));
    m_example->setObjectName(name + QStringLiteral("ExampleLabel"));
    m_guessed->setObjectName(name + QStringLiteral("GuessedLabel"));
    m_role->setObjectName(name + QStringLiteral("RoleBox"));
    QFont bold = m_name->font();
    bold.setBold(true);
    m_name->setFont(bold);
    setLook(m_example, Look::Muted);
    setLook(m_guessed, Look::Muted);
    m_role->setFocusPolicy(Qt::StrongFocus);
    m_role->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_role->setMinimumContentsLength(kRoleLetters);
    m_role->addItem(QString(), QString());
    for (const DatasetRole& role : roles)
        m_role->addItem(QString(), role.id);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(1);
    auto* title = new QHBoxLayout;
    title->setSpacing(6);
    title->addWidget(m_name);
    title->addWidget(m_guessed);
    title->addStretch(1);
    grid->addLayout(title, 0, 0);
    grid->addWidget(m_role, 0, 1, 2, 1, Qt::AlignVCenter);
    grid->addWidget(m_example, 1, 0);
    grid->setColumnStretch(0, 1);
    connect(m_role, &QComboBox::activated, this,
            [this] { Q_EMIT roleChosen(m_column.name, m_role->currentData().toString()); });
    retranslate();
}

void DatasetColumnChip::show(const DatasetColumn& column) {
    m_column = column;
    m_name->setText(column.name);
    m_name->setToolTip(column.name);
    m_example->setText(column.example);
    m_example->setToolTip(column.example);
    m_role->setCurrentIndex(std::max(0, m_role->findData(column.role)));
    m_guessed->setVisible(column.isGuessed && !column.role.isEmpty());
    retranslate();
}

void DatasetColumnChip::retranslate() {
    m_role->setItemText(0, tr("Not used"));
    for (int i = 0; i < m_roles.size(); ++i)
        m_role->setItemText(i + 1, roleText(m_roles[i].label));
    m_guessed->setText(tr("(guessed)"));
    m_role->setAccessibleName(tr("Role of column %1").arg(m_column.name));
    const QString example =
        m_column.example.isEmpty() ? tr("No example.") : tr("Example: %1").arg(m_column.example);
    m_role->setAccessibleDescription(m_guessed->isHidden() ? example : tr("Guessed. %1").arg(example));
    m_role->setToolTip(tr("What this column is for"));
}

DatasetColumnList::DatasetColumnList(DatasetSession& session, QWidget* parent)
    : QFrame(parent),
      m_session(session),
      m_heading(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_more(new QLabel(this)),
      m_list(new QVBoxLayout) {
    setObjectName("datasetColumnList");
    setLook(this, Look::Card);
    setLook(m_heading, Look::Heading);
    setLook(m_problem, Look::Problem);
    setLook(m_more, Look::Muted);
    m_problem->setObjectName("columnsProblemLabel");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_more->setObjectName("moreColumnsLabel");
    m_list->setSpacing(10);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 14, 14, 16);
    column->setSpacing(8);
    column->addWidget(m_heading);
    column->addLayout(m_list);
    column->addWidget(m_more);
    column->addWidget(m_problem);
    connect(&m_session, &DatasetSession::columnsChanged, this, &DatasetColumnList::update);
    retranslate();
}

void DatasetColumnList::update() {
    const DatasetColumns& columns = m_session.columns();
    QVector<DatasetColumn> shown;
    for (const DatasetColumn& column : columns.columns)
        if (shown.size() < kMostColumns || !column.role.isEmpty())
            shown << column;
    while (m_chips.size() > shown.size())
        delete m_chips.takeLast();
    while (m_chips.size() < shown.size()) {
        auto* chip = new DatasetColumnChip(m_session.parts().roles, static_cast<int>(m_chips.size()), this);
        connect(chip, &DatasetColumnChip::roleChosen, &m_session, &DatasetSession::setRole);
        m_list->addWidget(chip);
        m_chips << chip;
    }
    for (qsizetype i = 0; i < shown.size(); ++i)
        m_chips[i]->show(shown[i]);
    const qsizetype hidden = columns.columns.size() - shown.size();
    m_more->setVisible(hidden > 0);
    m_more->setText(tr("and %n more", "columns", static_cast<int>(hidden)));
    m_problem->setText(columns.problem);
    m_problem->setVisible(!columns.problem.isEmpty());
}

void DatasetColumnList::retranslate() {
    m_heading->setText(tr("Columns"));
    for (DatasetColumnChip* chip : m_chips)
        chip->retranslate();
    update();
}

} // namespace lathe
