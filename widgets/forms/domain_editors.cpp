#include "widgets/forms/domain_editors.h"

#include "core/base/contract.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QWheelEvent>

namespace lathe {

namespace {

QHBoxLayout* bareLayout(QWidget* widget) {
    auto* layout = new QHBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    return layout;
}

/// A combo box that leaves the wheel to the page until it has the focus.
class CalmComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent* event) override {
        if (hasFocus())
            QComboBox::wheelEvent(event);
        else
            event->ignore();
    }
};

class BoolEditor : public DomainEditor {
public:
    explicit BoolEditor(QWidget* parent) : DomainEditor(parent), m_box(new QCheckBox(this)) {
        bareLayout(this)->addWidget(m_box, 0, Qt::AlignLeft);
        connect(m_box, &QCheckBox::clicked, this, &DomainEditor::edited);
    }
    ParamValue value() const override { return m_box->isChecked(); }
    void setValue(const ParamValue& value) override { m_box->setChecked(std::get<bool>(value)); }
    QWidget* control() const override { return m_box; }

private:
    QCheckBox* m_box;
};

class NumberEditor : public DomainEditor {
public:
    NumberEditor(const ParamSpec& spec, QWidget* parent)
        : DomainEditor(parent),
          m_spec(spec),
          m_value(spec.fallback),
          m_box(new NumberBox(spec.domain, this)) {
        bareLayout(this)->addWidget(m_box, 0, Qt::AlignLeft);
        m_box->show(m_value);
        connect(m_box, &NumberBox::edited, this, [this] { take(); });
    }
    ParamValue value() const override { return m_value; }
    void setValue(const ParamValue& value) override {
        const bool isMended = !m_box->number();
        m_value = value;
        // The typed spelling ("3e-4") stays as long as it means the same.
        if (isMended || *m_box->number() != value)
            m_box->show(value);
    }
    QString problem() const override {
        if (m_box->number())
            return {};
        const bool isWhole = std::holds_alternative<IntDomain>(m_spec.domain);
        if (m_box->shownText().trimmed().isEmpty())
            return isWhole ? DomainEditor::tr("Type a whole number.") : DomainEditor::tr("Type a number.");
        return isWhole ? DomainEditor::tr("“%1” is not a whole number such as 8.").arg(m_box->shownText())
                       : DomainEditor::tr("“%1” is not a number such as 0.0003 or 3e-4.").arg(m_box->shownText());
    }
    QWidget* control() const override { return m_box; }

private:
    void take() {
        if (const auto number = m_box->number())
            m_value = *number;
        Q_EMIT edited();
    }

    ParamSpec m_spec;
    ParamValue m_value;
    NumberBox* m_box;
};

class ChoiceEditor : public DomainEditor {
public:
    ChoiceEditor(const ChoiceDomain& choices, QWidget* parent)
        : DomainEditor(parent), m_choices(choices), m_box(new CalmComboBox(this)) {
        bareLayout(this)->addWidget(m_box, 0, Qt::AlignLeft);
        m_box->setFocusPolicy(Qt::StrongFocus);
        m_box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        for (const std::string& value : choices.values)
            m_box->addItem(QString(), QString::fromStdString(value));
        ChoiceEditor::retranslate();
        connect(m_box, &QComboBox::activated, this, &DomainEditor::edited);
    }
    ParamValue value() const override { return m_box->currentData().toString().toStdString(); }
    void setValue(const ParamValue& value) override {
        const QString wanted = QString::fromStdString(std::get<std::string>(value));
        int index = m_box->findData(wanted);
        if (index <
            0) { // from a file of another version: shown, so that validate() has something to point at
            m_box->addItem(wanted, wanted);
            index = m_box->count() - 1;
        }
        m_box->setCurrentIndex(index);
    }
    QWidget* control() const override { return m_box; }
    void retranslate() override {
        for (std::size_t i = 0; i < m_choices.values.size(); ++i)
            m_box->setItemText(static_cast<int>(i), i < m_choices.labels.size()
                                                        ? schemaText(m_choices.labels[i])
                                                        : QString::fromStdString(m_choices.values[i]));
    }

private:
    ChoiceDomain m_choices;
    QComboBox* m_box;
};

/// Takes the path of a file or folder dropped on it.
class DropLineEdit : public QLineEdit {
public:
    using QLineEdit::QLineEdit;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override {
        if (droppedPath(event->mimeData()).isEmpty())
            QLineEdit::dragEnterEvent(event);
        else
            event->acceptProposedAction();
    }
    void dropEvent(QDropEvent* event) override {
        const QString path = droppedPath(event->mimeData());
        if (path.isEmpty())
            return QLineEdit::dropEvent(event);
        event->acceptProposedAction();
        setText(path);
        Q_EMIT textEdited(path);
    }

private:
    static QString droppedPath(const QMimeData* data) {
        const QList<QUrl> urls = data->urls();
        return urls.size() == 1 ? urls.front().toLocalFile() : QString();
    }
};

