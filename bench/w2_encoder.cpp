#include "bench/measuring.h"
#include "bench/printing.h"
#include "bench/token_workload.h"
#include "core/adapter/adapter_method.h"
#include "core/adapter/trained_weights.h"
#include "core/model/load_model.h"
#include "core/train/base_precision.h"
#include "core/train/batch_parts.h"
#include "core/train/threads.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace lathe;
using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
    fs::path model;
    fs::path inputs;
    std::string precision = "float32";
    bool isPadded = false;
    int threads = 2;
    std::size_t warmup = 4;
};

/// Texts with labels in training order, and what the Python side made of them.
struct Inputs {
    std::vector<Example> texts;
    std::vector<std::size_t> rows;     ///< texts of each step
    std::vector<double> learningRates; ///< of each step
    std::vector<double> losses;        ///< of each step, before its update
    std::string targets;
};

template <typename Number>
Result<std::vector<Number>> numbers(const TensorFile& file, const char* name) {
    LATHE_ASSIGN(const at::Tensor stored, file.tensor(name));
    const at::Tensor flat = stored.to(c10::CppTypeToScalarType<Number>::value).flatten().contiguous();
    const Number* begin = flat.const_data_ptr<Number>();
    return std::vector<Number>(begin, begin + flat.numel());
}

Result<Inputs> readInputs(const fs::path& folder) {
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(folder / "texts.safetensors"));
    LATHE_ASSIGN(const auto lengths, numbers<std::int64_t>(file, "lengths"));
    LATHE_ASSIGN(const auto ids, numbers<std::int32_t>(file, "ids"));
    LATHE_ASSIGN(const auto types, numbers<std::int32_t>(file, "types"));
    LATHE_ASSIGN(const auto labels, numbers<std::int32_t>(file, "labels"));
    LATHE_ASSIGN(const auto rows, numbers<std::int64_t>(file, "rows"));
    Inputs inputs;
    inputs.rows.assign(rows.begin(), rows.end());
    LATHE_ASSIGN(inputs.learningRates, numbers<double>(file, "learning_rates"));
    LATHE_ASSIGN(inputs.losses, numbers<double>(file, "losses"));
    const auto targets = file.metadata().find("targets");
    if (targets == file.metadata().end() || inputs.losses.size() != rows.size() ||
        inputs.learningRates.size() != rows.size() || lengths.size() != labels.size())
        return inputError(folder.string(), "is not what bench/peers/write_inputs w2 writes; write it again");
    inputs.targets = targets->second;
    std::ptrdiff_t begin = 0;
    for (std::size_t text = 0; text < lengths.size(); begin += lengths[text++]) {
        Example& example = inputs.texts.emplace_back();
        example.ids.assign(ids.begin() + begin, ids.begin() + begin + lengths[text]);
        example.typeIds.assign(types.begin() + begin, types.begin() + begin + lengths[text]);
        example.labels.assign(example.ids.size(), kIgnoreLabel);
        example.textLabel = labels[text];
    }
    return inputs;
}

/// The encoder with LoRA and a new head, both trained.
struct Trained {
    std::unique_ptr<LanguageModel> model;
    std::unique_ptr<Adapter> adapter; // after the model it is attached to
    std::unique_ptr<FlatAdamW> optimizer;
    std::int64_t threads = 1;
    std::int64_t adapterParameters = 0; ///< without the head
};

Result<Trained> openModel(const Options& options, const Inputs& inputs) {
    Trained trained;
    LoadOptions load;
    const ParamValues recipe{{"precision", options.precision}};
    LATHE_ASSIGN(load.dtype, weightPrecision(recipe));
    load.head = NewHead{};
    LATHE_ASSIGN(trained.model, loadModel(options.model, load));
    const auto lora = makeLoraMethod();
    ParamValues values = defaults(lora->options());
    values.set("rank", std::int64_t{8});
    values.set("alpha", 16.0);
    values.set("target_modules", inputs.targets);
    trained.adapter = lora->attach(*trained.model, values, 0);
    for (const auto& [name, parameter] : trained.adapter->parameters())
        trained.adapterParameters += parameter.numel();
    trained.adapter->trainAlso(headWeights(trained.model->summary()));
    LATHE_TRY(setPrecision(*trained.model, recipe));
    LATHE_TRY(bench::setStart(*trained.adapter, options.inputs / "adapter_init.safetensors"));
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true; // as the Python side, whose one group decays the head's bias too
    trained.optimizer = std::make_unique<FlatAdamW>(trained.adapter->parameters(), settings);
    if (lora->readsPartsApart(values) && readsPartsAlike(*trained.model))
        trained.threads = at::get_num_threads();
    return trained;
}

