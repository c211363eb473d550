#pragma once

#include <QByteArray>
#include <QProcess>
#include <QStringList>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace lathe::test {

/// What one call of the program left.
struct ProgramRun {
    int exitCode = -1; ///< -1: it did not end in time, or crashed
    QByteArray output;
    QByteArray errors;

    /// Each line of the output as JSON; a line that is none fails the test and is left out.
    [[nodiscard]] std::vector<nlohmann::json> jsonLines() const;
    /// The only line.
    [[nodiscard]] nlohmann::json json() const;
};

/// The built program, without a display, with `home` as the place for its data.
class Program {
public:
    explicit Program(std::filesystem::path home) : m_home(std::move(home)) {}

    [[nodiscard]] ProgramRun run(const QStringList& arguments, const QByteArray& input = {}) const;
    /// Starts it and calls `onLine` for each line of output; for calls that are to be interrupted.
    [[nodiscard]] ProgramRun follow(const QStringList& arguments,
                                    const std::function<void(QProcess&, const QByteArray&)>& onLine) const {
        return converse(arguments, {}, onLine);
    }
    /// The same, with `input` given at once; the input stays open.
    [[nodiscard]] ProgramRun converse(const QStringList& arguments, const QByteArray& input,
                                      const std::function<void(QProcess&, const QByteArray&)>& onLine) const;

private:
    void prepare(QProcess& process, const QStringList& arguments) const;

    std::filesystem::path m_home;
};

} // namespace lathe::test
