#include "widgets/pages/study_rules_editor.h"

#include "core/session/core_sentence.h"
#include "core/session/text.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr std::array kKinds{RuleKind::Derived, RuleKind::Bound, RuleKind::Forbidden, RuleKind::Constraint};

RuleKind kindOf(const QComboBox& box) {
    return kKinds[static_cast<std::size_t>(std::max(0, box.currentIndex()))];
}

QString listOf(const std::vector<std::string>& names) {
    QStringList texts;
    for (const std::string& name : names)
        texts << toQString(name);
    return texts.join(QStringLiteral(", "));
}

} // namespace

StudyRulesEditor::StudyRulesEditor(QWidget* parent)
    : QWidget(parent),
      m_column(new QVBoxLayout(this)),
      m_add(new QToolButton(this)),
      m_allowed(new QLabel(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(10);
    m_add->setObjectName("addRuleButton");
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_add->setIcon(themedIcon("plus"));
    m_add->setAutoRaise(true);
    m_add->setFocusPolicy(Qt::StrongFocus);
    m_allowed->setObjectName("allowedNamesLabel");
    m_allowed->setTextFormat(Qt::PlainText);
    m_allowed->setWordWrap(true);
    m_allowed->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setLook(m_allowed, Look::Muted);
    m_column->addWidget(m_add, 0, Qt::AlignLeft);
    m_column->addStretch(1);
    m_column->addWidget(m_allowed);
    connect(m_add, &QToolButton::clicked, this, [this] {
        addLine();
        m_lines.back().kind->setFocus(Qt::OtherFocusReason);
    });
}

void StudyRulesEditor::addLine() {
    Line line;
    line.row = new QWidget(this);
    line.kind = new QComboBox(line.row);
    for (std::size_t i = 0; i < kKinds.size(); ++i)
        line.kind->addItem(QString());
    line.text = new QLineEdit(line.row);
    line.note = new QLabel(line.row);
    line.note->setTextFormat(Qt::PlainText);
    line.note->setWordWrap(true);
    line.remove = new QToolButton(line.row);
    line.remove->setIcon(themedIcon("close"));
    line.remove->setAutoRaise(true);
    line.remove->setFocusPolicy(Qt::StrongFocus);
    auto* grid = new QGridLayout(line.row);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(3);
    grid->addWidget(line.kind, 0, 0);
    grid->addWidget(line.text, 0, 1);
    grid->addWidget(line.remove, 0, 2);
    grid->addWidget(line.note, 1, 1, 1, 2);
    grid->setColumnStretch(1, 1);
    m_column->insertWidget(static_cast<int>(m_lines.size()), line.row);
    connect(line.kind, &QComboBox::activated, this, &StudyRulesEditor::lineEdited);
    connect(line.text, &QLineEdit::textEdited, this, &StudyRulesEditor::lineEdited);
    connect(line.remove, &QToolButton::clicked, this, [this, row = line.row] { removeLine(row); });
    m_lines.push_back(line);
    QWidget::setTabOrder(line.remove, m_add);
    nameLines();
    check();
}

void StudyRulesEditor::removeLine(const QWidget* row) {
    const auto gone = std::ranges::find(m_lines, row, &Line::row);
    gone->row->setParent(nullptr);
    gone->row->deleteLater(); // its button has just been clicked
    m_lines.erase(gone);
    if (m_lines.empty())
        m_add->setFocus(Qt::OtherFocusReason);
    else
        m_lines.back().text->setFocus(Qt::OtherFocusReason);
    nameLines();
    lineEdited();
}

void StudyRulesEditor::lineEdited() {
    check();
    Q_EMIT edited();
}

void StudyRulesEditor::setStudy(StudySpec study, const ParamSchema& schema, std::vector<std::string> limits) {
    m_study = std::move(study);
    m_schema = schema;
    m_limits = std::move(limits);
    check();
    tellAllowed();
}

std::vector<RuleLine> StudyRulesEditor::allLines() const {
    std::vector<RuleLine> lines;
    for (const Line& line : m_lines)
        lines.push_back({kindOf(*line.kind), line.text->text().toStdString()});
    return lines;
}

std::vector<RuleLine> StudyRulesEditor::lines() const {
    std::vector<RuleLine> lines = allLines();
    std::erase_if(lines, [](const RuleLine& line) { return toQString(line.text).trimmed().isEmpty(); });
    return lines;
}

void StudyRulesEditor::check() {
    StudySpec study = m_study;
    m_problems = addRuleLines(study, allLines(), m_schema, m_limits);
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const bool isWrong = !m_problems[i].empty();
        m_lines[i].note->setText(isWrong ? coreSentence(m_problems[i]) : hintOf(kindOf(*m_lines[i].kind)));
        setLook(m_lines[i].note, isWrong ? Look::Problem : Look::Muted);
        m_lines[i].text->setAccessibleDescription(m_lines[i].note->text());
    }
}

