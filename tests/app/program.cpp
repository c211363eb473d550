#include "tests/app/program.h"

#include <QtTest>

namespace lathe::test {

namespace {

/// A start alone takes a second where LibTorch is not in memory yet; training a tiny model a few more.
constexpr int kLimitMs = 120'000;

ProgramRun resultOf(QProcess& process, QByteArray output) {
    const bool isOver = process.state() == QProcess::NotRunning || process.waitForFinished(kLimitMs);
    const bool hasEnded = isOver && process.exitStatus() == QProcess::NormalExit;
    if (!isOver)
        process.kill();
    output += process.readAllStandardOutput();
    return {hasEnded ? process.exitCode() : -1, output, process.readAllStandardError()};
}

} // namespace

std::vector<nlohmann::json> ProgramRun::jsonLines() const {
    std::vector<nlohmann::json> lines;
    for (const QByteArray& line : output.split('\n')) {
        if (line.isEmpty())
            continue;
        auto json = nlohmann::json::parse(line.toStdString(), nullptr, false);
        if (json.is_discarded())
            QTest::qFail(("not JSON: " + line).constData(), __FILE__, __LINE__);
        else
            lines.push_back(std::move(json));
    }
    return lines;
}

nlohmann::json ProgramRun::json() const {
    const auto lines = jsonLines();
    if (lines.size() != 1)
        QTest::qFail(("one line of JSON was expected, not: " + output + errors).constData(), __FILE__,
                     __LINE__);
    return lines.empty() ? nlohmann::json() : lines.back();
}

void Program::prepare(QProcess& process, const QStringList& arguments) const {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("DISPLAY"));
    environment.remove(QStringLiteral("WAYLAND_DISPLAY"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), QString::fromStdString(m_home.string()));
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), QString::fromStdString((m_home / "cache").string()));
    process.setProcessEnvironment(environment);
    process.setProgram(QStringLiteral(LATHE_PROGRAM));
    process.setArguments(arguments);
}

ProgramRun Program::run(const QStringList& arguments, const QByteArray& input) const {
    QProcess process;
    prepare(process, arguments);
    process.start();
    process.write(input);
    process.closeWriteChannel();
    return resultOf(process, {});
}

ProgramRun Program::converse(const QStringList& arguments, const QByteArray& input,
                             const std::function<void(QProcess&, const QByteArray&)>& onLine) const {
    QProcess process;
    prepare(process, arguments);
    process.start();
    process.write(input);
    QByteArray output;
    while (process.waitForReadyRead(kLimitMs)) {
        while (process.canReadLine()) {
            const QByteArray line = process.readLine();
            output += line;
            onLine(process, line);
        }
    }
    return resultOf(process, output);
}

} // namespace lathe::test
