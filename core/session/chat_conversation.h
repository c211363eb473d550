#pragma once

#include "core/base/result.h"
#include "core/tasks/text_generator.h"

#include <QByteArray>
#include <QString>
#include <QVector>

namespace lathe {

/// Who answers: a base model, or one with an adapter.
struct ChatVoice {
    QString name; ///< as it is shown
    QString model;
    QString adapter; ///< folder; empty: none

    /// Whether both are the same model with the same adapter, whatever they are called.
    [[nodiscard]] bool isSame(const ChatVoice& other) const {
        return model == other.model && adapter == other.adapter;
    }
};

/// What a voice said to one question.
struct ChatAnswer {
    enum class State { Waiting, Loading, Writing, Done, Stopped, Failed };
    ChatVoice voice;
    QString text;
    State state = State::Waiting;
    QString problem; ///< why it failed
    GeneratedText::End end = GeneratedText::End::Length;
    std::int64_t tokens = 0;
    double seconds = 0; ///< that the tokens took; 0: not known

    [[nodiscard]] bool isOver() const { return state >= State::Done; }
};

struct ChatTurn {
    QString question;
    QVector<ChatAnswer> answers; ///< one a voice
};

/// A conversation that one or more voices have had over the same questions. A value.
struct ChatConversation {
    QVector<ChatTurn> turns;

    /// The voice's own answer, or, where it was not asked, the first there is; null: nobody answered. What is
    /// read here is what the voice reads of its past.
    [[nodiscard]] const ChatAnswer* answer(qsizetype turn, const ChatVoice& voice) const;
    /// What the voice is to continue: the system text (empty: none), the turns before the last with their
    /// answers, and the last question. Turns without an answer are left out.
    [[nodiscard]] std::vector<ChatMessage> messages(const ChatVoice& voice, const QString& system) const;
};

/// [{"role", "content"}, …] for one voice; {"sides": [{"name", "messages": […]}, …]} for several.
[[nodiscard]] QByteArray chatToJson(const ChatConversation& conversation, const QString& system,
                                    const QVector<ChatVoice>& voices);

/// A conversation from a file, whose answers are those of `voices`, in the order of the file's sides.
struct LoadedChat {
    QString system;
    ChatConversation conversation;
};
/// Reads both layouts. Input error for anything else, naming what is wrong.
[[nodiscard]] Result<LoadedChat> chatFromJson(const QByteArray& json, const QVector<ChatVoice>& voices);

} // namespace lathe