QString StudyRulesEditor::problem() const {
    const auto wrong = std::ranges::find_if(m_problems, [](const std::string& one) { return !one.empty(); });
    if (wrong == m_problems.end())
        return {};
    const Line& line = m_lines[static_cast<std::size_t>(wrong - m_problems.begin())];
    return tr("Rule “%1”: %2", "text: what is wrong").arg(line.text->text(), coreSentence(*wrong));
}

void StudyRulesEditor::begin() {
    if (m_lines.empty())
        addLine();
    m_lines.back().text->setFocus(Qt::OtherFocusReason);
}

QString StudyRulesEditor::hintOf(RuleKind kind) {
    switch (kind) {
    case RuleKind::Derived:
        return tr("FIELD = EXPRESSION, as in alpha = 2 * rank. The field itself is not searched.");
    case RuleKind::Bound:
        return tr(
            "FIELD <= EXPRESSION or FIELD >= EXPRESSION, as in warmup_steps <= max_steps / 2, for a field "
            "that is searched over a range.");
    case RuleKind::Forbidden:
        return tr("What must not be, as in rank > 64 and batch_size > 16.");
    case RuleKind::Constraint:
        break;
    }
    return tr("What a trial must keep to, as in seconds <= 600; one that misses it is never the best.");
}

void StudyRulesEditor::nameLines() {
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QString number = QString::number(i + 1);
        m_lines[i].kind->setObjectName(QStringLiteral("ruleKindBox") + number);
        m_lines[i].text->setObjectName(QStringLiteral("ruleTextEdit") + number);
        m_lines[i].note->setObjectName(QStringLiteral("ruleNoteLabel") + number);
        m_lines[i].remove->setObjectName(QStringLiteral("removeRuleButton") + number);
    }
    retranslate();
}

void StudyRulesEditor::tellAllowed() {
    std::vector<std::string> searched;
    for (const SearchDimension& dimension : m_study.space)
        searched.push_back(dimension.key);
    std::vector<std::string> fields;
    for (const ParamSpec& spec : m_schema)
        if (spec.isSearchable && std::ranges::find(searched, spec.key) == searched.end())
            fields.push_back(spec.key);
    m_allowed->setText(
        tr("Searched: %1.\nOther fields: %2.\nIn limits on results also: %3.\nNumbers, 'texts', true, false; "
           "+ - * /, == != < <= > >=, and or not, ( ); min max floor ceil round abs sqrt log2 log10 pow.")
            .arg(listOf(searched), listOf(fields), listOf(m_limits)));
}

void StudyRulesEditor::retranslate() {
    const std::array kinds{tr("Follows", "a field from others"), tr("Bound", "of a range"),
                           tr("Never", "a combination"), tr("Limit", "on a result")};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const Line& line = m_lines[i];
        for (std::size_t kind = 0; kind < kinds.size(); ++kind)
            line.kind->setItemText(static_cast<int>(kind), kinds[kind]);
        line.kind->setAccessibleName(tr("Kind of rule %1").arg(i + 1));
        line.text->setAccessibleName(tr("Rule %1").arg(i + 1));
        line.remove->setAccessibleName(tr("Take rule %1 away").arg(i + 1));
        line.remove->setToolTip(tr("Take this rule away"));
    }
    m_add->setText(tr("Another rule"));
    check();
    tellAllowed();
}

} // namespace lathe
