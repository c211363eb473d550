#include "widgets/pages/dataset_choices.h"

#include "core/session/model_folders.h"
#include "core/session/model_library.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/pages/dataset_columns.h"
#include "widgets/pages/dataset_form.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QFrame>
#include <QLabel>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kGapToBar = 4;

const QStringList& templateKeys() {
    static const QStringList keys{"prompt_template", "template_text", "template_without_input",
                                  "max_length",      "length_policy", "loss_on_prompt",
                                  "packing"};
    return keys;
}

} // namespace

DatasetChoices::DatasetChoices(DatasetSession& session, ModelLibrary& library, QWidget* parent)
    : QScrollArea(parent),
      m_session(session),
      m_library(library),
      m_reading(new DatasetForm(session, session.parts().readingKeys, QStringLiteral("reading"), this)),
      m_columns(new DatasetColumnList(session, this)),
      m_modelHeading(new QLabel(this)),
      m_model(new ElidedComboBox(this)),
      m_template(new DatasetForm(session, templateKeys(), QStringLiteral("template"), this)) {
    setObjectName("datasetChoices");
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_columns);
    column->addWidget(makeModelCard());
    column->addWidget(m_template);
    column->addWidget(m_reading);
    column->addStretch(1);
    setWidget(content);
    content->installEventFilter(this);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, column,
            [column](int low, int high) { column->setContentsMargins(0, 0, high > low ? kGapToBar : 0, 0); });
    retranslate();
}

/// As wide as what is in it, with room for the bar, so that nothing is cut.
bool DatasetChoices::eventFilter(QObject* watched, QEvent* event) {
    if (watched == widget() && event->type() == QEvent::LayoutRequest)
        setFixedWidth(widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width() +
                      kGapToBar);
    return QScrollArea::eventFilter(watched, event);
}

QWidget* DatasetChoices::makeModelCard() {
    auto* card = new QFrame(this);
    setLook(card, Look::Card);
    setLook(m_modelHeading, Look::Heading);
    m_model->setObjectName("datasetModelBox");
    m_model->setFocusPolicy(Qt::StrongFocus);
    m_model->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_model->setMinimumContentsLength(10);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(18, 14, 14, 16);
    column->setSpacing(8);
    column->addWidget(m_modelHeading);
    column->addWidget(m_model);
    connect(m_model, &QComboBox::activated, this, [this] {
        m_session.choices().setValue(QStringLiteral("model"),
                                     m_model->currentData().toString().toStdString());
    });
    const ModelTableModel& models = m_library.models();
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&models, signal, this, &DatasetChoices::fillModels);
    connect(&models, &QAbstractItemModel::dataChanged, this, &DatasetChoices::fillModels);
    connect(&m_session.choices(), &RecipeDraft::changed, this, [this](const QString& key) {
        if (key == QLatin1String("model"))
            showModel();
    });
    fillModels();
    return card;
}

void DatasetChoices::fillModels() {
    const ModelTableModel& models = m_library.models();
    QStringList known;
    QStringList names;
    for (int row = 0; row < models.rowCount(); ++row)
        if (const ModelEntry& entry = models.row(row); entry.state == ModelEntry::State::Ready) {
            known << entry.folder;
            names << entry.name;
        }
    if (known == m_known && m_model->count() > 0)
        return; // a forecast came in
    m_known = known;
    m_model->clear();
    for (qsizetype i = 0; i < known.size(); ++i)
        m_model->addItem(names[i], known[i]);
    m_session.setUsualModel(known.isEmpty() ? QString() : known.front());
    showModel();
}

void DatasetChoices::showModel() {
    const QString folder = m_session.model();
    int place = m_model->findData(folder);
    if (place < 0 && !folder.isEmpty()) { // a folder the library does not know
        m_model->addItem(nameOfModel(folder), folder);
        place = m_model->count() - 1;
    }
    m_model->setCurrentIndex(place);
    m_model->setToolTip(folder);
}

void DatasetChoices::retranslate() {
    m_modelHeading->setText(tr("Model"));
    m_model->setAccessibleName(tr("Model whose tokens are shown"));
    m_model->setPlaceholderText(tr("No model yet"));
    m_reading->setTitle(tr("How the file is read"));
    m_template->setTitle(tr("What the model gets"));
    m_columns->retranslate();
}

} // namespace lathe
