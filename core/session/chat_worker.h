#pragma once

#include "core/tasks/text_generator.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lathe {

/// The thread that loads models and lets them answer, one request after the other. Its owner takes what it
/// reports. Loaded models are kept until they are no longer wanted.
class ChatWorker {
public:
    struct Files {
        std::filesystem::path model;
        AdapterMix mix;
    };
    struct Voice {
        Files files;
        std::vector<ChatMessage> messages;
    };
    enum class Aim { Load, TellPrompt, CheckMerge, Answer };
    struct Request {
        std::uint64_t number = 0;
        Aim aim = Aim::Answer;
        std::vector<Voice> voices; ///< answer in this order
        std::string promptForm;
        GenerationOptions options;
        std::stop_source stop;
    };
    struct Report {
        enum class Kind {
            Loading,
            Ready, ///< loaded: hasChatTemplate, options
            Prompt,
            Merge, ///< merge
            Piece,
            Made,
            Failed, ///< this voice; the others go on
            Over    ///< the whole request
        };
        std::uint64_t number = 0;
        std::size_t voice = 0;
        Kind kind = Kind::Over;
        std::string text; ///< prompt, piece or problem
        GeneratedText made;
        bool hasChatTemplate = false;
        GenerationOptions defaults;
        MergeCheck merge;
    };

    explicit ChatWorker(OpenTextGenerator open);
    /// Stops what is going on and waits for it: one token, or until a model is loaded.
    ~ChatWorker();

    void submit(Request request);
    /// Lets go of all models but these, as soon as what is going on has ended.
    void keep(std::vector<std::filesystem::path> wanted);
    /// What was reported since the last call; pieces of one voice in a row come as one.
    [[nodiscard]] std::vector<Report> take();

private:
    struct Loaded {
        std::filesystem::path model; ///< voices of one model share it and change its adapters
        std::unique_ptr<TextGenerator> generator;
    };

    void run(std::stop_token stop);
    void serve(Request& request);
    [[nodiscard]] Status serveVoice(Request& request, std::size_t voice);
    [[nodiscard]] Result<TextGenerator*> generatorFor(const Request& request, std::size_t voice);
    void letGo(const std::vector<std::filesystem::path>& wanted);
    void post(Report report);

    const OpenTextGenerator m_open;
    std::vector<Loaded> m_loaded; ///< the thread's
    std::mutex m_mutex;           ///< guards what follows, up to the thread
    std::condition_variable_any m_wake;
    std::deque<Request> m_waiting;
    std::stop_source m_running;
    std::vector<std::filesystem::path> m_wanted;
    bool m_wasKeepAsked = false;
    std::vector<Report> m_reports;
    std::jthread m_thread;
};

} // namespace lathe
