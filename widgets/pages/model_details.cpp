#include "widgets/pages/model_details.h"

#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QTableWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kRowHeight = 28;
constexpr int kSitesWidth = 380;
constexpr int kFactsPerColumn = 5;
constexpr int kFactsTop = 7; ///< the first of them is in line with the header of the places
constexpr int kNoteIconSize = 16;

QLabel* named(QLabel* label, const QString& name, Look look) {
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText); // names and cards come from files
    setLook(label, look);
    return label;
}

QLabel* makeLabel(QWidget* parent, const QString& name, Look look) {
    return named(new QLabel(parent), name, look);
}

QString countText(std::int64_t count) { return QLocale().toString(qlonglong{count}); }

} // namespace

ModelDetails::ModelDetails(QWidget* parent) : QFrame(parent), m_sites(new QTableWidget(this)) {
    setObjectName("modelDetails");
    setLook(this, Look::Card);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 14, 20, 14);
    column->setSpacing(8);
    column->addWidget(makeHead());
    m_problem = makeLabel(this, "modelDetailsProblemLabel", Look::Problem);
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_hint = makeLabel(this, "modelHintLabel", Look::Muted);
    m_hint->setAlignment(Qt::AlignCenter);
    column->addWidget(m_problem);
    column->addWidget(makeNotes());
    column->addWidget(m_hint, 1);
    m_body = new QWidget(this);
    auto* row = new QHBoxLayout(m_body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(24);
    makeSites();
    row->addWidget(makeFacts(), 0, Qt::AlignTop);
    row->addWidget(m_sites, 3);
    row->addWidget(makeCard(), 2);
    column->addWidget(m_body, 1);
    column->addStretch(0);
    retranslate();
}

QWidget* ModelDetails::makeHead() {
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    m_name = named(new ElidedLabel(Qt::ElideRight, head), "modelNameLabel", Look::Heading);
    m_folder = named(new ElidedLabel(Qt::ElideMiddle, head), "modelFolderLabel", Look::Muted);
    m_folder->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_copy = makeTool("copy", "copyModelFolderButton");
    m_open = makeTool("folder", "openModelFolderButton");
    row->addWidget(m_name);
    row->addWidget(m_folder, 1);
    row->addWidget(m_copy);
    row->addWidget(m_open);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_folder->text()); });
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (m_entry)
            QDesktopServices::openUrl(QUrl::fromLocalFile(m_entry->folder));
    });
    return head;
}

QPushButton* ModelDetails::makeTool(const QString& icon, const QString& name) {
    auto* button = new QPushButton(themedIcon(icon), {}, this);
    button->setObjectName(name);
    setLook(button, Look::QuietButton);
    return button;
}

