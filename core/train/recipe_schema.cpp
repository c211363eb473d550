#include "core/adapter/adapter_method.h"
#include "core/train/make_task.h"
#include "core/train/recipe.h"
#include "core/train/recipe_parts.h"

#include <algorithm>

namespace lathe {

namespace {

void addModelPart(ParamSchema& schema) {
    using Text = TextDomain;
    schema.push_back({"model",
                      "model",
                      "Base model",
                      "",
                      "Folder of a Hugging Face model: config.json, model.safetensors, tokenizer.json.",
                      Text{Text::Kind::Folder, false},
                      std::string(),
                      {},
                      false,
                      false});
    schema.push_back({"init",
                      "model",
                      "Start from",
                      "",
                      "The model's trained weights, or untrained ones of the same architecture.",
                      ChoiceDomain{{"pretrained", "random"}, {"Trained weights", "Untrained weights"}},
                      std::string("pretrained"),
                      {},
                      true,
                      false});
    schema.push_back({"precision",
                      "model",
                      "Precision",
                      "",
                      "Number format of the base model while training; adapters and optimiser are always "
                      "kept in float32. Mixed: "
                      "weights and products in bfloat16, everything between them in float32; for LoRA on the "
                      "CPU, and the fastest "
                      "where the processor multiplies bfloat16.",
                      ChoiceDomain{{"float32", "bfloat16", "mixed"}, {"float32", "bfloat16", "Mixed"}},
                      std::string("float32"),
                      {},
                      true,
                      true});
    schema.push_back(
        {"quantization",
         "model",
         "Quantisation",
         "",
         "Keeps the projections of the base in 4 or 8 bits, as bitsandbytes does, and unpacks them for each "
         "use: less memory, slower steps. Adapters train over it; not for training all weights. None leaves "
         "a model as its files hold it.",
         ChoiceDomain{{"none", "nf4", "int8"}, {"None", "NF4 (4 bits)", "int8 (8 bits)"}},
         std::string("none"),
         {},
         true,
         true});
    schema.push_back(
        {"quantize_tokens",
         "model",
         "Quantise tokens",
         "",
         "Beside quantised projections, keeps the table of tokens, and a head that is not tied to "
         "it, in 8 bits with one scale a row: a small model with a large vocabulary then takes "
         "much less memory. Not for adapters of the table or the head.",
         ChoiceDomain{{"none", "int8"}, {"None", "int8 (8 bits)"}},
         std::string("none"),
         {},
         true,
         false});
    schema.push_back({"device",
                      "model",
                      "Device",
                      "",
                      "Where to train; auto takes a CUDA device if there is one.",
                      ChoiceDomain{{"auto", "cpu", "cuda"}, {"Automatic", "CPU", "CUDA"}},
                      std::string("auto"),
                      {},
                      true,
                      false});
    schema.push_back({"threads",
                      "model",
                      "Threads",
                      "",
                      "Processor threads for tensor work; 0 takes one for each core.",
                      IntDomain{0, 1024},
                      std::int64_t{0},
                      {},
                      true,
                      false});
    schema.push_back(
        {"pack_trials",
         "model",
         "Trials together",
         "",
         "Whether trials that run at the same time share one base and take their steps together. "
         "Automatic measures which is faster. Each result is what the trial gets by itself. For "
         "LoRA on the CPU, without DoRA and starts from the weights.",
         ChoiceDomain{{"auto", "never", "always"}, {"Automatic", "Never", "Always"}},
         std::string("never"),
         {},
         true,
         false});
}

/// An option of a method; one that another method has too becomes active for both.
void addMethodOption(ParamSchema& schema, ParamSpec option, const std::string& method) {
    const auto known = std::ranges::find(schema, option.key, &ParamSpec::key);
    if (known == schema.end()) {
        option.activeIf.terms.push_back({"method", {method}});
        schema.push_back(std::move(option));
        return;
    }
    LATHE_EXPECT(known->domain == option.domain && known->fallback == option.fallback &&
                 known->activeIf.terms.size() == option.activeIf.terms.size() + 1);
    known->activeIf.terms.back().anyOf.push_back(method);
}

void addAdapterPart(ParamSchema& schema) {
    schema.push_back({"method",
                      "adapter",
                      "Method",
                      "",
                      "What is trained: a small adapter beside frozen weights, or everything.",
                      choiceOf(adapterMethods().list()),
                      std::string("lora"),
                      {},
                      false,
                      true});
    schema.push_back(
        {"match_parameters",
         "adapter",
         "Match parameters to",
         "parameters",
         "Sets the method's size (rank, bottleneck, virtual tokens, …) so that its number of "
         "trained parameters comes nearest to this, for fair comparisons; 0 leaves the size alone.",
         IntDomain{0, std::int64_t{1} << 40, 1, false},
         std::int64_t{0},
         {},
         true,
         false});
    for (const PartInfo& part : adapterMethods().list()) {
        const auto method = adapterMethods().make(part.id);
        for (const ParamSpec& option : method.value()->options())
            addMethodOption(schema, option, part.id);
    }
}

void addOptimizerPart(ParamSchema& schema) {
    schema.push_back({"learning_rate",
                      "optimizer",
                      "Learning rate",
                      "",
                      "Step size of AdamW. Adapters take about ten times more than full training: try 1e-4 "
                      "to 1e-2; prompt tuning and P-tuning, 0.1 to 1.",
                      RealDomain{0, 10, true, true},
                      1e-3,
                      {},
                      false,
                      true});
    schema.push_back({"batch_size",
                      "optimizer",
                      "Batch size",
                      "rows",
                      "Rows computed at the same time.",
                      IntDomain{1, 65536, 1, true},
                      std::int64_t{16},
                      {},
                      false,
                      true});
    schema.push_back({"gradient_accumulation",
                      "optimizer",
                      "Gradient accumulation",
                      "batches",
                      "Batches summed up before each update.",
                      IntDomain{1, 65536, 1, true},
                      std::int64_t{1},
                      {},
                      true,
                      true});
    schema.push_back({"weight_decay",
                      "optimizer",
                      "Weight decay",
                      "",
                      "Decoupled decay of the matrices.",
                      RealDomain{0, 10},
                      0.0,
                      {},
                      true,
                      true});
    schema.push_back({"beta1",
                      "optimizer",
                      "Beta 1",
                      "",
                      "Decay of AdamW's mean of gradients.",
                      RealDomain{0, 0.99999},
                      0.9,
                      {},
                      true,
                      true});
    schema.push_back({"beta2",
                      "optimizer",
                      "Beta 2",
                      "",
                      "Decay of AdamW's mean of squared gradients.",
                      RealDomain{0, 0.9999999},
                      0.999,
                      {},
                      true,
                      true});
    schema.push_back({"epsilon",
                      "optimizer",
                      "Epsilon",
                      "",
                      "Keeps AdamW's division finite.",
                      RealDomain{0, 1, true, true},
                      1e-8,
                      {},
                      true,
                      false});
    schema.push_back({"max_grad_norm",
                      "optimizer",
                      "Gradient clipping",
                      "",
                      "Largest norm of all gradients; 0 does not clip.",
                      RealDomain{0, 1e6},
                      1.0,
                      {},
                      true,
                      true});
}

void addSchedulePart(ParamSchema& schema) {
    schema.push_back({"max_steps",
                      "schedule",
                      "Steps",
                      "steps",
                      "Optimiser steps; 0 counts epochs instead.",
                      IntDomain{0, 100000000, 1, false},
                      std::int64_t{200},
                      {},
                      false,
                      true});
    schema.push_back({"epochs",
                      "schedule",
                      "Epochs",
                      "",
                      "Passes over the training rows.",
                      RealDomain{0, 100000, false, true},
                      1.0,
                      {{{"max_steps", {"0"}}}},
                      false,
                      true});
    schema.push_back(
        {"schedule",
         "schedule",
         "Schedule",
         "",
         "How the learning rate goes on after the warm-up.",
         ChoiceDomain{{"linear", "cosine", "constant"}, {"Linear to 0", "Cosine to 0", "Constant"}},
         std::string("linear"),
         {},
         false,
         true});
    schema.push_back({"warmup_steps",
                      "schedule",
                      "Warm-up",
                      "steps",
                      "Steps over which the learning rate rises from 0.",
                      IntDomain{0, 10000000},
                      std::int64_t{10},
                      {},
                      true,
                      true});
}

void addEvaluationPart(ParamSchema& schema) {
    schema.push_back({"eval_every",
                      "evaluation",
                      "Evaluate every",
                      "steps",
                      "0 evaluates only before and after.",
                      IntDomain{0, 100000000},
                      std::int64_t{50},
                      {},
                      false,
                      false});
    schema.push_back({"eval_rows",
                      "evaluation",
                      "Evaluation rows",
                      "rows",
                      "Evaluate on the first of them only; 0 takes all.",
                      IntDomain{0, 100000000},
                      std::int64_t{0},
                      {},
                      true,
                      false});
    schema.push_back({"keep_best",
                      "evaluation",
                      "Keep the best",
                      "",
                      "When training is over, go back to the state with the best evaluation: by the task's "
                      "own measure, among equals by the lower loss, then the earlier one.",
                      BoolDomain{},
                      false,
                      {},
                      true,
                      false});
    schema.push_back({"sample_every",
                      "evaluation",
                      "Samples every",
                      "steps",
                      "Let the model answer three fixed prompts; 0 never does.",
                      IntDomain{0, 100000000},
                      std::int64_t{50},
                      {},
                      true,
                      false});
    schema.push_back({"checkpoint_every",
                      "resources",
                      "Checkpoint every",
                      "steps",
                      "What a crash can cost; 0 saves only when the run stops.",
                      IntDomain{0, 100000000},
                      std::int64_t{50},
                      {},
                      true,
                      false});
}

void addResourcePart(ParamSchema& schema) {
    schema.push_back({"recompute",
                      "resources",
                      "Less memory",
                      "",
                      "Keep only what each layer reads and compute the layer again in the backward pass: the "
                      "same numbers in a fraction of the memory, about a third slower.",
                      BoolDomain{},
                      false,
                      {},
                      true,
                      false});
    schema.push_back(
        {"prefix_cache",
         "resources",
         "Keep activations",
         "",
         "Where all that is trained sits in upper layers, what the layers below make of each row "
         "is computed once and kept for later epochs. On the CPU.",
         ChoiceDomain{{"auto", "off"}, {"Automatic", "Off"}},
         std::string("auto"),
         {},
         true,
         false});
    const Condition isKept{{{"prefix_cache", {"auto"}}}};
    schema.push_back({"prefix_cache_memory", "resources", "Activations in memory", "MB",
                      "Where they take more, they are kept on the disk.", IntDomain{0, 100000000, 1, false},
                      std::int64_t{1024}, isKept, true, false});
    schema.push_back(
        {"prefix_cache_disk", "resources", "Activations on the disk", "MB",
         "What those of all data may take together in the cache folder; the ones used longest ago "
         "are removed. 0 keeps none there.",
         IntDomain{0, 100000000, 1, false}, std::int64_t{8192}, isKept, true, false});
}

} // namespace

const ParamSchema& recipeSchema() {
    static const ParamSchema schema = [] {
        ParamSchema all;
        addModelPart(all);
        addAdapterPart(all);
        addDataPart(all);
        addOptimizerPart(all);
        addSchedulePart(all);
        addEvaluationPart(all);
        addResourcePart(all);
        return all;
    }();
    return schema;
}

} // namespace lathe
