#pragma once

// The whole build sets QT_NO_KEYWORDS, because Qt's words collide with LibTorch's names; QCustomPlot's header
// is written with them. This is the only place that includes it. The words are gone again afterwards.
#include <QtCore/qglobal.h>

#define slots Q_SLOTS
#define signals Q_SIGNALS
#define emit Q_EMIT
#define foreach Q_FOREACH

#include <qcustomplot.h>

#undef slots
#undef signals
#undef emit
#undef foreach
