#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"
#include "core/tasks/text_generator.h"

#include <QByteArray>
#include <QString>
#include <QVector>

namespace lathe {

/// An adapter of a voice, as the user has set it.
struct ChatAdapter {
    QString name; ///< as it is shown
    QString folder;
    double strength = 1; ///< 1: as trained
    bool isOn = true;    ///< off: it keeps its place and its strength
    bool operator==(const ChatAdapter&) const = default;
};

/// Who answers: a base model, alone or with adapters.
struct ChatVoice {
    QString name; ///< as it is shown
    QString model;
    QVector<ChatAdapter> adapters; ///< the first is nearest to the base
    bool isMerged = false;         ///< they are folded into the base's weights

    /// The adapters that count, in their order.
    [[nodiscard]] AdapterMix mix() const;
    /// Whether both answer alike, whatever they are called.
    [[nodiscard]] bool isSame(const ChatVoice& other) const {
        return model == other.model && mix() == other.mix();
    }
    /// Whether the same files are needed for both: they differ at most in how much of each adapter counts.
    [[nodiscard]] bool hasFilesOf(const ChatVoice& other) const;
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

    /// The voice's own answer; where it was not asked as it is now, that of the voice nearest to it: with an
    /// adapter in common, or without adapters as well, else the first there is; null: nobody answered. What
    /// is read here is what the voice reads of its past.
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
