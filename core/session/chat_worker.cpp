#include "core/session/chat_worker.h"

#include "core/session/chat_options.h"

#include <algorithm>
#include <utility>

namespace lathe {

namespace {

ChatWorker::Report makeReport(const ChatWorker::Request& request, std::size_t voice,
                              ChatWorker::Report::Kind kind, std::string text = {}) {
    ChatWorker::Report report;
    report.number = request.number;
    report.voice = voice;
    report.kind = kind;
    report.text = std::move(text);
    return report;
}

} // namespace

ChatWorker::ChatWorker(OpenTextGenerator open)
    : m_open(std::move(open)), m_thread([this](std::stop_token stop) { run(std::move(stop)); }) {}

ChatWorker::~ChatWorker() {
    m_thread.request_stop();
    const std::lock_guard lock(m_mutex);
    m_running.request_stop();
}

void ChatWorker::submit(Request request) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(request));
    m_wake.notify_one();
}

void ChatWorker::keep(std::vector<std::filesystem::path> wanted) {
    const std::lock_guard lock(m_mutex);
    m_wanted = std::move(wanted);
    m_wasKeepAsked = true;
    m_wake.notify_one();
}

std::vector<ChatWorker::Report> ChatWorker::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_reports, {});
}

void ChatWorker::post(Report report) {
    const std::lock_guard lock(m_mutex);
    if (report.kind == Report::Kind::Piece && !m_reports.empty()) {
        Report& last = m_reports.back();
        if (last.kind == report.kind && last.number == report.number && last.voice == report.voice) {
            last.text += report.text;
            return;
        }
    }
    m_reports.push_back(std::move(report));
}

void ChatWorker::run(std::stop_token stop) {
    for (;;) {
        Request request;
        std::vector<std::filesystem::path> wanted;
        bool isKeepAsked = false;
        bool hasRequest = false;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, stop, [this] { return m_wasKeepAsked || !m_waiting.empty(); });
            if (stop.stop_requested())
                return;
            isKeepAsked = std::exchange(m_wasKeepAsked, false);
            wanted = m_wanted;
            hasRequest = !m_waiting.empty();
            if (hasRequest) {
                request = std::move(m_waiting.front());
                m_waiting.pop_front();
                m_running = request.stop;
            }
        }
        if (isKeepAsked)
            letGo(wanted);
        if (hasRequest)
            serve(request);
    }
}

void ChatWorker::serve(Request& request) {
    std::vector<std::filesystem::path> wanted;
    for (const Voice& voice : request.voices)
        wanted.push_back(voice.files.model);
    if (!request.stop.stop_requested())
        letGo(wanted); // before the next are loaded: there may not be room for all
    for (std::size_t i = 0; i < request.voices.size() && !request.stop.stop_requested(); ++i)
        if (const Status served = serveVoice(request, i); !served)
            post(makeReport(request, i, Report::Kind::Failed, served.error().text()));
    post(makeReport(request, 0, Report::Kind::Over));
}

Status ChatWorker::serveVoice(Request& request, std::size_t voice) {
    LATHE_ASSIGN(TextGenerator * generator, generatorFor(request, voice));
    if (request.aim == Aim::Load || request.stop.stop_requested())
        return ok();
    if (request.aim == Aim::CheckMerge) {
        Report report = makeReport(request, voice, Report::Kind::Merge);
        LATHE_ASSIGN(report.merge, generator->checkMerge());
        post(std::move(report));
        return ok();
    }
    LATHE_ASSIGN(std::string prompt,
                 chatPrompt(*generator, request.promptForm, request.voices[voice].messages));
    if (request.aim == Aim::TellPrompt) {
        post(makeReport(request, voice, Report::Kind::Prompt, std::move(prompt)));
        return ok();
    }
    const auto tell = [&](std::string_view piece) {
        post(makeReport(request, voice, Report::Kind::Piece, std::string(piece)));
    };
    Report report = makeReport(request, voice, Report::Kind::Made);
    LATHE_ASSIGN(report.made, generator->generate(prompt, request.options, tell, request.stop.get_token()));
    post(std::move(report));
    return ok();
}

Result<TextGenerator*> ChatWorker::generatorFor(const Request& request, std::size_t voice) {
    const Files& files = request.voices[voice].files;
    auto found = std::ranges::find(m_loaded, files.model, &Loaded::model);
    if (found == m_loaded.end()) {
        post(makeReport(request, voice, Report::Kind::Loading));
        LATHE_ASSIGN(auto generator, m_open(files.model, {}));
        m_loaded.push_back({files.model, std::move(generator)});
        found = m_loaded.end() - 1;
    }
    LATHE_TRY(found->generator->setAdapters(files.mix));
    Report report = makeReport(request, voice, Report::Kind::Ready);
    report.hasChatTemplate = found->generator->hasChatTemplate();
    report.defaults = found->generator->defaults();
    post(std::move(report));
    return found->generator.get();
}

void ChatWorker::letGo(const std::vector<std::filesystem::path>& wanted) {
    std::erase_if(m_loaded, [&wanted](const Loaded& one) {
        return std::ranges::find(wanted, one.model) == wanted.end();
    });
}

} // namespace lathe
