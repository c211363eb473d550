#pragma once

#include "core/params/param_schema.h"
#include "core/session/chat_conversation.h"
#include "core/session/chat_worker.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace lathe {

/// A conversation with one or more voices on the GUI thread. The voices answer one after the other on one
/// thread of their own, with the same options and so the same seed; their models are loaded when they are
/// first needed and kept, each once: voices that differ in their adapters share it. What happens is told at
/// most once a frame. None of its functions waits.
class ChatSession : public QObject {
    Q_OBJECT
public:
    explicit ChatSession(OpenTextGenerator open, QObject* parent = nullptr);
    /// Waits until the model lets go: one token, or the end of a load.
    ~ChatSession() override;

    /// Who answers from now on. Stops an answer that is being made, unless the voices differ only in how much
    /// of each adapter counts: that is for the next answer. Lets go of models nobody needs now.
    void setVoices(const QVector<ChatVoice>& voices);
    [[nodiscard]] const QVector<ChatVoice>& voices() const { return m_voices; }
    /// Of chatOptionsSchema(), for the next answer. Contract: they passed validate().
    void setOptions(const ParamValues& options) { m_options = options; }
    [[nodiscard]] const ParamValues& options() const { return m_options; }

    [[nodiscard]] const ChatConversation& conversation() const { return m_conversation; }
    [[nodiscard]] bool isBusy() const { return m_answering != 0; }
    /// Of the first voice's model; nothing: it has not been loaded yet.
    [[nodiscard]] std::optional<bool> hasChatTemplate() const { return m_hasChatTemplate; }
    /// Of the last voice's model; nothing: it has not been loaded yet.
    [[nodiscard]] const std::optional<GenerationOptions>& modelDefaults() const { return m_defaults; }

    /// Loads the voices' models, if they are not loaded; modelReady() or failed() follows where that is news.
    void prepare();
    /// Contract of these three: not busy, and there are voices; of the last two, turns too.
    void ask(const QString& question);
    void regenerate(); ///< the last answers again
    void editLast(const QString& question);
    /// Ends the answers where they are; the texts so far stay.
    void stop();
    void clear();
    [[nodiscard]] bool canUndoClear() const { return m_cleared.has_value(); }
    void undoClear(); ///< of clear() or load(); until the next question
    /// Lets go of the models' memory. The next question loads them again.
    void release();

    /// The prompt the last voice would read, were `question` asked now (empty: the last one's). promptReady()
    /// or failed() follows.
    void requestPrompt(const QString& question);
    /// Folds the voice's adapters into the base, compares, and takes them out again. mergeChecked() or
    /// mergeRefused() follows; only the newest question is answered.
    void requestMergeCheck(int voice);
    [[nodiscard]] QByteArray toJson() const;
    /// In place of the conversation, its system text too; clear() can be undone after it. Input error, and
    /// nothing changed, where it cannot be read.
    [[nodiscard]] Status load(const QByteArray& json);

Q_SIGNALS:
    void conversationChanged();                       ///< turns came or went
    void textArrived(int voice, const QString& text); ///< behind the voice's answer to the last question
    void answerChanged(int voice);                    ///< that answer's state
    void busyChanged(bool isBusy);
    void modelReady(); ///< hasChatTemplate() and modelDefaults() are known
    void promptReady(const QString& prompt);
    void mergeChecked(int voice, const lathe::MergeCheck& check);
    void mergeRefused(int voice, const QString& message);
    void systemChanged(const QString& text); ///< load() brought it
    void failed(const QString& message);     ///< what was asked for besides an answer

private:
    void forgetVoices(bool isSameModel);
    void begin(const QString& question);
    [[nodiscard]] ChatWorker::Request makeRequest(ChatWorker::Aim aim, const ChatConversation& conversation);
    void submit(ChatWorker::Request request);
    void takeReports();
    void take(const ChatWorker::Report& report);
    void takeAnswer(const ChatWorker::Report& report);
    [[nodiscard]] ChatAnswer& lastAnswer(std::size_t voice);
    void finish();
    void forget();

    QVector<ChatVoice> m_voices;
    ParamValues m_options;
    ChatConversation m_conversation;
    std::optional<ChatConversation> m_cleared;
    std::optional<bool> m_hasChatTemplate;
    std::optional<GenerationOptions> m_defaults;
    std::stop_source m_stop;
    std::uint64_t m_number = 0;      ///< of the newest request
    std::uint64_t m_voicesSince = 0; ///< requests up to this one were for other voices
    std::uint64_t m_lastAnswers = 0; ///< the request for the last turn; 0: reports about it do not count
    std::uint64_t m_answering = 0;   ///< the same while it is going on, else 0
    std::uint64_t m_preparing = 0;   ///< the request to load while it is going on, else 0
    std::uint64_t m_prompting = 0;   ///< the newest request for a prompt
    std::uint64_t m_merging = 0;     ///< the newest request to check a merge
    int m_mergingVoice = 0;
    int m_open = 0;                           ///< requests that are not over
    std::deque<ChatWorker::Report> m_reports; ///< taken from the worker, not looked at yet
    QTimer m_tick;
    ChatWorker m_worker;
};

} // namespace lathe
