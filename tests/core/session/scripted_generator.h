#pragma once

#include "core/tasks/text_generator.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lathe::test {

/// What scripted generators share with the test that plays with them; may be used from every thread.
class Script {
public:
    // Set before the first question.
    std::vector<std::string> pieces{"One", " two", " three"};
    bool hasChatTemplate = true;
    bool isEndless = false; ///< says its pieces again and again until it is stopped
    std::string openProblem, answerProblem, badAdapter, mergeProblem;

    std::atomic<int> opened = 0, alive = 0;

    struct Call {
        std::string adapter, prompt; ///< adapter: as nameOf() has it
        GenerationOptions options;
    };
    /// "one=0.5+two merged"; empty: none.
    static std::string nameOf(const AdapterMix& mix) {
        std::string name;
        for (const AdapterChoice& each : mix.adapters) {
            name += (name.empty() ? "" : "+") + each.folder.string();
            if (each.strength != 1)
                name += "=" + std::to_string(each.strength).substr(0, 4);
        }
        return name + (mix.isMerged ? " merged" : "");
    }
    [[nodiscard]] std::vector<Call> calls() const {
        const std::lock_guard lock(m_mutex);
        return m_calls;
    }
    void note(Call call) {
        const std::lock_guard lock(m_mutex);
        m_calls.push_back(std::move(call));
    }
    /// Holds every generator before its next piece, or before it is opened, until it is let go.
    void hold(bool isHeld) {
        const std::lock_guard lock(m_mutex);
        m_isHeld = isHeld;
        m_changed.notify_all();
    }
    void waitWhileHeld(const std::stop_token& stop) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, stop, [this] { return !m_isHeld; });
    }

private:
    mutable std::mutex m_mutex; // guards the rest
    std::condition_variable_any m_changed;
    std::vector<Call> m_calls;
    bool m_isHeld = false;
};

/// Answers with the script's pieces. A conversation is shown as "role: text|role: text".
class ScriptedGenerator final : public TextGenerator {
public:
    // shared: a generator may end after the test that made the script
    ScriptedGenerator(std::shared_ptr<Script> script, std::string model)
        : m_script(std::move(script)), m_model(std::move(model)) {
        ++m_script->alive;
    }
    ~ScriptedGenerator() override { --m_script->alive; }

    Result<std::string> prompt(const std::vector<ChatMessage>& messages) const override {
        std::string text;
        for (const ChatMessage& message : messages)
            text += (text.empty() ? "" : "|") + message.role + ": " + message.content;
        return text;
    }
    bool hasChatTemplate() const override { return m_script->hasChatTemplate; }
    Result<GeneratedText> generate(std::string_view prompt, const GenerationOptions& options,
                                   const std::function<void(std::string_view)>& onPiece,
                                   std::stop_token stop) override {
        m_script->note({m_adapter, std::string(prompt), options});
        if (!m_script->answerProblem.empty())
            return inputError("prompt", m_script->answerProblem);
        GeneratedText made;
        made.end = GeneratedText::End::EndToken;
        made.seconds = 0.5;
        do {
            for (const std::string& piece : m_script->pieces) {
                m_script->waitWhileHeld(stop);
                if (stop.stop_requested()) {
                    made.end = GeneratedText::End::Stopped;
                    return made;
                }
                const std::string said = made.text.empty() && !m_adapter.empty() ? "Tuned: " + piece : piece;
                made.text += said;
                made.tokens += 1;
                onPiece(said);
                if (m_script->isEndless)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // its work
            }
        } while (m_script->isEndless);
        return made;
    }
    Status setAdapters(const AdapterMix& mix) override {
        for (const AdapterChoice& each : mix.adapters)
            if (each.folder == m_script->badAdapter)
                return inputError(m_model, "has an adapter, " + each.folder.string() + ", that does not fit");
        m_adapter = Script::nameOf(mix);
        return ok();
    }
    Result<MergeCheck> checkMerge() override {
        if (!m_script->mergeProblem.empty())
            return inputError(m_adapter, m_script->mergeProblem);
        return MergeCheck{2.5e-7, true, "a row"};
    }
    GenerationOptions defaults() const override {
        GenerationOptions options;
        options.temperature = 0.7;
        return options;
    }

private:
    std::shared_ptr<Script> m_script;
    std::string m_model, m_adapter;
};

inline OpenTextGenerator scripted(const std::shared_ptr<Script>& script) {
    return [script](const std::filesystem::path& model,
                    const AdapterMix& mix) -> Result<std::unique_ptr<TextGenerator>> {
        script->waitWhileHeld({});
        if (!script->openProblem.empty())
            return inputError(model.string(), script->openProblem);
        ++script->opened;
        auto opened = std::make_unique<ScriptedGenerator>(script, model.string());
        LATHE_TRY(opened->setAdapters(mix));
        return std::unique_ptr<TextGenerator>(std::move(opened));
    };
}

} // namespace lathe::test
