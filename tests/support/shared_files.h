#pragma once

#include <QtTest>

#include <filesystem>
#include <string_view>

namespace lathe::test {

/// The folder with reference models, data and oracles: $LATHE_SHARED, or `../shared` beside the repository.
/// It is not part of the repository, so it may be missing; see LATHE_NEED_SHARED.
std::filesystem::path sharedDir();

/// `sharedDir() / relative`, whether it exists or not.
std::filesystem::path sharedFile(std::string_view relative);

/// A file or folder of the repository itself, `relative` to its root.
std::filesystem::path sourceFile(std::string_view relative);

/// True where `sharedFile(relative)` exists.
bool hasShared(std::string_view relative);

} // namespace lathe::test

/// Skips the test function, naming what is missing, unless the shared folder holds `relative`.
#define LATHE_NEED_SHARED(relative)                                                                          \
    do {                                                                                                     \
        if (!lathe::test::hasShared(relative))                                                               \
            QSKIP(qPrintable(QStringLiteral("needs %1, which is not part of the repository")                 \
                                 .arg(QString::fromStdString(lathe::test::sharedFile(relative).string())))); \
    } while (false)
