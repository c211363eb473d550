#include "widgets/dialogs/places_dialog.h"

#include "core/session/recipe_draft.h"
#include "core/session/text.h"
#include "widgets/forms/places_view.h"
#include "widgets/theme/theme.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int kMostWidth = 900;
constexpr int kMostHeight = 560;
} // namespace

PlacesDialog::PlacesDialog(RecipeDraft& draft, const RecipeCost& cost, QWidget* parent)
    : QDialog(parent),
      m_draft(draft),
      m_view(new PlacesView(this)),
      m_count(new QLabel(this)),
      m_texts(new QLabel(this)) {
    setObjectName("placesDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Where the adapter goes"));
    m_view->setPlaces(cost.places);
    m_count->setObjectName("placesCountLabel");
    setLook(m_count, Look::Heading);
    m_texts->setObjectName("placesTextsLabel");
    m_texts->setWordWrap(true);
    setLook(m_texts, Look::Muted);
    m_texts->hide(); // until something is written
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_view);
    const QSize picture = m_view->sizeHint();
    const int bar = 18;
    scroll->setMinimumSize(std::min(picture.width() + bar, kMostWidth),
                           std::min(picture.height() + bar, kMostHeight));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setObjectName("closeButton");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(12);
    auto* explanation =
        new QLabel(tr("Lit places get an adapter. Click one, or go there with the arrow keys and "
                      "press the space bar; headings switch whole rows and columns."),
                   this);
    explanation->setWordWrap(true);
    layout->addWidget(explanation);
    layout->addWidget(scroll, 1);
    layout->addWidget(makeChoices());
    layout->addWidget(m_count);
    layout->addWidget(m_texts);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_view, &PlacesView::edited, this, &PlacesDialog::write);
    showCost(cost);
    m_view->setFocus();
}

QWidget* PlacesDialog::makeChoices() {
    struct Choice {
        const char* name;
        QString text;
        std::function<bool(const AdapterPlace&)> isOn;
    };
    const std::vector<Choice> choices{
        {"allPlacesButton", tr("&All"), [](const AdapterPlace&) { return true; }},
        {"noPlacesButton", tr("&None"), [](const AdapterPlace&) { return false; }},
        {"attentionButton", tr("A&ttention"),
         [](const AdapterPlace& place) { return place.layer >= 0 && !place.isFeedForward; }},
        {"feedForwardButton", tr("&Feed-forward"),
         [](const AdapterPlace& place) { return place.isFeedForward; }},
    };
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    for (const Choice& choice : choices) {
        auto* button = new QPushButton(choice.text, row);
        button->setObjectName(choice.name);
        button->setAutoDefault(false);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, isOn = choice.isOn] { choose(isOn); });
    }
    layout->addStretch(1);
    return row;
}

void PlacesDialog::choose(const std::function<bool(const AdapterPlace&)>& isOn) {
    std::vector<AdapterPlace> places = m_view->places();
    for (AdapterPlace& place : places)
        place.isOn = isOn(place);
    m_view->setPlaces(std::move(places));
    write();
}

void PlacesDialog::write() {
    const TargetTexts texts = targetTexts(m_view->places());
    ParamValues values = m_draft.values();
    values.set("target_modules", texts.modules);
    values.set("target_layers", texts.layers);
    values.set("exclude_modules", texts.exclude);
    m_draft.setValues(values);
    m_texts->show();
    m_texts->setText(
        texts.modules.empty()
            ? tr("Nothing is chosen; an adapter needs a place.")
            : tr("In the recipe: %1")
                  .arg(toQString(texts.modules + (texts.layers.empty() ? "" : "; ") + texts.layers)));
}

void PlacesDialog::showCost(const RecipeCost& cost) {
    const auto on = std::ranges::count_if(cost.places, &AdapterPlace::isOn);
    m_count->setText(tr("%1 places, %2 trained parameters")
                         .arg(on)
                         .arg(QLocale().toString(qlonglong{cost.trainableParameters})));
}

} // namespace lathe
