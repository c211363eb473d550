#include "core/train/answerer.h"
#include "core/train/text_generator.h"

namespace lathe {

namespace {

class GeneratingAnswerer final : public Answerer {
public:
    GeneratingAnswerer(std::unique_ptr<TextGenerator> generator, GenerationOptions options)
        : m_generator(std::move(generator)), m_options(std::move(options)) {}

    Result<std::vector<Result<ModelAnswer>>> answer(std::span<const Question* const> questions,
                                                    std::uint64_t seed, std::stop_token stop) override {
        m_options.seed = seed;
        std::vector<std::string> prompts;
        for (const Question* question : questions)
            prompts.push_back(question->prompt);
        auto made = m_generator->generateAll(prompts, m_options, stop);
        if (made.has_value())
            return answersFrom(*made, stop);
        if (made.error().kind != Error::Kind::Input)
            return made.error();
        return oneByOne(prompts, stop);
    }

private:
    static Error cancelled() { return {Error::Kind::Cancelled, {}, "stopped; it can be resumed"}; }

    static Result<std::vector<Result<ModelAnswer>>> answersFrom(std::vector<GeneratedText>& texts,
                                                                const std::stop_token& stop) {
        std::vector<Result<ModelAnswer>> answers;
        for (GeneratedText& text : texts) {
            if (text.end == GeneratedText::End::Stopped || stop.stop_requested())
                return cancelled();
            ModelAnswer answer;
            answer.text = std::move(text.text);
            answers.emplace_back(std::move(answer));
        }
        return answers;
    }

    /// One of them cannot be asked, too long a prompt say; the others can.
    Result<std::vector<Result<ModelAnswer>>> oneByOne(const std::vector<std::string>& prompts,
                                                      const std::stop_token& stop) {
        std::vector<Result<ModelAnswer>> answers;
        for (const std::string& prompt : prompts) {
            auto made = m_generator->generateAll({prompt}, m_options, stop);
            if (!made.has_value() && made.error().kind != Error::Kind::Input)
                return made.error();
            if (!made.has_value()) {
                answers.emplace_back(made.error());
                continue;
            }
            LATHE_ASSIGN(auto one, answersFrom(*made, stop));
            answers.push_back(std::move(one.front()));
        }
        return answers;
    }

    std::unique_ptr<TextGenerator> m_generator;
    GenerationOptions m_options;
};

} // namespace

Result<std::unique_ptr<Answerer>> makeGeneratingAnswerer(const EvaluationSpec& spec,
                                                         const AnswererOptions& options) {
    LATHE_ASSIGN(auto generator, openTextGenerator(spec.model, spec.adapters, {spec.precision, spec.device}));
    return std::unique_ptr<Answerer>(
        std::make_unique<GeneratingAnswerer>(std::move(generator), options.generation));
}

} // namespace lathe
