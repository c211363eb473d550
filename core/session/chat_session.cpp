#include "core/session/chat_session.h"

#include "core/session/chat_options.h"
#include "core/session/text.h"

#include <algorithm>
#include <utility>

namespace lathe {

namespace {

constexpr int kFrameMs = 33;

ChatWorker::Files filesOf(const ChatVoice& voice) { return {toPath(voice.model), voice.mix()}; }

bool areSame(const QVector<ChatVoice>& a, const QVector<ChatVoice>& b) {
    return std::ranges::equal(a, b, [](const auto& one, const auto& other) { return one.isSame(other); });
}

bool haveSameFiles(const QVector<ChatVoice>& a, const QVector<ChatVoice>& b) {
    return std::ranges::equal(a, b, [](const auto& one, const auto& other) { return one.hasFilesOf(other); });
}

} // namespace

ChatSession::ChatSession(OpenTextGenerator open, QObject* parent)
    : QObject(parent), m_options(defaults(chatOptionsSchema())), m_worker(std::move(open)) {
    m_tick.setInterval(kFrameMs);
    connect(&m_tick, &QTimer::timeout, this, &ChatSession::takeReports);
}

ChatSession::~ChatSession() { m_stop.request_stop(); }

void ChatSession::setVoices(const QVector<ChatVoice>& voices) {
    const bool isSameAsBefore = areSame(voices, m_voices);
    const bool isOnlySet = haveSameFiles(voices, m_voices);
    if (!isOnlySet)
        stop();
    const bool isSameModel =
        !voices.isEmpty() && !m_voices.isEmpty() && voices.front().model == m_voices.front().model;
    const bool isRenamed =
        isSameAsBefore && !std::ranges::equal(voices, m_voices, {}, &ChatVoice::name, &ChatVoice::name);
    m_voices = voices;
    if (isRenamed)
        Q_EMIT conversationChanged();
    if (isSameAsBefore)
        return;
    if (!isOnlySet)
        forgetVoices(isSameModel);
    Q_EMIT conversationChanged();
}

/// What was asked of other voices does not count any more.
void ChatSession::forgetVoices(bool isSameModel) {
    m_voicesSince = m_number;
    m_lastAnswers = 0;
    if (!isSameModel) {
        m_hasChatTemplate.reset();
        m_defaults.reset();
    }
    std::vector<std::filesystem::path> wanted;
    for (const ChatVoice& voice : m_voices)
        wanted.push_back(toPath(voice.model));
    m_stop.request_stop(); // a load that has not begun
    m_worker.keep(std::move(wanted));
}

void ChatSession::prepare() {
    if (m_voices.isEmpty() || isBusy() || m_preparing > m_voicesSince)
        return;
    ChatWorker::Request request = makeRequest(ChatWorker::Aim::Load, {});
    m_preparing = request.number;
    submit(std::move(request));
}

void ChatSession::ask(const QString& question) {
    LATHE_EXPECT(!isBusy() && !m_voices.isEmpty());
    begin(question);
}

void ChatSession::regenerate() {
    LATHE_EXPECT(!m_conversation.turns.isEmpty());
    const QString question = m_conversation.turns.last().question; // a copy: the turn goes
    editLast(question);
}

void ChatSession::editLast(const QString& question) {
    LATHE_EXPECT(!isBusy() && !m_voices.isEmpty() && !m_conversation.turns.isEmpty());
    m_conversation.turns.removeLast();
    begin(question);
}

void ChatSession::begin(const QString& question) {
    m_cleared.reset();
    ChatTurn turn{question, {}};
    for (const ChatVoice& voice : m_voices) {
        ChatAnswer answer;
        answer.voice = voice;
        turn.answers.append(std::move(answer));
    }
    m_conversation.turns.append(std::move(turn));
    ChatWorker::Request request = makeRequest(ChatWorker::Aim::Answer, m_conversation);
    m_lastAnswers = m_answering = request.number;
    submit(std::move(request));
    Q_EMIT conversationChanged();
    Q_EMIT busyChanged(true);
}

ChatWorker::Request ChatSession::makeRequest(ChatWorker::Aim aim, const ChatConversation& conversation) {
    if (m_stop.stop_requested())
        m_stop = std::stop_source();
    ChatWorker::Request request;
    request.number = ++m_number;
    request.aim = aim;
    request.promptForm = m_options.text("prompt_form");
    request.options = generationOptions(m_options);
    request.stop = m_stop;
    const QString system = toQString(m_options.text("system"));
    for (const ChatVoice& voice : m_voices)
        request.voices.push_back({filesOf(voice), conversation.messages(voice, system)});
    return request;
}

void ChatSession::submit(ChatWorker::Request request) {
    ++m_open;
    m_worker.submit(std::move(request));
    m_tick.start();
}

void ChatSession::stop() {
    if (!isBusy())
        return;
    m_stop.request_stop();
    takeReports(); // what has been said by now
    if (isBusy())
        finish();
}

/// What has no answer yet gets none: a worker that was stopped before it began reports only its end.
void ChatSession::finish() {
    for (qsizetype i = 0; i < m_conversation.turns.last().answers.size(); ++i)
        if (ChatAnswer& answer = lastAnswer(static_cast<std::size_t>(i)); !answer.isOver()) {
            answer.state = ChatAnswer::State::Stopped;
            Q_EMIT answerChanged(static_cast<int>(i));
        }
    m_answering = 0;
    Q_EMIT busyChanged(false);
}

void ChatSession::clear() {
    stop();
    if (m_conversation.turns.isEmpty())
        return;
    m_cleared = std::exchange(m_conversation, {});
    forget();
}

void ChatSession::undoClear() {
    if (!m_cleared)
        return;
    stop();
    m_conversation = std::move(*m_cleared);
    m_cleared.reset();
    forget();
}

/// The last turn is another one: what is still said about the one before does not count.
void ChatSession::forget() {
    m_lastAnswers = 0;
    Q_EMIT conversationChanged();
}

void ChatSession::release() {
    stop();
    m_stop.request_stop();
    m_hasChatTemplate.reset();
    m_worker.keep({});
}

void ChatSession::requestPrompt(const QString& question) {
    if (m_voices.isEmpty())
        return;
    ChatConversation asked = m_conversation;
    if (!question.isEmpty() || asked.turns.isEmpty())
        asked.turns.append({question, {}});
    ChatWorker::Request request = makeRequest(ChatWorker::Aim::TellPrompt, asked);
    request.voices.erase(request.voices.begin(), request.voices.end() - 1);
    m_prompting = request.number;
    submit(std::move(request));
}

void ChatSession::requestMergeCheck(int voice) {
    LATHE_EXPECT(voice >= 0 && voice < m_voices.size());
    ChatWorker::Request request = makeRequest(ChatWorker::Aim::CheckMerge, {});
    request.voices = {request.voices[static_cast<std::size_t>(voice)]};
    m_merging = request.number;
    m_mergingVoice = voice;
    submit(std::move(request));
}

QByteArray ChatSession::toJson() const {
    return chatToJson(m_conversation, toQString(m_options.text("system")), m_voices);
}

Status ChatSession::load(const QByteArray& json) {
    LATHE_ASSIGN(LoadedChat loaded, chatFromJson(json, m_voices));
    stop();
    if (!m_conversation.turns.isEmpty())
        m_cleared = std::move(m_conversation);
    m_conversation = std::move(loaded.conversation);
    m_options.set("system", loaded.system.toStdString());
    forget();
    Q_EMIT systemChanged(loaded.system);
    return ok();
}

void ChatSession::takeReports() {
    // A slot may call stop(), which comes back here: what is left is taken there, in its order.
    for (ChatWorker::Report& report : m_worker.take())
        m_reports.push_back(std::move(report));
    while (!m_reports.empty()) {
        const ChatWorker::Report report = std::move(m_reports.front());
        m_reports.pop_front();
        take(report);
    }
    if (m_open == 0)
        m_tick.stop();
}

void ChatSession::take(const ChatWorker::Report& report) {
    using Kind = ChatWorker::Report::Kind;
    if (report.kind == Kind::Over) {
        --m_open;
        if (report.number == m_preparing)
            m_preparing = 0;
        if (report.number == m_answering)
            finish();
        return;
    }
    if (report.kind == Kind::Ready && report.number > m_voicesSince) {
        const bool isNews = !m_hasChatTemplate;
        if (report.voice == 0)
            m_hasChatTemplate = report.hasChatTemplate;
        m_defaults = report.defaults;
        if (isNews && m_hasChatTemplate)
            Q_EMIT modelReady();
    }
    if (report.number == m_lastAnswers)
        takeAnswer(report);
    else if (report.number == m_prompting && report.kind == Kind::Prompt)
        Q_EMIT promptReady(toQString(report.text));
    else if (report.number == m_merging && report.kind == Kind::Merge)
        Q_EMIT mergeChecked(m_mergingVoice, report.merge);
    else if (report.number == m_merging && report.kind == Kind::Failed)
        Q_EMIT mergeRefused(m_mergingVoice, toQString(report.text));
    else if (report.kind == Kind::Failed && report.number > m_voicesSince)
        Q_EMIT failed(toQString(report.text));
}

/// After stop() only the figures of what was made still come.
void ChatSession::takeAnswer(const ChatWorker::Report& report) {
    using Kind = ChatWorker::Report::Kind;
    ChatAnswer& answer = lastAnswer(report.voice);
    const int voice = static_cast<int>(report.voice);
    const bool isStopped = answer.state == ChatAnswer::State::Stopped;
    if (report.kind == Kind::Made) {
        answer.end = report.made.end;
        answer.tokens = report.made.tokens;
        answer.seconds = report.made.seconds;
        if (!isStopped)
            answer.state = report.made.end == GeneratedText::End::Stopped ? ChatAnswer::State::Stopped
                                                                          : ChatAnswer::State::Done;
    } else if (isStopped) {
        return;
    } else if (report.kind == Kind::Loading) {
        answer.state = ChatAnswer::State::Loading;
    } else if (report.kind == Kind::Ready) {
        answer.state = ChatAnswer::State::Writing;
    } else if (report.kind == Kind::Failed) {
        answer.state = ChatAnswer::State::Failed;
        answer.problem = toQString(report.text);
    } else if (report.kind == Kind::Piece) {
        const QString piece = toQString(report.text);
        answer.text += piece;
        Q_EMIT textArrived(voice, piece);
        return;
    }
    Q_EMIT answerChanged(voice);
}

ChatAnswer& ChatSession::lastAnswer(std::size_t voice) {
    QVector<ChatAnswer>& answers = m_conversation.turns.last().answers;
    LATHE_EXPECT(static_cast<qsizetype>(voice) < answers.size());
    return answers[static_cast<qsizetype>(voice)];
}

} // namespace lathe