class TextEditor : public DomainEditor {
public:
    TextEditor(const TextDomain& domain, QWidget* parent)
        : DomainEditor(parent), m_kind(domain.kind), m_line(new DropLineEdit(this)) {
        QHBoxLayout* layout = bareLayout(this);
        layout->addWidget(m_line, 1);
        connect(m_line, &QLineEdit::textEdited, this, &DomainEditor::edited);
        if (m_kind == TextDomain::Kind::Plain)
            return;
        m_button = new QToolButton(this);
        m_button->setIcon(themedIcon(m_kind == TextDomain::Kind::Folder ? QStringLiteral("folder")
                                                                        : QStringLiteral("file")));
        m_button->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(m_button);
        connect(m_button, &QToolButton::clicked, this, [this] { choose(); });
        TextEditor::retranslate();
    }
    ParamValue value() const override { return m_line->text().toStdString(); }
    void setValue(const ParamValue& value) override {
        const QString text = QString::fromStdString(std::get<std::string>(value));
        if (m_line->text() != text) // the cursor stays where it is
            m_line->setText(text);
    }
    QWidget* control() const override { return m_line; }
    void retranslate() override {
        if (!m_button)
            return;
        const QString text =
            m_kind == TextDomain::Kind::Folder ? DomainEditor::tr("Choose a folder…") : DomainEditor::tr("Choose a file…");
        m_button->setToolTip(text);
        m_button->setAccessibleName(text);
        m_line->setPlaceholderText(m_kind == TextDomain::Kind::Folder ? DomainEditor::tr("Type, choose or drop a folder")
                                                                      : DomainEditor::tr("Type, choose or drop a file"));
    }

private:
    void choose() {
        const QString from = QFileInfo(m_line->text()).absolutePath();
        const QString path = m_kind == TextDomain::Kind::Folder
                                 ? QFileDialog::getExistingDirectory(this, DomainEditor::tr("Choose a folder"), from)
                                 : QFileDialog::getOpenFileName(this, DomainEditor::tr("Choose a file"), from);
        if (path.isEmpty())
            return;
        m_line->setText(path);
        Q_EMIT edited();
    }

    TextDomain::Kind m_kind;
    QLineEdit* m_line;
    QToolButton* m_button = nullptr;
};

class MultilineEditor : public DomainEditor {
public:
    explicit MultilineEditor(QWidget* parent) : DomainEditor(parent), m_text(new QPlainTextEdit(this)) {
        bareLayout(this)->addWidget(m_text);
        m_text->setTabChangesFocus(true);
        constexpr int kLines = 5;
        m_text->setFixedHeight(m_text->fontMetrics().lineSpacing() * kLines + 16);
        connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
            if (!m_isSetting)
                Q_EMIT edited();
        });
    }
    ParamValue value() const override { return m_text->toPlainText().toStdString(); }
    void setValue(const ParamValue& value) override {
        const QString text = QString::fromStdString(std::get<std::string>(value));
        if (m_text->toPlainText() == text)
            return;
        m_isSetting = true;
        m_text->setPlainText(text);
        m_isSetting = false;
    }
    QWidget* control() const override { return m_text; }

private:
    QPlainTextEdit* m_text;
    bool m_isSetting = false;
};

} // namespace

std::string plainNumber(const QString& text) {
    QString plain = text.trimmed();
    const bool hasDecimalComma = QLocale().decimalPoint() == QStringLiteral(",");
    if (hasDecimalComma && plain.count(QLatin1Char(',')) == 1 && !plain.contains(QLatin1Char('.')))
        plain.replace(QLatin1Char(','), QLatin1Char('.'));
    return plain.toStdString();
}

QString schemaText(const std::string& text) {
    return text.empty() ? QString() : QCoreApplication::translate("ParamSchema", text.c_str());
}

DomainEditor* makeDomainEditor(const ParamSpec& spec, QWidget* parent) {
    struct Maker {
        const ParamSpec& spec;
        QWidget* parent;
        DomainEditor* operator()(const BoolDomain&) const { return new BoolEditor(parent); }
        DomainEditor* operator()(const IntDomain&) const { return new NumberEditor(spec, parent); }
        DomainEditor* operator()(const RealDomain&) const { return new NumberEditor(spec, parent); }
        DomainEditor* operator()(const ChoiceDomain& d) const { return new ChoiceEditor(d, parent); }
        DomainEditor* operator()(const TextDomain& d) const {
            if (d.kind == TextDomain::Kind::Multiline)
                return new MultilineEditor(parent);
            return new TextEditor(d, parent);
        }
    };
    DomainEditor* editor = std::visit(Maker{spec, parent}, spec.domain);
    editor->setValue(spec.fallback);
    return editor;
}

} // namespace lathe
