#include "app/search/child_process.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace lathe {

namespace {

constexpr const char* kShell = "/bin/sh";

struct Pipe {
    int read = -1;
    int write = -1;

    void close() {
        for (int* end : {&read, &write})
            if (*end >= 0)
                ::close(std::exchange(*end, -1));
    }
};

Result<Pipe> openPipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return ioError("command", std::string("cannot be started: ") + std::strerror(errno));
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return Pipe{ends[0], ends[1]};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts)
        list.push_back(const_cast<char*>(text.c_str())); // execve() takes them so and writes nothing
    list.push_back(nullptr);
    return list;
}

/// In the new process, where only what is safe in a signal handler may be called.
[[noreturn]] void becomeCommand(char* const* arguments, char* const* environment, int output, int errors,
                                pid_t parent) {
    ::setpgid(0, 0);
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it died before that call
        ::_exit(127);
#endif
    for (const int one : {SIGINT, SIGTERM, SIGPIPE})
        ::signal(one, SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execve(kShell, arguments, environment);
    ::_exit(127); // what a shell answers where there is no such command
}

} // namespace

Result<ChildProcess> ChildProcess::start(const std::string& command,
                                         const std::vector<std::string>& environment) {
    LATHE_ASSIGN(Pipe output, openPipe());
    Result<Pipe> errors = openPipe();
    if (!errors.has_value()) {
        output.close();
        return errors.error();
    }
    const std::vector<std::string> arguments{kShell, "-c", command};
    const std::vector<char*> argumentList = pointers(arguments);
    const std::vector<char*> variables = pointers(environment);
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process == 0)
        becomeCommand(argumentList.data(), variables.data(), output.write, errors->write, parent);
    if (process < 0) {
        const std::string reason = std::strerror(errno);
        output.close();
        errors->close();
        return ioError("command", "cannot be started: " + reason);
    }
    ::setpgid(process, process); // here too: whoever comes first
    ::close(output.write);
    ::close(errors->write);
    return ChildProcess(process, output.read, errors->read);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : m_process(std::exchange(other.m_process, -1)),
      m_output(std::exchange(other.m_output, -1)),
      m_errors(std::exchange(other.m_errors, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        release();
        m_process = std::exchange(other.m_process, -1);
        m_output = std::exchange(other.m_output, -1);
        m_errors = std::exchange(other.m_errors, -1);
    }
    return *this;
}

ChildProcess::~ChildProcess() { release(); }

void ChildProcess::release() {
    if (m_process >= 0) {
        kill();
        (void)finish();
    }
    for (int* pipe : {&m_output, &m_errors})
        if (*pipe >= 0)
            ::close(std::exchange(*pipe, -1));
}

std::string ChildProcess::take(int& pipe) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (pipe >= 0) {
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(count));
            // A command that writes without end must not keep us here.
            if (text.size() >= 16 * buffer.size())
                break;
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else if (count < 0 && errno == EAGAIN) {
            break;
        } else {
            ::close(std::exchange(pipe, -1));
        }
    }
    return text;
}

bool ChildProcess::hasEnded() const {
    if (m_process < 0)
        return true;
    siginfo_t info{};
    // It stays a zombie until finish(), so that its group's number is nobody else's while we may signal it.
    const int answer = ::waitid(P_PID, static_cast<id_t>(m_process), &info, WEXITED | WNOHANG | WNOWAIT);
    return answer == 0 && info.si_pid == m_process;
}

std::string ChildProcess::finish() {
    int status = 0;
    const pid_t process = std::exchange(m_process, -1);
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status))
        return "killed by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) +
               ")";
    return WEXITSTATUS(status) == 0 ? std::string() : "exit code " + std::to_string(WEXITSTATUS(status));
}

void ChildProcess::askToStop() const {
    if (m_process > 0)
        ::kill(-m_process, SIGTERM);
}

void ChildProcess::kill() const {
    if (m_process > 0)
        ::kill(-m_process, SIGKILL);
}

} // namespace lathe
