#include "core/session/chat_conversation.h"

#include "core/session/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace lathe {

namespace {

const QString kRole = QStringLiteral("role");
const QString kContent = QStringLiteral("content");
const QString kSides = QStringLiteral("sides");
const QString kMessages = QStringLiteral("messages");

QJsonArray messagesOf(const ChatConversation& conversation, const QString& system, const ChatVoice& voice) {
    QJsonArray messages;
    const auto add = [&messages](const char* role, const QString& text) {
        messages.append(QJsonObject{{kRole, QLatin1String(role)}, {kContent, text}});
    };
    if (!system.isEmpty())
        add("system", system);
    for (qsizetype turn = 0; turn < conversation.turns.size(); ++turn) {
        add("user", conversation.turns[turn].question);
        if (const ChatAnswer* answer = conversation.answer(turn, voice))
            add("assistant", answer->text);
    }
    return messages;
}

Error wrongFile(const std::string& what) {
    return inputError("conversation", what + "; expected a list of messages with \"role\" and \"content\"");
}

Error wrongMessage(qsizetype place, const std::string& what) {
    return wrongFile("message " + std::to_string(place + 1) + " " + what);
}

bool isOwn(const ChatVoice& one, const ChatVoice& other) { return one.isSame(other); }

bool isAkin(const ChatVoice& one, const ChatVoice& other) {
    if (one.model != other.model)
        return false;
    if (one.adapters.isEmpty() || other.adapters.isEmpty())
        return one.adapters.isEmpty() == other.adapters.isEmpty();
    return std::ranges::any_of(one.adapters, [&other](const ChatAdapter& adapter) {
        return std::ranges::find(other.adapters, adapter.folder, &ChatAdapter::folder) !=
               other.adapters.end();
    });
}

/// One side's messages into the conversation. The first side brings the questions.
Status readSide(const QJsonArray& messages, const ChatVoice& voice, bool isFirst, LoadedChat& chat) {
    qsizetype turn = -1;
    for (qsizetype i = 0; i < messages.size(); ++i) {
        const QJsonObject message = messages[i].toObject();
        if (!message[kRole].isString() || !message[kContent].isString())
            return wrongMessage(i, "lacks one of them");
        const QString role = message[kRole].toString();
        const QString text = message[kContent].toString();
        if (role == QLatin1String("system")) {
            chat.system = text;
        } else if (role == QLatin1String("user")) {
            ++turn;
            if (isFirst)
                chat.conversation.turns.append({text, {}});
        } else if (role == QLatin1String("assistant")) {
            if (turn < 0 || turn >= chat.conversation.turns.size())
                return wrongMessage(i, "answers no question");
            ChatAnswer answer;
            answer.voice = voice;
            answer.text = text;
            answer.state = ChatAnswer::State::Done;
            answer.end = GeneratedText::End::EndToken;
            chat.conversation.turns[turn].answers.append(std::move(answer));
        } else {
            return wrongMessage(i, "has the role \"" + role.toStdString() +
                                       "\", which is none of system, user and assistant");
        }
    }
    return ok();
}

} // namespace

AdapterMix ChatVoice::mix() const {
    AdapterMix mix;
    for (const ChatAdapter& adapter : adapters)
        if (adapter.isOn && adapter.strength != 0)
            mix.adapters.push_back({toPath(adapter.folder), adapter.strength});
    mix.isMerged = isMerged && !mix.adapters.empty();
    return mix;
}

bool ChatVoice::hasFilesOf(const ChatVoice& other) const {
    const auto folders = [](const ChatVoice& voice) {
        QStringList all;
        for (const ChatAdapter& adapter : voice.adapters)
            all << adapter.folder;
        all.sort();
        return all;
    };
    return model == other.model && folders(*this) == folders(other);
}

const ChatAnswer* ChatConversation::answer(qsizetype turn, const ChatVoice& voice) const {
    const QVector<ChatAnswer>& answers = turns[turn].answers;
    for (const auto isNear : {&isOwn, &isAkin}) {
        const auto found =
            std::ranges::find_if(answers, [&](const ChatAnswer& one) { return isNear(one.voice, voice); });
        if (found != answers.end())
            return &*found;
    }
    return answers.isEmpty() ? nullptr : &answers.front();
}

std::vector<ChatMessage> ChatConversation::messages(const ChatVoice& voice, const QString& system) const {
    std::vector<ChatMessage> messages;
    if (!system.isEmpty())
        messages.push_back({"system", system.toStdString()});
    for (qsizetype turn = 0; turn < turns.size(); ++turn) {
        const bool isLast = turn + 1 == turns.size();
        const ChatAnswer* said = isLast ? nullptr : answer(turn, voice);
        if (!isLast && (said == nullptr || said->text.isEmpty()))
            continue; // two questions in a row are an error to many chat templates
        messages.push_back({"user", turns[turn].question.toStdString()});
        if (said != nullptr)
            messages.push_back({"assistant", said->text.toStdString()});
    }
    return messages;
}

QByteArray chatToJson(const ChatConversation& conversation, const QString& system,
                      const QVector<ChatVoice>& voices) {
    if (voices.size() == 1)
        return QJsonDocument(messagesOf(conversation, system, voices.front())).toJson();
    QJsonArray sides;
    for (const ChatVoice& voice : voices)
        sides.append(QJsonObject{{QStringLiteral("name"), voice.name},
                                 {kMessages, messagesOf(conversation, system, voice)}});
    return QJsonDocument(QJsonObject{{kSides, sides}}).toJson();
}

Result<LoadedChat> chatFromJson(const QByteArray& json, const QVector<ChatVoice>& voices) {
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError)
        return wrongFile("the file is not JSON: " + problem.errorString().toStdString());
    QVector<QJsonArray> sides;
    if (document.isArray())
        sides.append(document.array());
    for (const QJsonValue& side : document.object()[kSides].toArray())
        sides.append(side.toObject()[kMessages].toArray());
    if (sides.isEmpty())
        return wrongFile("the file holds no messages");
    LoadedChat chat;
    for (qsizetype i = 0; i < sides.size() && (i == 0 || i < voices.size()); ++i)
        LATHE_TRY(readSide(sides[i], voices.isEmpty() ? ChatVoice{} : voices[i], i == 0, chat));
    return chat;
}

} // namespace lathe
