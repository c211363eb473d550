#include "widgets/pages/dataset_progress.h"

#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>

namespace lathe {

namespace {
constexpr int kSteps = 1000; // a job may count more than an int
} // namespace

DatasetProgress::DatasetProgress(DatasetView& view, const QString& name, QWidget* parent)
    : QWidget(parent),
      m_view(view),
      m_text(new QLabel(this)),
      m_bar(new QProgressBar(this)),
      m_cancel(new QPushButton(themedIcon("close"), {}, this)) {
    m_text->setObjectName(name + QStringLiteral("ProgressLabel"));
    m_bar->setObjectName(name + QStringLiteral("ProgressBar"));
    m_cancel->setObjectName(name + QStringLiteral("CancelButton"));
    m_bar->setTextVisible(false);
    setLook(m_text, Look::Muted);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    row->addWidget(m_text);
    row->addWidget(m_bar, 1);
    row->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, &m_view, &DatasetView::cancel);
    connect(&m_view, &DatasetView::changed, this, &DatasetProgress::update);
    update();
}

void DatasetProgress::setText(const QString& text) {
    m_what = text;
    m_bar->setAccessibleName(text);
    m_cancel->setText(tr("Cancel"));
    update();
}

void DatasetProgress::update() {
    const StoppableJob& job = m_view.job();
    setVisible(job.isRunning());
    const std::size_t total = job.total();
    m_bar->setRange(0, total == 0 ? 0 : kSteps);
    m_bar->setValue(total == 0 ? 0 : static_cast<int>(kSteps * job.done() / total));
    m_text->setText(total == 0 ? m_what
                               : tr("%1: %2 of %3", "what, done, of all")
                                     .arg(m_what, QLocale().toString(qulonglong{job.done()}),
                                          QLocale().toString(qulonglong{total})));
}

} // namespace lathe
