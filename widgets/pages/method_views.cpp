#include "widgets/pages/method_views.h"

#include "widgets/charts/allocation_view.h"
#include "widgets/charts/simplex_view.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace lathe {

namespace {
// Of these a view is there before its first record is; of another one once it is.
constexpr QLatin1String kAllocating("heterolora");
constexpr QLatin1String kSimplex("_subspace"); // whatever carries it
} // namespace

MethodViews::MethodViews(QWidget* parent)
    : QWidget(parent),
      m_allocation(new AllocationView(this)),
      m_simplex(new SimplexView(this)),
      m_problem(new QLabel(this)) {
    setObjectName("methodViews");
    m_problem->setObjectName("methodProblemLabel");
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    setLook(m_problem, Look::Problem);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_allocation);
    column->addWidget(m_simplex);
    column->addWidget(m_problem);
    connect(&m_reader, &TrialPictureReader::changed, this, &MethodViews::take);
    take();
}

void MethodViews::follow(const QString& folder, const QString& method) {
    m_method = method;
    m_reader.watch(folder);
    take();
}

void MethodViews::refreshSoon() { m_reader.refreshSoon(); }

void MethodViews::take() {
    const TrialPictures& pictures = m_reader.pictures();
    m_allocation->setHistory(pictures.allocation);
    m_allocation->setVisible(pictures.allocation || m_method == kAllocating);
    m_simplex->setLoss(pictures.simplex);
    m_simplex->setVisible(pictures.simplex || m_method.endsWith(kSimplex));
    m_problem->setText(pictures.problem);
    m_problem->setVisible(!pictures.problem.isEmpty());
    setVisible(!m_allocation->isHidden() || !m_simplex->isHidden() || !m_problem->isHidden());
}

void MethodViews::retranslate() {
    m_allocation->retranslate();
    m_simplex->retranslate();
}

} // namespace lathe
