#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace lathe {

/// A shell command in a process group of its own, its standard output and error in pipes, its input empty. It
/// ends with its owner: the destructor kills the group, and where the whole program is killed, so is the
/// command (on Linux; what it started itself may live on). Starting and waiting belong to one thread.
class ChildProcess {
public:
    /// `environment`: "NAME=value" each. Io error if the system has no room for another process.
    [[nodiscard]] static Result<ChildProcess> start(const std::string& command,
                                                    const std::vector<std::string>& environment);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    /// For poll(); negative once it is closed at the other end.
    [[nodiscard]] int outputPipe() const { return m_output; }
    [[nodiscard]] int errorPipe() const { return m_errors; }
    /// What has been written since the last call; does not block.
    [[nodiscard]] std::string takeOutput() { return take(m_output); }
    [[nodiscard]] std::string takeErrors() { return take(m_errors); }

    /// Whether the command has ended; does not block.
    [[nodiscard]] bool hasEnded() const;
    /// Waits for the end. Nothing after exit code 0, else why: "exit code 2", "killed by signal 11 (…)".
    [[nodiscard]] std::string finish();

    /// To every process of the group.
    void askToStop() const;
    void kill() const;

private:
    ChildProcess(pid_t process, int output, int errors)
        : m_process(process), m_output(output), m_errors(errors) {}

    [[nodiscard]] static std::string take(int& pipe);
    void release();

    pid_t m_process = -1; // negative: none, or waited for
    int m_output = -1;
    int m_errors = -1;
};

} // namespace lathe
