#include "widgets/pages/chat_settings.h"

#include "core/session/chat_options.h"
#include "core/session/chat_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/forms/param_form.h"
#include "widgets/theme/icons.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QRandomGenerator>
#include <QScrollArea>
#include <QScrollBar>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kLetters = 40; ///< that fit into a line at least
constexpr int kFormLetters = 14;
constexpr int kGapToBar = 4;

/// What is remembered, as far as it still fits.
ParamValues remembered(const QString& json) {
    const ParamSchema schema = chatOptionsSchema();
    ParamValues values = defaults(schema);
    const auto stored = paramValuesFromJson(json.toStdString());
    if (!stored)
        return values;
    for (const ParamSpec& spec : schema) {
        const ParamValue* value = stored->find(spec.key);
        if (value != nullptr && value->index() == spec.fallback.index() && !problemWith(spec.domain, *value))
            values.set(spec.key, *value);
    }
    return values;
}

} // namespace

ChatSettings::ChatSettings(ChatSession& session, Settings& settings, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_settings(settings),
      m_form(new ParamForm(this)),
      m_scroll(new QScrollArea(this)),
      m_inner(nullptr),
      m_seed(new QPushButton(themedIcon("dice"), {}, this)),
      m_defaults(new QPushButton(themedIcon("reset"), {}, this)),
      m_prompt(new QPushButton(themedIcon("search"), {}, this)) {
    setObjectName("chatSettings");
    m_seed->setObjectName("newSeedButton");
    m_defaults->setObjectName("chatDefaultsButton");
    m_prompt->setObjectName("showPromptButton");
    m_form->setSchema(chatOptionsSchema());
    if (auto* forms = qobject_cast<QComboBox*>(m_form->editor(QStringLiteral("prompt_form")))) {
        forms->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        forms->setMinimumContentsLength(kFormLetters); // the longest name would widen the panel for all
    }
    m_form->setValues(remembered(m_settings.chatOptions.value()));
    m_session.setOptions(m_form->values());
    auto* content = new QWidget(this);
    auto* inner = m_inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::rangeChanged, inner,
            [inner](int low, int high) { inner->setContentsMargins(0, 0, high > low ? kGapToBar : 0, 0); });
    inner->setSpacing(8);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_seed);
    row->addWidget(m_defaults);
    inner->addLayout(row);
    inner->addWidget(m_prompt);
    inner->addSpacing(4);
    inner->addWidget(m_form, 1);
    m_scroll->setObjectName("chatSettingsScrollArea");
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(content);
    content->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_scroll);
    connect(m_form, &ParamForm::valueEdited, this, &ChatSettings::take);
    connect(m_seed, &QPushButton::clicked, this, &ChatSettings::newSeed);
    connect(m_defaults, &QPushButton::clicked, this, &ChatSettings::takeModelDefaults);
    connect(m_prompt, &QPushButton::clicked, this, &ChatSettings::promptWanted);
    connect(&m_session, &ChatSession::systemChanged, this,
            [this](const QString& text) { set("system", text.toStdString()); });
    retranslate();
}

void ChatSettings::addSection(QWidget* section) { m_inner->insertWidget(0, section); }

QWidget& ChatSettings::firstButton() const { return *m_seed; }

void ChatSettings::take() {
    if (m_form->problems().empty())
        apply(m_form->values());
}

void ChatSettings::apply(const ParamValues& values) {
    m_session.setOptions(values);
    m_settings.chatOptions.set(toQString(toJson(values)));
    Q_EMIT changed();
}

void ChatSettings::set(const char* key, ParamValue value) {
    m_form->setValues({{key, value}});
    ParamValues values = m_session.options(); // another field may be wrong just now
    values.set(key, std::move(value));
    apply(values);
}

void ChatSettings::setPromptForm(const QString& form) { set("prompt_form", form.toStdString()); }

void ChatSettings::newSeed() {
    // As many as the form allows, and few enough to be read aloud.
    constexpr int kSeeds = 1'000'000;
    set("seed", std::int64_t{QRandomGenerator::global()->bounded(kSeeds)});
}

bool ChatSettings::isDrawing() const {
    const GenerationOptions options = generationOptions(m_session.options());
    return options.temperature > 0 && options.beams == 1;
}

void ChatSettings::takeModelDefaults() {
    const GenerationOptions usual = m_session.modelDefaults().value_or(GenerationOptions{});
    m_form->setValues(withModelDefaults(m_form->values(), usual));
    take();
}

void ChatSettings::retranslate() {
    m_form->setGroupTitle(QStringLiteral("answer"), tr("Answer"));
    m_form->setGroupTitle(QStringLiteral("drawing"), tr("Drawing of tokens"));
    m_form->setGroupTitle(QStringLiteral("prompt"), tr("Prompt"));
    m_seed->setText(tr("New seed"));
    m_seed->setToolTip(tr("Rolls the dice: another seed gives another answer where tokens are drawn"));
    m_defaults->setText(tr("Usual settings"));
    m_defaults->setToolTip(tr("What the model's own files say, once it is loaded; else the usual ones"));
    m_prompt->setText(tr("Show the prompt…"));
    m_prompt->setToolTip(tr("The question as the model reads it"));
}

/// The fields change with the language and the zoom.
bool ChatSettings::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::LayoutRequest)
        fitWidth();
    return QWidget::eventFilter(watched, event);
}

/// As wide as the fields need: nothing is cut, and nothing scrolls sideways.
void ChatSettings::fitWidth() {
    const int bar = style()->pixelMetric(QStyle::PM_ScrollBarExtent);
    setFixedWidth(std::max(kLetters * fontMetrics().averageCharWidth(),
                           m_scroll->widget()->minimumSizeHint().width() + kGapToBar + bar));
}

} // namespace lathe
