#pragma once

#include <QRegularExpression>
#include <QTest>

namespace lathe::test {

/// Makes every warning fail the running test function, but for those of the offscreen platform about what it
/// has not. Call it in init(): Qt Test forgets at the end of each function.
inline void failOnWarnings() {
    QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support )")));
}

} // namespace lathe::test