QWidget* ModelDetails::makeNotes() {
    m_notesRow = new QWidget(this);
    auto* row = new QHBoxLayout(m_notesRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* icon = new QLabel(m_notesRow);
    icon->setPixmap(themedIcon("info", IconTone::Muted).pixmap(kNoteIconSize));
    m_notes = makeLabel(m_notesRow, "modelNotesLabel", Look::Muted);
    m_notes->setWordWrap(true);
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    row->addWidget(icon, 0, Qt::AlignTop);
    row->addWidget(m_notes, 1);
    return m_notesRow;
}

QWidget* ModelDetails::makeFacts() {
    auto* facts = new QWidget(m_body);
    auto* grid = new QGridLayout(facts);
    grid->setContentsMargins(0, kFactsTop, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(6);
    for (int i = 0; i < 2 * kFactsPerColumn; ++i) {
        Fact fact{makeLabel(facts, QStringLiteral("modelFact%1TitleLabel").arg(i), Look::Muted),
                  new QLabel(facts)};
        fact.value->setObjectName(QStringLiteral("modelFact%1Label").arg(i));
        fact.value->setTextFormat(Qt::PlainText);
        fact.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int column = 3 * (i / kFactsPerColumn);
        grid->addWidget(fact.title, i % kFactsPerColumn, column);
        grid->addWidget(fact.value, i % kFactsPerColumn, column + 1);
        m_facts.append(fact);
    }
    grid->setColumnMinimumWidth(2, 12);
    return facts;
}

void ModelDetails::makeSites() {
    m_sites->setObjectName("modelSitesTable");
    m_sites->setColumnCount(4);
    m_sites->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_sites->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_sites->setSelectionMode(QAbstractItemView::SingleSelection);
    m_sites->setTabKeyNavigation(false); // Tab leaves the table
    m_sites->setShowGrid(false);
    m_sites->setWordWrap(false);
    m_sites->verticalHeader()->hide();
    m_sites->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_sites->horizontalHeader()->setHighlightSections(false);
    m_sites->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_sites->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_sites->horizontalHeader()->setSectionResizeMode(3, QHeaderView::Stretch);
    m_sites->setMinimumSize(kSitesWidth, 4 * kRowHeight);
}

QWidget* ModelDetails::makeCard() {
    m_cardArea = new QWidget(m_body);
    auto* column = new QVBoxLayout(m_cardArea);
    column->setContentsMargins(0, kFactsTop, 0, 0);
    column->setSpacing(4);
    m_cardTitle = makeLabel(m_cardArea, "modelCardTitleLabel", Look::Muted);
    m_card = makeLabel(m_cardArea, "modelCardLabel", Look::Muted);
    m_card->setWordWrap(true);
    m_card->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_card->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* scroll = new QScrollArea(m_cardArea);
    scroll->setObjectName("modelCardScrollArea");
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_card);
    column->addWidget(m_cardTitle);
    column->addWidget(scroll, 1);
    return m_cardArea;
}

void ModelDetails::show(const ModelEntry* entry) {
    m_entry = entry == nullptr ? std::nullopt : std::optional(*entry);
    showEntry();
}

QString ModelDetails::problemText() const {
    if (!m_entry->problem.isEmpty())
        return m_entry->problem;
    if (!m_entry->costProblem.isEmpty())
        return tr("The recipe as it is does not fit this model: %1").arg(m_entry->costProblem);
    return {};
}

QString ModelDetails::notesText() const {
    QString text = joinedLines(m_entry->facts.notes);
    const bool lacksTokenizer =
        m_entry->state == ModelEntry::State::Ready && m_entry->facts.tokenizer.empty();
    if (lacksTokenizer)
        text += (text.isEmpty() ? QString() : QStringLiteral("\n")) +
                tr("There is no tokenizer in the folder: without one the model can neither be trained nor "
                   "asked.");
    return text;
}

void ModelDetails::showEntry() {
    const bool hasFacts = m_entry && m_entry->facts.parameters > 0;
    const bool isReading = m_entry && m_entry->state == ModelEntry::State::Reading;
    for (QWidget* part : std::initializer_list<QWidget*>{m_name, m_folder, m_copy, m_open})
        part->setVisible(m_entry.has_value());
    m_body->setVisible(hasFacts);
    m_hint->setVisible(!m_entry || isReading);
    m_hint->setText(isReading ? tr("Reading the model's files…") : tr("Choose a model to see what it is."));
    const QString problem = m_entry ? problemText() : QString();
    m_problem->setVisible(!problem.isEmpty());
    m_problem->setText(problem);
    const QString notes = m_entry ? notesText() : QString();
    m_notesRow->setVisible(!notes.isEmpty());
    m_notes->setText(notes);
    if (!m_entry)
        return;
    m_name->setText(m_entry->name);
    const QString folder = QDir::toNativeSeparators(m_entry->folder);
    m_folder->setText(folder);
    m_folder->setToolTip(folder);
    m_open->setEnabled(m_entry->state != ModelEntry::State::Missing);
    if (!hasFacts)
        return;
    updateFacts();
    updateSites();
    m_cardArea->setVisible(!m_entry->facts.card.empty());
    m_card->setText(toQString(m_entry->facts.card));
}

void ModelDetails::updateFacts() {
    const ModelFacts& facts = m_entry->facts;
    const QString none = QStringLiteral("–");
    const QString heads = facts.keyValueHeads > 0 && facts.keyValueHeads != facts.heads
                              ? tr("%1, %2 key/value", "attention heads")
                                    .arg(countText(facts.heads), countText(facts.keyValueHeads))
                              : countText(facts.heads);
    const QString values[2 * kFactsPerColumn] = {
        toQString(facts.family),
        countText(facts.parameters),
        tr("%1 of width %2", "layers").arg(countText(facts.layers), countText(facts.hiddenSize)),
        heads,
        countText(facts.vocabularySize),
        facts.contextLength > 0 ? tr("%1 tokens").arg(countText(facts.contextLength)) : tr("no limit"),
        toQString(facts.dtype),
        bytesText(static_cast<double>(facts.bytes)),
        facts.tokenizer.empty() ? none : toQString(facts.tokenizer),
        facts.licence.empty() ? none : toQString(facts.licence)};
    for (qsizetype i = 0; i < m_facts.size(); ++i)
        m_facts[i].value->setText(values[i]);
}

void ModelDetails::updateSites() {
    const ModelFacts& facts = m_entry->facts;
    m_sites->setRowCount(static_cast<int>(facts.sites.size()));
    for (int row = 0; row < m_sites->rowCount(); ++row) {
        const ModelSite& site = facts.sites[static_cast<std::size_t>(row)];
        QStringList methods;
        for (const AdapterPlaces& places : facts.places)
            if (places.modules.empty() ||
                std::ranges::find(places.modules, site.module) != places.modules.end())
                methods << toQString(places.label);
        const QString texts[] = {toQString(site.module), tr("%1 ×", "how often").arg(countText(site.count)),
                                 QStringLiteral("%1 → %2").arg(countText(site.in), countText(site.out)),
                                 methods.join(QStringLiteral(", "))};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setToolTip(texts[column]); // the last column may be cut
            m_sites->setItem(row, column, item);
        }
    }
}

void ModelDetails::retranslate() {
    const QString titles[2 * kFactsPerColumn] = {
        tr("Family"),  tr("Parameters"),    tr("Layers"),  tr("Heads"),     tr("Vocabulary"),
        tr("Context"), tr("Number format"), tr("On disk"), tr("Tokenizer"), tr("Licence")};
    for (qsizetype i = 0; i < m_facts.size(); ++i)
        m_facts[i].title->setText(titles[i]);
    m_sites->setHorizontalHeaderLabels(
        {tr("Place"), tr("Count"), tr("Width", "of a projection"), tr("Methods")});
    m_sites->setAccessibleName(tr("Where adapters attach"));
    m_cardTitle->setText(tr("From its README"));
    m_copy->setText(tr("Copy the path"));
    m_open->setText(tr("Show in files"));
    m_open->setToolTip(tr("Open the model's folder in the file manager"));
    showEntry();
}

} // namespace lathe