/// The same computation with all rows filled up to the longest, as the Python side has them. The program
/// itself leaves the padding out.
double paddedStep(LanguageModel& model, const StepTurn& turn) {
    const Batch& batch = turn.microBatches.front();
    turn.adapter->beginStep(turn.step);
    turn.optimizer->zeroGradients();
    const DeviceBatch onDevice = toDevice(batch, model.device(), BatchLayout::Padded);
    const at::Tensor logits = labelledLogits(model, onDevice);
    const at::Tensor loss = lossesOf(logits, onDevice.due(), at::Reduction::Mean);
    loss.backward();
    StepSums sums;
    sums.add(loss);
    sums.tokens = onDevice.tokens;
    return finishStep(turn, std::move(sums)).loss;
}

/// What was read in the timed steps.
struct Work {
    double real = 0;   ///< tokens
    double padded = 0; ///< tokens and padding
    double flops = 0;  ///< model FLOPs of the real tokens alone

    void add(const Batch& batch, const Trained& trained) {
        double squares = 0;
        for (std::size_t row = 0; row < batch.rows; ++row) {
            const auto length = static_cast<double>(realTokensOf(batch, row));
            squares += length * length;
        }
        const auto tokens = static_cast<double>(batch.realTokens);
        real += tokens;
        padded += static_cast<double>(batch.rows * batch.length);
        flops += bench::loraStepFlops(trained.model->summary(), trained.adapterParameters, tokens, squares);
    }
};

/// Collates the texts of each step and trains on them: both are timed, as on the Python side.
class Training {
public:
    Training(const Inputs& inputs, const Trained& trained, bool isPadded)
        : m_inputs(inputs), m_trained(trained), m_isPadded(isPadded) {}

    /// Returns the loss before the update. `work`: where what was read is added up, if given.
    double step(std::size_t number, Work* work) {
        std::vector<const Example*> texts;
        for (std::size_t i = 0; i < m_inputs.rows[number]; ++i)
            texts.push_back(&m_inputs.texts[m_begin++]);
        const Batch batch = makeBatch(texts, 0);
        if (work != nullptr)
            work->add(batch, m_trained);
        StepTurn turn{m_trained.adapter.get(),           m_trained.optimizer.get(),      std::span(&batch, 1),
                      static_cast<std::int64_t>(number), m_inputs.learningRates[number], 0};
        turn.threads = m_trained.threads;
        return m_isPadded ? paddedStep(*m_trained.model, turn) : trainingStep(*m_trained.model, turn).loss;
    }

private:
    const Inputs& m_inputs;
    const Trained& m_trained;
    bool m_isPadded;
    std::size_t m_begin = 0; // of the next step's texts
};

Result<json> measure(const Options& options) {
    const KeptMemory memory; // as a run of the program has it
    useThreads(options.threads);
    LATHE_ASSIGN(const Inputs inputs, readInputs(options.inputs));
    if (inputs.rows.size() <= options.warmup)
        return inputError("warmup", "leaves none of the " + std::to_string(inputs.rows.size()) + " steps");
    LATHE_ASSIGN(const Trained trained, openModel(options, inputs));
    Training training(inputs, trained, options.isPadded);
    Work work;
    const bench::TimedSteps measured =
        bench::timeSteps(options.warmup, inputs.rows.size() - options.warmup, [&](std::size_t number) {
            return training.step(number, number < options.warmup ? nullptr : &work);
        });
    const double seconds = measured.total() / 1e3;
    return json{{"benchmark", "w2_encoder"},
                {"dtype", options.precision},
                {"layout", options.isPadded ? "padded" : "side by side"},
                {"threads", at::get_num_threads()},
                {"instruction_set", at::get_cpu_capability()},
                {"timed_steps", measured.milliseconds.size()},
                {"ms_per_step_mean", 1e3 * seconds / static_cast<double>(measured.milliseconds.size())},
                {"tokens_per_s", work.padded / seconds},
                {"useful_tokens_per_s", work.real / seconds},
                {"useful_share", work.real / work.padded},
                {"useful_flop_per_token", work.flops / work.real},
                {"useful_gflop_per_s", work.flops / seconds / 1e9},
                {"losses", measured.losses},
                {"max_relative_difference", bench::largestDifference(measured.losses, inputs.losses)},
                {"peak_rss_mb", bench::peakMegabytes()}};
}

} // namespace

/// Prints one JSON object, as the Python side does.
int main(int argc, char** argv) {
    Options options;
    CLI::App app("W2: LoRA and a classification head on a BERT model, 32 pairs of sentences a step");
    app.add_option("--model", options.model, "Folder of the encoder")->required();
    app.add_option("--inputs", options.inputs, "Folder that bench/peers/write_inputs w2 has written")
        ->required();
    app.add_option("--precision", options.precision, "As a recipe's: float32, bfloat16 or mixed");
    app.add_flag("--padded", options.isPadded, "Fill the rows up, in place of leaving the padding out");
    app.add_option("--threads", options.threads, "Threads of the tensor library")->check(CLI::Range(1, 256));
    app.add_option("--warmup", options.warmup, "Steps before the timed ones");
    CLI11_PARSE(app, argc, argv);
    return bench::printed(measure(options));
}
